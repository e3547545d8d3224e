"""Provider states of the TTS vendor."""

from __future__ import annotations

from provider_verification.stubs.tts import stub
from provider_verification.stubs.tts.studio import KEY, Studio, a_voice


@stub.state("an API key")
def an_api_key(studio: Studio) -> dict[str, str]:
    """A key the vendor accepts."""
    studio.keys = {KEY}
    return {"token": KEY}


@stub.state("a voice")
def a_voice_exists(studio: Studio, voice_id: str) -> None:
    """A voice every plan may use."""
    studio.voices = {voice_id: a_voice(voice_id)}


@stub.state("voices")
def voices(studio: Studio, count: int) -> None:
    """So many voices, and no others."""
    studio.voices = {f"voice-{number}": a_voice(f"voice-{number}") for number in range(1, count + 1)}


@stub.state("no voice")
def no_voice(studio: Studio, voice_id: str) -> None:
    """A voice that does not exist."""
    studio.voices.pop(voice_id, None)


@stub.state("a voice of a paid plan")
def a_paid_voice(studio: Studio, voice_id: str) -> None:
    """A voice the account's plan does not include."""
    studio.voices = {voice_id: a_voice(voice_id, paid=True)}


@stub.state("a quota")
def a_quota(studio: Studio, remaining: int) -> None:
    """So many characters left."""
    studio.remaining = remaining


@stub.state("a text was spoken")
def spoken(studio: Studio, voice_id: str, text: str) -> None:
    """What the history shows."""
    studio.history.append((voice_id, text))


@stub.state("all concurrent requests taken")
def busy(studio: Studio) -> None:
    """The vendor generates as much at a time as the plan allows."""
    studio.busy = True


@stub.state("the rate limit reached")
def limited(studio: Studio, retry_after: int) -> None:
    """The vendor wants a pause, in seconds."""
    studio.retry_after = retry_after


@stub.state("the vendor is down")
def down(studio: Studio) -> None:
    """Every operation answers 503."""
    studio.down = True
