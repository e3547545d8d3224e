"""The LiveKit stub responds like the recorded server."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from orchestrator.vendors.livekit.webhooks import parse_event
from provider_verification.conformance import deviations
from provider_verification.conformance.replay.exchange import RecordedExchange
from provider_verification.conformance.replay.livekit import LiveKitReplayAdapter, load_exchanges
from provider_verification.conformance.replay.replay import replay
from provider_verification.stubs.engine.server import run_stubs
from provider_verification.stubs.vendors.livekit.hooks import METHODS
from tests.replay.body_forms import rewrite, spoil
from tests.replay.results import apply_deviations

pytestmark = pytest.mark.recordings


@pytest.mark.parametrize(("file", "count"), [("http.jsonl", 139), ("sip/http.jsonl", 611)])
def test_stub_responds_like_recorded_server(recordings: Path, file: str, count: int) -> None:
    """Status, error code, keys and types of every exchange are equal, except for the listed deviations."""
    patterns = deviations.load_deviations().recordings[f"livekit/{file}"]

    with run_stubs(["livekit"]) as urls:
        results = list(
            replay(load_exchanges(recordings / "livekit" / file), LiveKitReplayAdapter(), urls["livekit"])
        )

    unexcused, unused_patterns = apply_deviations(results, patterns)
    assert len(results) == count
    assert unexcused == []
    assert unused_patterns == set(), "these deviations excuse no difference"


class RewritingAdapter(LiveKitReplayAdapter):
    """Sends each recorded body in another form with the same meaning."""

    def __init__(self, seed: int) -> None:
        super().__init__()
        self._chooser = random.Random(seed)  # noqa: S311 - the same forms in every run

    def refresh_credentials(self, exchange: RecordedExchange) -> RecordedExchange:
        """The exchange with a valid token and the other form of its body."""
        signed = super().refresh_credentials(exchange)
        body = decoded_object(exchange)
        if body is None:
            return signed
        descriptor = METHODS[method_of(exchange)].input_type
        return replace(signed, body=rewrite(self._chooser, descriptor, body).encode())


def method_of(exchange: RecordedExchange) -> str:
    """The name of the method that an exchange calls."""
    return exchange.path.partition("?")[0].rpartition("/")[2]


def decoded_object(exchange: RecordedExchange) -> dict[str, Any] | None:
    """The body of an exchange that reached its method; None for any other exchange."""
    has_reached = exchange.method == "POST" and method_of(exchange) in METHODS
    if not has_reached or b'"malformed"' in exchange.response.body:
        return None
    media_type = exchange.headers.get("content-type", "").partition(";")[0].lower()
    is_object = media_type == "application/json" and exchange.body.startswith(b"{")
    return json.loads(exchange.body) if is_object else None


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("file", ["http.jsonl", "sip/http.jsonl"])
def test_other_form_of_a_recorded_body_gets_the_recorded_response(
    recordings: Path, file: str, seed: int
) -> None:
    """Spellings, literals, nulls, unknown members and text after the document make no difference."""
    patterns = deviations.load_deviations().recordings[f"livekit/{file}"]

    with run_stubs(["livekit"]) as urls:
        exchanges = load_exchanges(recordings / "livekit" / file)
        results = list(replay(exchanges, RewritingAdapter(seed), urls["livekit"]))

    assert apply_deviations(results, patterns)[0] == []


@pytest.mark.parametrize("file", ["http.jsonl", "sip/http.jsonl"])
def test_recorded_body_with_a_value_of_another_type_is_malformed(recordings: Path, file: str) -> None:
    """Whatever the server answered to the body as it was recorded, unless the token or the route was wrong."""
    chooser = random.Random(file)  # noqa: S311 - the same bodies in every run
    adapter, sent = LiveKitReplayAdapter(), 0

    with run_stubs(["livekit"]) as urls, httpx.Client(base_url=urls["livekit"], timeout=20.0) as http:
        for exchange in load_exchanges(recordings / "livekit" / file):
            body = decoded_object(exchange)
            text = body and spoil(chooser, METHODS[method_of(exchange)].input_type, body)
            if not text or exchange.response.media_type != "application/json":
                continue
            headers = dict(adapter.refresh_credentials(exchange).headers)
            response = http.post(exchange.path, content=text, headers=headers)
            assert (response.status_code, response.json()["code"]) == (400, "malformed"), text
            sent += 1

    assert sent > 70


def test_orchestrator_parses_every_recorded_webhook(recordings: Path) -> None:
    """Events of the real server contain everything that the orchestrator's model requires."""
    lines = (recordings / "livekit/webhooks.jsonl").read_text().splitlines()

    events = [parse_event(json.loads(line)["body"].encode()) for line in lines]

    assert len(events) == 23
    assert {"room_started", "participant_joined", "track_published", "room_finished"} <= {
        event.event for event in events
    }
