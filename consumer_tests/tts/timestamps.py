"""Synthesis with the time of each character, which captions show."""

from __future__ import annotations

from dataclasses import replace

from consumer_tests.contract import expected_error, ok, provider_state
from consumer_tests.tts import business_error, contract
from consumer_tests.tts.speech import GREETING, SLOWLY, VOICE_STATE, synthesize_request
from orchestrator.vendors.errors import AccessDenied, NotFound
from orchestrator.vendors.tts.client import SpeechRequest, TtsClient
from orchestrator.vendors.tts.models import AudioWithTimestamps

TIMED = "/stream/with-timestamps"
AUDIO_WITH_TIMESTAMPS = {
    "audio_base64": "//uQZA==",
    "alignment": {
        "characters": ["G"],
        "character_start_times_seconds": [0.0],
        "character_end_times_seconds": [0.06],
    },
}


async def collect_timed_stream(tts: TtsClient, speech: SpeechRequest) -> list[AudioWithTimestamps]:
    """Return the chunks of a stream with timestamps."""
    async with tts.stream_with_timestamps(speech) as chunks:
        return [chunk async for chunk in chunks]


contract.add_interaction(
    "a text streamed with times",
    given=VOICE_STATE,
    invoke=lambda tts: collect_timed_stream(tts, GREETING),
    request=synthesize_request(TIMED),
    response=ok(AudioWithTimestamps, AUDIO_WITH_TIMESTAMPS),
    returns=[AudioWithTimestamps.model_validate(AUDIO_WITH_TIMESTAMPS)],
)
contract.add_interaction(
    "a text streamed with times at a speed",
    given=VOICE_STATE,
    invoke=lambda tts: collect_timed_stream(tts, replace(GREETING, speed=0.9)),
    request=synthesize_request(TIMED, voice_settings=SLOWLY),
    response=ok(AudioWithTimestamps, AUDIO_WITH_TIMESTAMPS),
    returns=[AudioWithTimestamps.model_validate(AUDIO_WITH_TIMESTAMPS)],
)
contract.add_interaction(
    "a text streamed with times by a voice that does not exist",
    given=provider_state("no voice", voice_id="concierge"),
    invoke=lambda tts: collect_timed_stream(tts, GREETING),
    request=synthesize_request(TIMED),
    response=business_error(404, "voice_not_found"),
    raises=expected_error(NotFound, code="voice_not_found"),
)
contract.add_interaction(
    "a text streamed with times at a speed by a voice that does not exist",
    given=provider_state("no voice", voice_id="concierge"),
    invoke=lambda tts: collect_timed_stream(tts, replace(GREETING, speed=0.9)),
    request=synthesize_request(TIMED, voice_settings=SLOWLY),
    response=business_error(404, "voice_not_found"),
    raises=expected_error(NotFound, code="voice_not_found"),
)
contract.add_interaction(
    "a text streamed with times beyond the quota",
    given=(VOICE_STATE, provider_state("a quota", remaining=3)),
    invoke=lambda tts: collect_timed_stream(tts, GREETING),
    request=synthesize_request(TIMED),
    response=business_error(401, "quota_exceeded"),
    raises=expected_error(AccessDenied, code="quota_exceeded"),
)
