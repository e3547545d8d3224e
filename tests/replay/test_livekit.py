"""LiveKit's stub answers as the real server was recorded to."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from orchestrator.vendors.livekit.webhooks import parse_event
from provider_verification.conformance import deviations
from provider_verification.conformance.replay.livekit import LiveKitReplayAdapter, load_exchanges
from provider_verification.conformance.replay.replay import replay
from provider_verification.stubs.engine.server import run_stubs
from tests.replay.outcomes import judged

pytestmark = pytest.mark.recordings


@pytest.mark.parametrize(("file", "count"), [("http.jsonl", 139), ("sip/http.jsonl", 611)])
def test_the_stub_answers_as_the_server_did(recordings: Path, file: str, count: int) -> None:
    """Every exchange in its order: same status, error code, keys and types; no other deviations than those listed."""
    patterns = deviations.load_deviations().recordings[f"livekit/{file}"]

    with run_stubs(["livekit"]) as urls:
        outcomes = list(
            replay(load_exchanges(recordings / "livekit" / file), LiveKitReplayAdapter(), urls["livekit"])
        )

    unlisted, unused = judged(outcomes, patterns)
    assert len(outcomes) == count
    assert unlisted == []
    assert unused == set(), "these excuse nothing any more"


def test_every_recorded_webhook_is_read(recordings: Path) -> None:
    """With the fields that the real server sends, whatever the event."""
    lines = (recordings / "livekit/webhooks.jsonl").read_text().splitlines()

    events = [parse_event(json.loads(line)["body"].encode()) for line in lines]

    assert len(events) == 23
    assert {"room_started", "participant_joined", "track_published", "room_finished"} <= {
        one.event for one in events
    }
