"""Pages of the TTS stub's lists: `has_more` is true only if another page has items."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from provider_verification.stubs.engine.server import run_stubs
from provider_verification.stubs.vendors.tts.state import API_KEY


@pytest.fixture
def http() -> Iterator[httpx.Client]:
    """A client of a running TTS stub."""
    with (
        run_stubs(["tts"]) as urls,
        httpx.Client(base_url=urls["tts"], headers={"xi-api-key": API_KEY}) as client,
    ):
        yield client


def set_state(http: httpx.Client, name: str, **params: Any) -> None:
    """Set a provider state of the stub."""
    http.post("/_stub/states", json={"state": name, "params": params}).raise_for_status()


@pytest.mark.parametrize(("count", "has_more", "token"), [(1, False, None), (2, False, None), (3, True, "2")])
def test_full_page_of_voices_has_more_only_if_voices_remain(
    http: httpx.Client, count: int, *, has_more: bool, token: str | None
) -> None:
    """A page of two voices, with one, two and three voices in all."""
    set_state(http, "voices", count=count)

    page = http.get("/v2/voices", params={"page_size": 2}).json()

    assert (len(page["voices"]), page["total_count"]) == (min(count, 2), count)
    assert (page["has_more"], page["next_page_token"]) == (has_more, token)


@pytest.mark.parametrize(("count", "has_more"), [(1, False), (2, False), (3, True)])
def test_full_page_of_history_has_more_only_if_items_remain(
    http: httpx.Client, count: int, *, has_more: bool
) -> None:
    """A page of two items, with one, two and three items in all."""
    for _ in range(count):
        set_state(http, "a text was spoken", voice_id="concierge", text="Good evening.")

    page = http.get("/v1/history", params={"page_size": 2}).json()

    assert (len(page["history"]), page["has_more"]) == (min(count, 2), has_more)
