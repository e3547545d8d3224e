"""The available voices."""

from __future__ import annotations

from consumer_tests.contract import expected_error, get, ok, provider_state
from consumer_tests.tts import INVALID_API_KEY, business_error, contract
from orchestrator.vendors.errors import AccessDenied
from orchestrator.vendors.tts.models import VoicePage

VOICE = {"voice_id": "concierge", "name": "Concierge", "labels": {"language": "en"}}

contract.add_interaction(
    "the voices",
    given=provider_state("voices", count=101),
    invoke=lambda tts: tts.search_voices(),
    request=get("/v2/voices", {"page_size": "100"}),
    response=ok(VoicePage, {"voices": [VOICE], "has_more": True, "next_page_token": "100"}),
)
contract.add_interaction(
    "the next page of the voices",
    given=provider_state("voices", count=101),
    invoke=lambda tts: tts.search_voices(page_token="100"),
    request=get("/v2/voices", {"page_size": "100", "next_page_token": "100"}),
    response=ok(VoicePage, {"voices": [VOICE], "has_more": False}),
)
contract.add_interaction(
    "the voices with a wrong key",
    credential=INVALID_API_KEY,
    given=(),
    invoke=lambda tts: tts.search_voices(),
    request=get("/v2/voices", {"page_size": "100"}),
    response=business_error(401, "invalid_api_key"),
    raises=expected_error(AccessDenied, code="invalid_api_key"),
)
