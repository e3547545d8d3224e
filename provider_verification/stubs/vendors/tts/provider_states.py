"""Provider states of the TTS vendor."""

from __future__ import annotations

from provider_verification.stubs.vendors.tts import stub
from provider_verification.stubs.vendors.tts.state import KEY, TtsState, voice_json


@stub.provider_state("an API key")
def an_api_key(studio: TtsState) -> dict[str, str]:
    """A key the vendor accepts."""
    studio.keys = {KEY}
    return {"token": KEY}


@stub.provider_state("a voice")
def a_voice_exists(studio: TtsState, voice_id: str) -> None:
    """A voice every plan may use."""
    studio.voices = {voice_id: voice_json(voice_id)}


@stub.provider_state("voices")
def voices(studio: TtsState, count: int) -> None:
    """So many voices, and no others."""
    studio.voices = {f"voice-{number}": voice_json(f"voice-{number}") for number in range(1, count + 1)}


@stub.provider_state("no voice")
def no_voice(studio: TtsState, voice_id: str) -> None:
    """A voice that does not exist."""
    studio.voices.pop(voice_id, None)


@stub.provider_state("a voice of a paid plan")
def a_paid_voice(studio: TtsState, voice_id: str) -> None:
    """A voice the account's plan does not include."""
    studio.voices = {voice_id: voice_json(voice_id, paid=True)}


@stub.provider_state("a quota")
def a_quota(studio: TtsState, remaining: int) -> None:
    """So many characters left."""
    studio.remaining_characters = remaining


@stub.provider_state("a text was spoken")
def spoken(studio: TtsState, voice_id: str, text: str) -> None:
    """What the history shows."""
    studio.history.append((voice_id, text))


@stub.provider_state("all concurrent requests taken")
def concurrency_limit_reached(studio: TtsState) -> None:
    """The vendor generates as much at a time as the plan allows."""
    studio.busy = True


@stub.provider_state("the rate limit reached")
def rate_limited(studio: TtsState, retry_after: int) -> None:
    """The vendor wants a pause, in seconds."""
    studio.retry_after = retry_after


@stub.provider_state("the vendor is down")
def outage(studio: TtsState) -> None:
    """Every operation answers 503."""
    studio.down = True
