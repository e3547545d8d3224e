"""The voices, in pages whose token goes on where the page ended."""

from __future__ import annotations

from provider_verification.stubs.sdk import RequestRejected, StubRequest, StubResponse, ok
from provider_verification.stubs.vendors.tts import stub
from provider_verification.stubs.vendors.tts.hooks import business_error
from provider_verification.stubs.vendors.tts.state import TtsState


@stub.operation("listAllVoices")
def list_all(studio: TtsState, _call: StubRequest) -> StubResponse:
    """All of them at once: the older form."""
    return ok({"voices": list(studio.voices.values())})


@stub.operation("getVoice")
def get_voice(studio: TtsState, call: StubRequest) -> StubResponse:
    """One of them."""
    voice = studio.voices.get(call.path_params["voice_id"])
    return ok(voice) if voice else business_error(404, "voice_not_found", "there is no such voice")


@stub.operation("listVoices")
def list_voices(studio: TtsState, call: StubRequest) -> StubResponse:
    """A page of the voices that match."""
    search = (call.query.get("search") or "").lower()
    found = [voice for voice in studio.voices.values() if search in voice["name"].lower()]
    token = call.query.get("next_page_token") or "0"
    if not token.isdecimal():
        raise RequestRejected("invalid", "next_page_token should be one that a page before gave")
    start = int(token)
    end = start + call.query.get("page_size", 10)
    more = end < len(found)
    return ok(
        {
            "voices": found[start:end],
            "has_more": more,
            "total_count": len(found),
            "next_page_token": str(end) if more else None,
        }
    )
