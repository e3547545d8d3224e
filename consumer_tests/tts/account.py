"""The account: voices in the form of version 1, models, subscription and history."""

from __future__ import annotations

from consumer_tests.contract import expected_error, get, ok, provider_state
from consumer_tests.tts import INVALID_API_KEY, business_error, contract
from consumer_tests.tts.voices import VOICE
from orchestrator.vendors.errors import AccessDenied, NotFound, VendorUnavailable
from orchestrator.vendors.tts.models import HistoryPage, Model, Subscription, Voice, VoiceList

VOICE_STATE = provider_state("a voice", voice_id="concierge")
HISTORY_STATE = provider_state("a text was spoken", voice_id="concierge", text="Good evening.")
MODEL = {
    "model_id": "eleven_flash_v2_5",
    "maximum_text_length_per_request": 40000,
    "can_do_text_to_speech": True,
}
SUBSCRIPTION = {"tier": "creator", "character_count": 0, "character_limit": 100000, "status": "active"}
HISTORY_ITEM = {"history_item_id": "item-000001", "date_unix": 1795447150, "character_count_change_to": 13}

contract.add_interaction(
    "all voices",
    given=VOICE_STATE,
    invoke=lambda tts: tts.list_voices_v1(),
    request=get("/v1/voices"),
    response=ok(VoiceList, {"voices": [VOICE]}),
)
contract.add_interaction(
    "a voice",
    given=VOICE_STATE,
    invoke=lambda tts: tts.get_voice("concierge"),
    request=get("/v1/voices/concierge"),
    response=ok(Voice, VOICE),
)
contract.add_interaction(
    "a voice that does not exist",
    given=provider_state("no voice", voice_id="concierge"),
    invoke=lambda tts: tts.get_voice("concierge"),
    request=get("/v1/voices/concierge"),
    response=business_error(404, "voice_not_found"),
    raises=expected_error(NotFound, code="voice_not_found"),
)
contract.add_interaction(
    "the models",
    invoke=lambda tts: tts.list_models(),
    request=get("/v1/models"),
    response=ok(list[Model], [MODEL]),
)
contract.add_interaction(
    "the plan",
    invoke=lambda tts: tts.get_subscription(),
    request=get("/v1/user/subscription"),
    response=ok(Subscription, SUBSCRIPTION),
)
contract.add_interaction(
    "the plan with a wrong key",
    credential=INVALID_API_KEY,
    invoke=lambda tts: tts.get_subscription(),
    request=get("/v1/user/subscription"),
    response=business_error(401, "invalid_api_key"),
    raises=expected_error(AccessDenied, code="invalid_api_key"),
)
contract.add_interaction(
    "the plan while the vendor is down",
    given=provider_state("the vendor is down"),
    invoke=lambda tts: tts.get_subscription(),
    request=get("/v1/user/subscription"),
    response=business_error(503, "internal_error"),
    raises=expected_error(VendorUnavailable, status=503),
)
contract.add_interaction(
    "what was spoken",
    given=HISTORY_STATE.providing(history_item_id="item-000001"),
    invoke=lambda tts: tts.list_history(),
    request=get("/v1/history", {"page_size": "100"}),
    response=ok(
        HistoryPage, {"history": [HISTORY_ITEM], "has_more": False, "last_history_item_id": "item-000001"}
    ),
)
contract.add_interaction(
    "what was spoken before",
    given=(HISTORY_STATE, HISTORY_STATE.providing(history_item_id="item-000002")),
    invoke=lambda tts: tts.list_history(page_size=1, after="item-000002"),
    request=get("/v1/history", {"page_size": "1", "start_after_history_item_id": "item-000002"}),
    response=ok(
        HistoryPage, {"history": [HISTORY_ITEM], "has_more": False, "last_history_item_id": "item-000001"}
    ),
)
