"""The TTS vendor's history: what was synthesized, and its audio."""

from __future__ import annotations

from typing import Any

from provider_verification.stubs.sdk import StubRequest, StubResponse, ok
from provider_verification.stubs.vendors.tts import stub
from provider_verification.stubs.vendors.tts.audio import media_type_of, render_audio
from provider_verification.stubs.vendors.tts.hooks import not_found
from provider_verification.stubs.vendors.tts.state import FIXED_TIME, HistoryItem, TtsState

DEFAULT_PAGE_SIZE = 100
SOURCE = "TTS"


@stub.operation("listHistory")
def list_history(state: TtsState, request: StubRequest) -> StubResponse:
    """A page of the history, the newest item first; a page begins after `start_after_history_item_id`.

    UNCONFIRMED: 404 for an item that does not exist.
    """
    after_id = request.query.get("start_after_history_item_id")
    if after_id is not None and after_id not in state.history:
        return not_found("history_item", after_id)
    newest_first = list(state.history.values())[::-1]
    if after_id is not None:
        newest_first = newest_first[newest_first.index(state.history[after_id]) + 1 :]
    items = [item for item in newest_first if _matches(item, request)]
    page = items[: request.query.get("page_size", DEFAULT_PAGE_SIZE)]
    # The next page begins after this item.
    last_id = page[-1].id if page else None
    return ok(
        {
            "history": [_item_json(item) for item in page],
            "has_more": len(page) < len(items),
            "last_history_item_id": last_id,
        }
    )


@stub.operation("getHistoryItem")
def get_history_item(state: TtsState, request: StubRequest) -> StubResponse:
    """One item."""
    item = state.history.get(request.path_params["history_item_id"])
    return ok(_item_json(item)) if item else not_found("history_item", request.path_params["history_item_id"])


@stub.operation("getHistoryAudio")
def get_history_audio(state: TtsState, request: StubRequest) -> StubResponse:
    """The audio of an item, in the format of its synthesis."""
    item = state.history.get(request.path_params["history_item_id"])
    if item is None:
        return not_found("history_item", request.path_params["history_item_id"])
    audio = render_audio(item.text, item.output_format)
    return StubResponse(200, audio, media_type=media_type_of(item.output_format))


@stub.operation("deleteHistoryItem")
def delete_history_item(state: TtsState, request: StubRequest) -> StubResponse:
    """Delete an item; the vendor's SDK has the response."""
    item = state.history.pop(request.path_params["history_item_id"], None)
    return ok({"status": "ok"}) if item else not_found("history_item", request.path_params["history_item_id"])


def _matches(item: HistoryItem, request: StubRequest) -> bool:
    query = request.query
    return (
        query.get("voice_id") in {None, item.voice_id}
        and query.get("source") in {None, SOURCE}
        and (query.get("search") or "").lower() in item.text.lower()
        and query.get("model_id") in {None, item.model_id}
    )


def _item_json(item: HistoryItem) -> dict[str, Any]:
    return {
        "history_item_id": item.id,
        "request_id": item.request_id,
        "voice_id": item.voice_id,
        "voice_name": item.voice_name,
        "voice_category": item.voice_category,
        "model_id": item.model_id,
        "text": item.text,
        "date_unix": FIXED_TIME + item.number,
        "character_count_change_from": 0,
        "character_count_change_to": len(item.text),
        "content_type": media_type_of(item.output_format),
        "state": "created",
        "settings": item.settings,
        "source": SOURCE,
        "output_format": item.output_format,
    }
