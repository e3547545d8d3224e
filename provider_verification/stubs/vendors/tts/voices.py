"""The TTS vendor's voices."""

from __future__ import annotations

import re

from provider_verification.stubs.sdk import RequestRejected, StubRequest, StubResponse, ok
from provider_verification.stubs.vendors.tts import stub
from provider_verification.stubs.vendors.tts.hooks import business_error
from provider_verification.stubs.vendors.tts.state import TtsState

DEFAULT_PAGE_SIZE = 10
PAGE_TOKEN_PATTERN = re.compile(r"[0-9]{1,9}")


@stub.operation("listAllVoices")
def list_all_voices(state: TtsState, _request: StubRequest) -> StubResponse:
    """All voices without paging: version 1 of the API."""
    return ok({"voices": list(state.voices.values())})


@stub.operation("getVoice")
def get_voice(state: TtsState, request: StubRequest) -> StubResponse:
    """One voice."""
    voice = state.voices.get(request.path_params["voice_id"])
    return ok(voice) if voice else business_error(404, "voice_not_found", "the voice does not exist")


@stub.operation("listVoices")
def list_voices(state: TtsState, request: StubRequest) -> StubResponse:
    """A page of the voices whose name contains `search`: version 2 of the API."""
    search = (request.query.get("search") or "").lower()
    voices = [voice for voice in state.voices.values() if search in voice["name"].lower()]
    token = request.query.get("next_page_token") or "0"
    if not PAGE_TOKEN_PATTERN.fullmatch(token):
        raise RequestRejected("invalid", "next_page_token should be the token of an earlier page")
    start = int(token)
    end = start + request.query.get("page_size", DEFAULT_PAGE_SIZE)
    has_more = end < len(voices)
    return ok(
        {
            "voices": voices[start:end],
            "has_more": has_more,
            "total_count": len(voices),
            "next_page_token": str(end) if has_more else None,
        }
    )
