"""The available voices."""

from __future__ import annotations

from consumer_tests.contract import error_response, expected_error, get, ok, provider_state
from consumer_tests.tts import INVALID_API_KEY, business_error, contract
from orchestrator.vendors.errors import AccessDenied, RateLimited
from orchestrator.vendors.tts.models import VoicePage

VOICE = {"voice_id": "concierge", "name": "Concierge", "labels": {"language": "en"}}

contract.add_interaction(
    "the voices",
    given=provider_state("a voice", voice_id="concierge"),
    invoke=lambda tts: tts.search_voices(),
    request=get("/v2/voices", {"page_size": "100"}),
    response=ok(VoicePage, {"voices": [VOICE], "has_more": False}),
)
contract.add_interaction(
    "a page of the voices with more to come",
    given=provider_state("voices", count=3),
    invoke=lambda tts: tts.search_voices(page_size=2),
    request=get("/v2/voices", {"page_size": "2"}),
    response=ok(VoicePage, {"voices": [VOICE], "has_more": True, "next_page_token": "2"}),
)
contract.add_interaction(
    "the next page of the voices",
    given=provider_state("voices", count=3),
    invoke=lambda tts: tts.search_voices(page_size=2, page_token="2"),
    request=get("/v2/voices", {"page_size": "2", "next_page_token": "2"}),
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
contract.add_interaction(
    "the voices while the vendor limits the rate",
    given=provider_state("the rate limit reached", retry_after=3),
    invoke=lambda tts: tts.search_voices(),
    request=get("/v2/voices", {"page_size": "100"}),
    response=error_response(429, headers={"Retry-After": ("3", r"^\d+$")}),
    raises=expected_error(RateLimited, retry_after=3.0),
)
