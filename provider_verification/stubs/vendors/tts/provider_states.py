"""Provider states of the TTS stub. State and parameter names are those of the pacts."""

from __future__ import annotations

from provider_verification.stubs.sdk import Count
from provider_verification.stubs.vendors.tts import stub
from provider_verification.stubs.vendors.tts.state import API_KEY, TtsState, voice_json


@stub.provider_state("an API key")
def an_api_key(state: TtsState, key: str = API_KEY) -> dict[str, str]:
    """Exactly one valid API key."""
    state.api_keys = {key}
    return {"token": key}


@stub.provider_state("a voice")
def a_voice(state: TtsState, voice_id: str) -> dict[str, str]:
    """Exactly one voice, available to every plan."""
    state.voices = {voice_id: voice_json(voice_id)}
    return {"voice_id": voice_id}


@stub.provider_state("voices")
def voices(state: TtsState, count: Count) -> None:
    """Exactly `count` voices."""
    state.voices = {f"voice-{number}": voice_json(f"voice-{number}") for number in range(1, count + 1)}


@stub.provider_state("no voice")
def no_voice(state: TtsState, voice_id: str) -> dict[str, str]:
    """The voice does not exist."""
    state.voices.pop(voice_id, None)
    return {"voice_id": voice_id}


@stub.provider_state("a voice of a paid plan")
def a_paid_voice(state: TtsState, voice_id: str) -> dict[str, str]:
    """The account's plan does not include the voice."""
    state.voices[voice_id] = voice_json(voice_id, paid=True)
    return {"voice_id": voice_id}


@stub.provider_state("a quota")
def a_quota(state: TtsState, remaining: int) -> None:
    """Exactly `remaining` characters are left."""
    state.remaining_characters = remaining


@stub.provider_state("a text was spoken")
def a_text_was_spoken(state: TtsState, voice_id: str, text: str) -> dict[str, str]:
    """The history contains a text; returns the id of its item."""
    return {"voice_id": voice_id, "history_item_id": state.record(voice_id, text).id}


@stub.provider_state("no history")
def no_history(state: TtsState) -> None:
    """Nothing was spoken."""
    state.history.clear()


@stub.provider_state("a pronunciation dictionary")
def a_pronunciation_dictionary(state: TtsState, pronunciation_dictionary_id: str) -> dict[str, str]:
    """A dictionary that a synthesis may refer to."""
    state.pronunciation_dictionaries.add(pronunciation_dictionary_id)
    return {"pronunciation_dictionary_id": pronunciation_dictionary_id}


@stub.provider_state("all concurrent requests taken")
def concurrency_limit_reached(state: TtsState) -> None:
    """The plan's number of concurrent requests is reached."""
    state.concurrency_limit_reached = True


@stub.provider_state("the rate limit reached")
def rate_limited(state: TtsState, retry_after: int) -> None:
    """Every operation responds with 429 and Retry-After in seconds."""
    state.retry_after = retry_after


@stub.provider_state("the vendor is down")
def outage(state: TtsState) -> None:
    """Every operation responds with 503."""
    state.is_down = True
