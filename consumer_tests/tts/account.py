"""The account: voices in the older form, models, what is left, and what was spoken."""

from __future__ import annotations

from consumer_tests.contract import failure, get, ok, state
from consumer_tests.tts import REFUSED_KEY, business_error, contract
from consumer_tests.tts.voices import VOICE
from orchestrator.vendors.errors import NotFound, Unauthorised, VendorUnavailable
from orchestrator.vendors.tts.models import HistoryPage, Model, Subscription, Voice, VoiceList

CONCIERGE = state("a voice", voice_id="concierge")
SPOKEN = state("a text was spoken", voice_id="concierge", text="Good evening.")
MODEL = {
    "model_id": "eleven_flash_v2_5",
    "maximum_text_length_per_request": 40000,
    "can_do_text_to_speech": True,
}
PLAN = {"tier": "creator", "character_count": 0, "character_limit": 100000, "status": "active"}
ITEM = {"history_item_id": "item-000001", "date_unix": 1795447150, "character_count_change_to": 13}

contract.expect(
    "all voices",
    given=CONCIERGE,
    call=lambda tts: tts.all_voices(),
    request=get("/v1/voices"),
    response=ok(VoiceList, {"voices": [VOICE]}),
)
contract.expect(
    "a voice",
    given=CONCIERGE,
    call=lambda tts: tts.voice("concierge"),
    request=get("/v1/voices/concierge"),
    response=ok(Voice, VOICE),
)
contract.expect(
    "a voice that does not exist",
    given=state("no voice", voice_id="concierge"),
    call=lambda tts: tts.voice("concierge"),
    request=get("/v1/voices/concierge"),
    response=business_error(404, "voice_not_found"),
    raises=failure(NotFound, code="voice_not_found"),
)
contract.expect(
    "the models",
    call=lambda tts: tts.models(),
    request=get("/v1/models"),
    response=ok(list[Model], [MODEL]),
)
contract.expect(
    "the plan",
    call=lambda tts: tts.subscription(),
    request=get("/v1/user/subscription"),
    response=ok(Subscription, PLAN),
)
contract.expect(
    "the plan with a wrong key",
    credential=REFUSED_KEY,
    call=lambda tts: tts.subscription(),
    request=get("/v1/user/subscription"),
    response=business_error(401, "invalid_api_key"),
    raises=failure(Unauthorised, code="invalid_api_key"),
)
contract.expect(
    "the plan while the vendor is down",
    given=state("the vendor is down"),
    call=lambda tts: tts.subscription(),
    request=get("/v1/user/subscription"),
    response=business_error(503, "internal_error"),
    raises=failure(VendorUnavailable, status=503),
)
contract.expect(
    "what was spoken",
    given=SPOKEN,
    call=lambda tts: tts.history(),
    request=get("/v1/history", {"page_size": "100"}),
    response=ok(HistoryPage, {"history": [ITEM], "has_more": False, "last_history_item_id": "item-000001"}),
)
contract.expect(
    "what was spoken before",
    given=(SPOKEN, SPOKEN),
    call=lambda tts: tts.history(page_size=1, after="item-000002"),
    request=get("/v1/history", {"page_size": "1", "start_after_history_item_id": "item-000002"}),
    response=ok(HistoryPage, {"history": [ITEM], "has_more": False, "last_history_item_id": "item-000001"}),
)
