"""The TTS vendor's voices and their settings."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from provider_verification.stubs.sdk import RequestRejected, StubRequest, StubResponse, ok
from provider_verification.stubs.vendors.tts import stub
from provider_verification.stubs.vendors.tts.hooks import not_found
from provider_verification.stubs.vendors.tts.state import DEFAULT_VOICE_SETTINGS, TtsState
from provider_verification.stubs.vendors.tts.voice_settings import check_voice_settings

DEFAULT_PAGE_SIZE = 10
PAGE_TOKEN_PATTERN = re.compile(r"[0-9]{1,9}")
OWN_CATEGORIES = frozenset({"cloned", "generated"})


@stub.operation("listAllVoices")
def list_all_voices(state: TtsState, _request: StubRequest) -> StubResponse:
    """All voices without paging: version 1 of the API."""
    return ok({"voices": list(state.voices.values())})


@stub.operation("getVoice")
def get_voice(state: TtsState, request: StubRequest) -> StubResponse:
    """One voice."""
    voice = state.voices.get(request.path_params["voice_id"])
    return ok(voice) if voice else not_found("voice", request.path_params["voice_id"])


@stub.operation("listVoices")
def list_voices(state: TtsState, request: StubRequest) -> StubResponse:
    """A page of the voices that match the query: version 2 of the API.

    Raises:
        RequestRejected: the page's token is not one that this operation returned.
    """
    voices = [voice for voice in state.voices.values() if _matches(voice, request.query)]
    if request.query.get("sort"):
        key = request.query["sort"]
        # created_at_unix is missing from older voices
        voices.sort(key=lambda voice: voice.get(key) or 0 if key == "created_at_unix" else voice["name"])
        if request.query.get("sort_direction") == "desc":
            voices.reverse()
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


@stub.operation("getDefaultVoiceSettings")
def get_default_voice_settings(_state: TtsState, _request: StubRequest) -> StubResponse:
    """The settings of a voice that has none of its own."""
    return ok(DEFAULT_VOICE_SETTINGS)


@stub.operation("getVoiceSettings")
def get_voice_settings(state: TtsState, request: StubRequest) -> StubResponse:
    """The settings of a voice."""
    voice = state.voices.get(request.path_params["voice_id"])
    if voice is None:
        return not_found("voice", request.path_params["voice_id"])
    return ok(voice["settings"] or DEFAULT_VOICE_SETTINGS)


@stub.operation("editVoiceSettings")
def edit_voice_settings(state: TtsState, request: StubRequest) -> StubResponse:
    """Change the settings that the body has, and keep the others; the vendor's SDK has the response."""
    voice = state.voices.get(request.path_params["voice_id"])
    if voice is None:
        return not_found("voice", request.path_params["voice_id"])
    check_voice_settings(request.body, ("body",))
    changes = {
        name: request.body[name] for name in DEFAULT_VOICE_SETTINGS if request.body.get(name) is not None
    }
    voice["settings"] = {**DEFAULT_VOICE_SETTINGS, **(voice["settings"] or {}), **changes}
    return ok({"status": "ok"})


def _matches(voice: Mapping[str, Any], query: Mapping[str, Any]) -> bool:
    """The vendor's reference: `search` looks into name, description, labels and category."""
    texts = (voice["name"], voice["description"] or "", voice["category"], *voice["labels"].values())
    search = (query.get("search") or "").lower()
    ids = query.get("voice_ids")
    return (
        any(search in text.lower() for text in texts)
        and query.get("category") in {None, voice["category"]}
        and (not ids or voice["voice_id"] in ids)
        and not query.get("collection_id")
        and not query.get("fine_tuning_state")
        and query.get("voice_type") in {None, *_types(voice)}
    )


def _types(voice: Mapping[str, Any]) -> tuple[str, ...]:
    """The vendor's types of a voice: made by the vendor, the account's own, or another user's."""
    if voice["category"] == "premade":
        return ("default",)
    if voice["category"] in OWN_CATEGORIES:
        return ("personal", "workspace", "non-community", "non-default", "saved")
    return ("community", "non-default", "saved")
