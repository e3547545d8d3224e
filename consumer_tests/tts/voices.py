"""The voices that can be chosen."""

from __future__ import annotations

from consumer_tests.contract import failure, get, ok, refused, state
from consumer_tests.tts import REFUSED_KEY, business_error, contract
from orchestrator.vendors.errors import RateLimited, Unauthorised
from orchestrator.vendors.tts.models import VoicePage

VOICE = {"voice_id": "concierge", "name": "Concierge", "labels": {"language": "en"}}

contract.expect(
    "the voices",
    given=state("a voice", voice_id="concierge"),
    call=lambda tts: tts.voices(),
    request=get("/v2/voices", {"page_size": "100"}),
    response=ok(VoicePage, {"voices": [VOICE], "has_more": False}),
)
contract.expect(
    "a page of the voices with more to come",
    given=state("voices", count=3),
    call=lambda tts: tts.voices(page_size=2),
    request=get("/v2/voices", {"page_size": "2"}),
    response=ok(VoicePage, {"voices": [VOICE], "has_more": True, "next_page_token": "2"}),
)
contract.expect(
    "the next page of the voices",
    given=state("voices", count=3),
    call=lambda tts: tts.voices(page_size=2, page_token="2"),
    request=get("/v2/voices", {"page_size": "2", "next_page_token": "2"}),
    response=ok(VoicePage, {"voices": [VOICE], "has_more": False}),
)
contract.expect(
    "the voices with a wrong key",
    credential=REFUSED_KEY,
    given=(),
    call=lambda tts: tts.voices(),
    request=get("/v2/voices", {"page_size": "100"}),
    response=business_error(401, "invalid_api_key"),
    raises=failure(Unauthorised, code="invalid_api_key"),
)
contract.expect(
    "the voices while the vendor limits the rate",
    given=state("the rate limit reached", retry_after=3),
    call=lambda tts: tts.voices(),
    request=get("/v2/voices", {"page_size": "100"}),
    response=refused(429, headers={"Retry-After": ("3", r"^\d+$")}),
    raises=failure(RateLimited, retry_after=3.0),
)
