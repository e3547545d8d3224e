"""Text to speech in the guest's language, as calls need it."""

from __future__ import annotations

from dataclasses import replace

from consumer_tests.contract import failure, state
from consumer_tests.expectation import Response
from consumer_tests.tts import business_error, contract
from consumer_tests.tts.speech import SILENT_MP3_FRAME, audio, speech, streamed
from orchestrator.vendors.errors import Rejected
from orchestrator.vendors.tts.client import Utterance
from orchestrator.vendors.tts.models import Speech

GERMAN = Utterance(text="Guten Abend.", voice_id="concierge", language_code="de")

contract.expect(
    "a text spoken in a language for the telephone",
    given=state("a voice", voice_id="concierge"),
    call=lambda tts: tts.synthesize(replace(GERMAN, output_format="ulaw_8000")),
    request=speech(output_format="ulaw_8000", text="Guten Abend.", language_code="de"),
    response=Response(200, headers={"Content-Type": ("audio/basic", "^audio/basic$")}),
    returns=Speech(b"", "audio/basic", None),
)
contract.expect(
    "a text streamed in a language",
    given=state("a voice", voice_id="concierge"),
    call=lambda tts: streamed(tts, GERMAN),
    request=speech("/stream", text="Guten Abend.", language_code="de"),
    response=audio("audio/mpeg"),
    returns=SILENT_MP3_FRAME,
)
contract.expect(
    "a text streamed in a language and at a speed",
    given=state("a voice", voice_id="concierge"),
    call=lambda tts: streamed(tts, replace(GERMAN, speed=0.9)),
    request=speech("/stream", text="Guten Abend.", language_code="de", voice_settings={"speed": 0.9}),
    response=audio("audio/mpeg"),
    returns=SILENT_MP3_FRAME,
)
contract.expect(
    "a text streamed by a voice that does not exist",
    given=state("no voice", voice_id="nobody"),
    call=lambda tts: streamed(tts, replace(GERMAN, voice_id="nobody")),
    request=speech("/stream", voice="nobody", text="Guten Abend.", language_code="de"),
    response=business_error(400, "voice_not_found"),
    raises=failure(Rejected, status=400, code="voice_not_found"),
)
contract.expect(
    "a text streamed at a speed by a voice that does not exist",
    given=state("no voice", voice_id="nobody"),
    call=lambda tts: streamed(tts, replace(GERMAN, voice_id="nobody", speed=0.9)),
    request=speech(
        "/stream",
        voice="nobody",
        text="Guten Abend.",
        language_code="de",
        voice_settings={"speed": 0.9},
    ),
    response=business_error(400, "voice_not_found"),
    raises=failure(Rejected, status=400, code="voice_not_found"),
)
