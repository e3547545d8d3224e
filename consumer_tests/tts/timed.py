"""Speech with the time of each character, so that a caller can be interrupted at a word."""

from __future__ import annotations

from consumer_tests.contract import failure, ok, state
from consumer_tests.tts import business_error, contract
from consumer_tests.tts.speech import GREETING, speech
from orchestrator.vendors.errors import Rejected, Unauthorised
from orchestrator.vendors.tts.client import TtsClient, Utterance
from orchestrator.vendors.tts.models import TimedSpeech

VOICE = state("a voice", voice_id="concierge")
TIMED = {
    "audio_base64": "//uQZA==",
    "alignment": {
        "characters": ["G"],
        "character_start_times_seconds": [0.0],
        "character_end_times_seconds": [0.06],
    },
}


async def collected(tts: TtsClient, utterance: Utterance) -> list[TimedSpeech]:
    """All pieces of a timed stream."""
    return [piece async for piece in tts.stream_timed(utterance)]


contract.expect(
    "a text spoken with times",
    given=VOICE,
    call=lambda tts: tts.synthesize_timed(GREETING),
    request=speech("/with-timestamps"),
    response=ok(TimedSpeech, TIMED),
)
contract.expect(
    "a text spoken with times by a voice that does not exist",
    given=state("no voice", voice_id="concierge"),
    call=lambda tts: tts.synthesize_timed(GREETING),
    request=speech("/with-timestamps"),
    response=business_error(400, "voice_not_found"),
    raises=failure(Rejected, code="voice_not_found"),
)
contract.expect(
    "a text streamed with times",
    given=VOICE,
    call=lambda tts: collected(tts, GREETING),
    request=speech("/stream/with-timestamps"),
    response=ok(TimedSpeech, TIMED),
    returns=[TimedSpeech.model_validate(TIMED)],
)
contract.expect(
    "a text streamed with times beyond the quota",
    given=(VOICE, state("a quota", remaining=3)),
    call=lambda tts: collected(tts, GREETING),
    request=speech("/stream/with-timestamps"),
    response=business_error(401, "quota_exceeded"),
    raises=failure(Unauthorised, code="quota_exceeded"),
)
