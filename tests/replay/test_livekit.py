"""The LiveKit stub responds like the recorded server."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from orchestrator.vendors.livekit.webhooks import parse_event
from provider_verification.conformance import deviations
from provider_verification.conformance.replay.livekit import LiveKitReplayAdapter, load_exchanges
from provider_verification.conformance.replay.replay import replay
from provider_verification.stubs.engine.server import run_stubs
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


def test_orchestrator_parses_every_recorded_webhook(recordings: Path) -> None:
    """Events of the real server contain everything that the orchestrator's model requires."""
    lines = (recordings / "livekit/webhooks.jsonl").read_text().splitlines()

    events = [parse_event(json.loads(line)["body"].encode()) for line in lines]

    assert len(events) == 23
    assert {"room_started", "participant_joined", "track_published", "room_finished"} <= {
        event.event for event in events
    }
