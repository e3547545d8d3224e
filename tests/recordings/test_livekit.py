"""LiveKit's stub answers as the real server was recorded to."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from orchestrator.vendors.livekit.webhooks import read_event
from provider_verification.conformance import deviations
from provider_verification.conformance.recordings.livekit import LiveKitDialect, read
from provider_verification.conformance.recordings.player import play
from provider_verification.stubs.serve import running

pytestmark = pytest.mark.recordings


@pytest.fixture
def recordings() -> Path:
    """The folder of LiveKit's recordings."""
    return Path(os.environ["RECORDINGS"]) / "livekit"


def test_the_stub_answers_as_the_server_did(recordings: Path) -> None:
    """Every exchange in its order: same status, error code, keys and types; no other deviations than those listed."""
    exchanges = list(read(recordings / "http.jsonl"))

    with running(["livekit"]) as urls:
        outcomes = list(play(exchanges, LiveKitDialect(), urls["livekit"]))

    assert len(outcomes) == len(exchanges) > 100
    different = {one.exchange.identifier: one for one in outcomes if one.differences}
    assert different.keys() == deviations.read().recordings["livekit/http.jsonl"], different


def test_every_recorded_webhook_is_read(recordings: Path) -> None:
    """With the fields that the real server sends, whatever the event."""
    lines = (recordings / "webhooks.jsonl").read_text().splitlines()

    events = [read_event(json.loads(line)["body"].encode()) for line in lines]

    assert len(events) == 23
    assert {"room_started", "participant_joined", "track_published", "room_finished"} <= {
        one.event for one in events
    }
