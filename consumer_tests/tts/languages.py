"""Synthesis in the guest's language."""

from __future__ import annotations

from dataclasses import replace

from consumer_tests.contract import expected_error, provider_state
from consumer_tests.interaction import Response
from consumer_tests.tts import business_error, contract
from consumer_tests.tts.speech import SILENT_MP3_FRAME, audio_response, collect_stream, synthesize_request
from orchestrator.vendors.errors import RequestRejected
from orchestrator.vendors.tts.client import SpeechRequest
from orchestrator.vendors.tts.models import SynthesizedAudio

GERMAN = SpeechRequest(text="Guten Abend.", voice_id="concierge", language_code="de")

contract.add_interaction(
    "a text spoken in a language for the telephone",
    given=provider_state("a voice", voice_id="concierge"),
    invoke=lambda tts: tts.synthesize(replace(GERMAN, output_format="ulaw_8000")),
    request=synthesize_request(output_format="ulaw_8000", text="Guten Abend.", language_code="de"),
    response=Response(200, headers={"Content-Type": ("audio/basic", "^audio/basic$")}),
    returns=SynthesizedAudio(b"", "audio/basic", None),
)
contract.add_interaction(
    "a text streamed in a language",
    given=provider_state("a voice", voice_id="concierge"),
    invoke=lambda tts: collect_stream(tts, GERMAN),
    request=synthesize_request("/stream", text="Guten Abend.", language_code="de"),
    response=audio_response("audio/mpeg"),
    returns=SILENT_MP3_FRAME,
)
contract.add_interaction(
    "a text streamed in a language and at a speed",
    given=provider_state("a voice", voice_id="concierge"),
    invoke=lambda tts: collect_stream(tts, replace(GERMAN, speed=0.9)),
    request=synthesize_request(
        "/stream", text="Guten Abend.", language_code="de", voice_settings={"speed": 0.9}
    ),
    response=audio_response("audio/mpeg"),
    returns=SILENT_MP3_FRAME,
)
contract.add_interaction(
    "a text streamed by a voice that does not exist",
    given=provider_state("no voice", voice_id="nobody"),
    invoke=lambda tts: collect_stream(tts, replace(GERMAN, voice_id="nobody")),
    request=synthesize_request("/stream", voice="nobody", text="Guten Abend.", language_code="de"),
    response=business_error(400, "voice_not_found"),
    raises=expected_error(RequestRejected, status=400, code="voice_not_found"),
)
contract.add_interaction(
    "a text streamed at a speed by a voice that does not exist",
    given=provider_state("no voice", voice_id="nobody"),
    invoke=lambda tts: collect_stream(tts, replace(GERMAN, voice_id="nobody", speed=0.9)),
    request=synthesize_request(
        "/stream",
        voice="nobody",
        text="Guten Abend.",
        language_code="de",
        voice_settings={"speed": 0.9},
    ),
    response=business_error(400, "voice_not_found"),
    raises=expected_error(RequestRejected, status=400, code="voice_not_found"),
)
