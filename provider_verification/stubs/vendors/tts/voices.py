"""The TTS vendor's voices."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from provider_verification.stubs.sdk import RequestRejected, StubRequest, StubResponse, ValidationIssue, ok
from provider_verification.stubs.vendors.tts import stub
from provider_verification.stubs.vendors.tts.hooks import business_error, not_found
from provider_verification.stubs.vendors.tts.state import VOICE_LIMIT, TtsState, voice_json

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
        issue = ValidationIssue(
            ("query", "next_page_token"), "invalid", "should be the token of an earlier page"
        )
        raise RequestRejected("invalid", f"next_page_token {issue.message}", (issue,))
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


@stub.operation("createVoice")
def create_voice(state: TtsState, request: StubRequest) -> StubResponse:
    """Clone a voice from samples, whose contents the stub does not read.

    UNCONFIRMED: the error for an account whose voices are used up.
    """
    if len(state.voices) >= VOICE_LIMIT:
        return business_error(400, "voice_limit_reached", f"The account has {VOICE_LIMIT} voices already.")
    body = request.body
    state.created_voices += 1
    voice_id = f"cloned-{state.created_voices}"
    state.voices[voice_id] = voice_json(
        voice_id,
        name=body["name"],
        category="cloned",
        labels=_labels(body.get("labels")),
        description=body.get("description"),
        is_owner=True,
    )
    return ok({"voice_id": voice_id, "requires_verification": False})


@stub.operation("deleteVoice")
def delete_voice(state: TtsState, request: StubRequest) -> StubResponse:
    """Delete a voice; what it has spoken stays in the history. The vendor's SDK has the response."""
    voice = state.voices.pop(request.path_params["voice_id"], None)
    return ok({"status": "ok"}) if voice else not_found("voice", request.path_params["voice_id"])


def _labels(text: str | None) -> dict[str, str]:
    """The labels of a form, in which they are JSON.

    Raises:
        RequestRejected: the text is not an object of texts.
    """
    try:
        labels = json.loads(text or "null") or {}
    except (ValueError, RecursionError):
        labels = None
    if not isinstance(labels, dict) or not all(isinstance(value, str) for value in labels.values()):
        issue = ValidationIssue(("body", "labels"), "type", "should be a JSON object of texts")
        raise RequestRejected("invalid", issue.message, (issue,))
    return labels


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
