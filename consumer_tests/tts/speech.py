"""Synthesis as a stream, and its errors."""

from __future__ import annotations

from dataclasses import replace

from consumer_tests.contract import error_response, expected_error, post, provider_state
from consumer_tests.interaction import Request, Response
from consumer_tests.tts import business_error, contract
from orchestrator.vendors.errors import (
    AccessDenied,
    NotFound,
    RateLimited,
    RequestRejected,
    VendorUnavailable,
)
from orchestrator.vendors.tts.client import SpeechRequest, TtsClient
from orchestrator.vendors.tts.models import ErrorBody

SILENT_MP3_FRAME = bytes.fromhex("fffb9064") + bytes(413)
GREETING = SpeechRequest(text="Guten Abend.", voice_id="concierge", language_code="de")
VOICE_STATE = provider_state("a voice", voice_id="concierge")
SLOWLY = {"speed": 0.9}


def synthesize_request(
    suffix: str = "/stream", output_format: str = "mp3_44100_128", voice: str = "concierge", **body: object
) -> Request:
    """The request that synthesizes the greeting."""
    content = {"text": "Guten Abend.", "model_id": "eleven_flash_v2_5", "language_code": "de", **body}
    return post(f"/v1/text-to-speech/{voice}{suffix}", content, query={"output_format": output_format})


def audio_response() -> Response:
    """Audio whose bytes have the media type too."""
    return Response(200, binary=SILENT_MP3_FRAME, media_type="audio/mpeg")


async def collect_stream(tts: TtsClient, speech: SpeechRequest) -> bytes:
    """Return the audio of a stream."""
    async with tts.stream(speech) as chunks:
        return b"".join([chunk async for chunk in chunks])


contract.add_interaction(
    "a text streamed in a language",
    given=VOICE_STATE,
    invoke=lambda tts: collect_stream(tts, GREETING),
    request=synthesize_request(),
    response=audio_response(),
    returns=SILENT_MP3_FRAME,
)
contract.add_interaction(
    "a text streamed in a language and at a speed",
    given=VOICE_STATE,
    invoke=lambda tts: collect_stream(tts, replace(GREETING, speed=0.9)),
    request=synthesize_request(voice_settings=SLOWLY),
    response=audio_response(),
    returns=SILENT_MP3_FRAME,
)
contract.add_interaction(
    "a text streamed for the telephone",
    given=VOICE_STATE,
    invoke=lambda tts: collect_stream(tts, replace(GREETING, output_format="ulaw_8000")),
    request=synthesize_request(output_format="ulaw_8000"),
    response=Response(200, headers={"Content-Type": ("audio/ulaw", "^audio/ulaw$")}),
    returns=b"",
)
contract.add_interaction(
    "a text streamed by a voice that does not exist",
    given=provider_state("no voice", voice_id="nobody"),
    invoke=lambda tts: collect_stream(tts, replace(GREETING, voice_id="nobody")),
    request=synthesize_request(voice="nobody"),
    response=business_error(404, "voice_not_found"),
    raises=expected_error(NotFound, status=404, code="voice_not_found"),
)
contract.add_interaction(
    "a text streamed at a speed by a voice that does not exist",
    given=provider_state("no voice", voice_id="nobody"),
    invoke=lambda tts: collect_stream(tts, replace(GREETING, voice_id="nobody", speed=0.9)),
    request=synthesize_request(voice="nobody", voice_settings=SLOWLY),
    response=business_error(404, "voice_not_found"),
    raises=expected_error(NotFound, status=404, code="voice_not_found"),
)
contract.add_interaction(
    "a text streamed by a voice the plan does not include",
    given=provider_state("a voice of a paid plan", voice_id="concierge"),
    invoke=lambda tts: collect_stream(tts, GREETING),
    request=synthesize_request(),
    response=error_response(
        402, ErrorBody, {"detail": {"code": "paid_plan_required", "message": "in words"}}
    ),
    raises=expected_error(RequestRejected, status=402, code="paid_plan_required"),
)
contract.add_interaction(
    "a text streamed when the quota is used up",
    given=(VOICE_STATE, provider_state("a quota", remaining=5)),
    invoke=lambda tts: collect_stream(tts, GREETING),
    request=synthesize_request(),
    response=business_error(401, "quota_exceeded"),
    raises=expected_error(AccessDenied, code="quota_exceeded"),
)
contract.add_interaction(
    "one text too many at a time",
    given=(VOICE_STATE, provider_state("all concurrent requests taken")),
    invoke=lambda tts: collect_stream(tts, GREETING),
    request=synthesize_request(),
    response=business_error(429, "too_many_concurrent_requests"),
    raises=expected_error(RateLimited, code="too_many_concurrent_requests", retry_after=None),
)
contract.add_interaction(
    "a text while the vendor limits the rate",
    given=(VOICE_STATE, provider_state("the rate limit reached", retry_after=3)),
    invoke=lambda tts: collect_stream(tts, GREETING),
    request=synthesize_request(),
    response=business_error(429, "rate_limit_exceeded", headers={"Retry-After": ("3", r"^\d+$")}),
    raises=expected_error(RateLimited, code="rate_limit_exceeded", retry_after=3.0),
)
contract.add_interaction(
    "a stream while the vendor is down",
    given=provider_state("the vendor is down"),
    invoke=lambda tts: collect_stream(tts, GREETING),
    request=synthesize_request(),
    response=error_response(503),
    raises=expected_error(VendorUnavailable, status=503),
)
