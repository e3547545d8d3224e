"""Text to speech: whole, as a stream, and every way it is refused."""

from __future__ import annotations

from consumer_tests.contract import failure, post, refused, state
from consumer_tests.expectation import Request, Response
from consumer_tests.tts import REFUSED_KEY, business_error, contract
from orchestrator.vendors.errors import RateLimited, Rejected, Unauthorised, VendorUnavailable
from orchestrator.vendors.tts.client import TtsClient, Utterance
from orchestrator.vendors.tts.models import ErrorBody, Speech, ValidationBody

SILENT_MP3_FRAME = bytes.fromhex("fffb9064") + bytes(413)
GREETING = Utterance(text="Good evening.", voice_id="concierge")


def speech(
    suffix: str = "", output_format: str = "mp3_44100_128", voice: str = "concierge", **body: object
) -> Request:
    """The request for a greeting."""
    said = {"text": "Good evening.", "model_id": "eleven_flash_v2_5", **body}
    return post(f"/v1/text-to-speech/{voice}{suffix}", said, query={"output_format": output_format})


def audio(media_type: str, example: bytes = SILENT_MP3_FRAME) -> Response:
    """Audio of a type, whose bytes are of that type too."""
    return Response(200, binary=example, media_type=media_type)


async def streamed(tts: TtsClient, utterance: Utterance) -> bytes:
    """All pieces of a stream."""
    async with tts.stream(utterance) as pieces:
        return b"".join([piece async for piece in pieces])


contract.expect(
    "a text spoken as MP3",
    given=state("a voice", voice_id="concierge"),
    call=lambda tts: tts.synthesize(GREETING),
    request=speech(),
    response=Response(
        200,
        binary=SILENT_MP3_FRAME,
        media_type="audio/mpeg",
        headers={"character-cost": ("13", r"^\d+$")},
    ),
    returns=Speech(SILENT_MP3_FRAME, "audio/mpeg", 13),
)
contract.expect(
    "a text spoken in a language and at a speed",
    given=state("a voice", voice_id="concierge"),
    call=lambda tts: tts.synthesize(
        Utterance(text="Guten Abend.", voice_id="concierge", language_code="de", speed=0.9)
    ),
    request=speech(text="Guten Abend.", language_code="de", voice_settings={"speed": 0.9}),
    response=audio("audio/mpeg"),
    returns=Speech(SILENT_MP3_FRAME, "audio/mpeg", None),
)
contract.expect(
    "a text streamed as MP3",
    given=state("a voice", voice_id="concierge"),
    call=lambda tts: streamed(tts, GREETING),
    request=speech("/stream"),
    response=audio("audio/mpeg"),
    returns=SILENT_MP3_FRAME,
)
contract.expect(
    "a text spoken with a wrong key",
    given=state("a voice", voice_id="concierge"),
    credential=REFUSED_KEY,
    call=lambda tts: tts.synthesize(GREETING),
    request=speech(),
    response=business_error(401, "invalid_api_key"),
    raises=failure(Unauthorised, code="invalid_api_key"),
)
contract.expect(
    "a text spoken when the quota is used up",
    given=(state("a voice", voice_id="concierge"), state("a quota", remaining=5)),
    call=lambda tts: tts.synthesize(GREETING),
    request=speech(),
    response=business_error(401, "quota_exceeded"),
    raises=failure(Unauthorised, code="quota_exceeded"),
)
contract.expect(
    "a text spoken by a voice the plan does not include",
    given=state("a voice of a paid plan", voice_id="concierge"),
    call=lambda tts: tts.synthesize(GREETING),
    request=speech(),
    response=refused(402, ErrorBody, {"detail": {"code": "paid_plan_required", "message": "in words"}}),
    raises=failure(Rejected, status=402, code="paid_plan_required"),
)
contract.expect(
    "a text spoken by a voice that does not exist",
    given=state("no voice", voice_id="nobody"),
    call=lambda tts: tts.synthesize(Utterance(text="Good evening.", voice_id="nobody")),
    request=speech(voice="nobody"),
    response=business_error(400, "voice_not_found"),
    raises=failure(Rejected, status=400, code="voice_not_found"),
)
contract.expect(
    "a text in a format that does not exist",
    given=state("a voice", voice_id="concierge"),
    call=lambda tts: tts.synthesize(
        Utterance(text="Good evening.", voice_id="concierge", output_format="wax")
    ),
    request=speech(output_format="wax"),
    response=refused(
        422, ValidationBody, {"detail": [{"loc": ["query", "output_format"], "msg": "is not known"}]}
    ),
    raises=failure(Rejected, status=422, code="validation"),
)
contract.expect(
    "one text too many at a time",
    given=(state("a voice", voice_id="concierge"), state("all concurrent requests taken")),
    call=lambda tts: tts.synthesize(GREETING),
    request=speech(),
    response=business_error(429, "too_many_concurrent_requests"),
    raises=failure(RateLimited, code="too_many_concurrent_requests", retry_after=None),
)
contract.expect(
    "a text while the vendor limits the rate",
    given=(state("a voice", voice_id="concierge"), state("the rate limit reached", retry_after=3)),
    call=lambda tts: tts.synthesize(GREETING),
    request=speech(),
    response=business_error(429, "rate_limit_exceeded", headers={"Retry-After": ("3", r"^\d+$")}),
    raises=failure(RateLimited, code="rate_limit_exceeded", retry_after=3.0),
)
contract.expect(
    "a text while the vendor is down",
    given=state("the vendor is down"),
    call=lambda tts: tts.synthesize(GREETING),
    request=speech(),
    response=refused(503),
    raises=failure(VendorUnavailable, status=503),
)
contract.expect(
    "a stream while the vendor is down",
    given=state("the vendor is down"),
    call=lambda tts: streamed(tts, GREETING),
    request=speech("/stream"),
    response=refused(503),
    raises=failure(VendorUnavailable, status=503),
)
contract.expect(
    "a text spoken for the telephone",
    given=state("a voice", voice_id="concierge"),
    call=lambda tts: tts.synthesize(
        Utterance(text="Good evening.", voice_id="concierge", output_format="ulaw_8000")
    ),
    request=speech(output_format="ulaw_8000"),
    response=Response(200, headers={"Content-Type": ("audio/basic", "^audio/basic$")}),
    returns=Speech(b"", "audio/basic", None),
)
