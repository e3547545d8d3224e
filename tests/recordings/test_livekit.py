"""LiveKit's stub answers as the real server was recorded to."""

from __future__ import annotations

import json
import os
from fnmatch import fnmatchcase
from pathlib import Path

import pytest

from orchestrator.vendors.livekit.webhooks import read_event
from provider_verification.conformance import deviations
from provider_verification.conformance.recordings.livekit import LiveKitDialect, read
from provider_verification.conformance.recordings.player import Outcome, play
from provider_verification.stubs.serve import running

pytestmark = pytest.mark.recordings


@pytest.fixture
def recordings() -> Path:
    """The folder of LiveKit's recordings."""
    return Path(os.environ["RECORDINGS"]) / "livekit"


@pytest.mark.parametrize(("file", "least"), [("http.jsonl", 139), ("sip/http.jsonl", 611)])
def test_the_stub_answers_as_the_server_did(recordings: Path, file: str, least: int) -> None:
    """Every exchange in its order: same status, error code, keys and types; no other deviations than those listed."""
    patterns = deviations.read().recordings[f"livekit/{file}"]

    with running(["livekit"]) as urls:
        outcomes = list(play(read(recordings / file), LiveKitDialect(), urls["livekit"]))

    different = [one for one in outcomes if one.differences]
    unlisted = [one for one in different if not listed(one, patterns)]
    used = {pattern for one in different for pattern in patterns if listed(one, {pattern})}
    assert len(outcomes) == least
    assert [f"{one.exchange.identifier}: {one.differences}" for one in unlisted] == []
    assert patterns - used == set(), "these excuse nothing any more"


def listed(outcome: Outcome, patterns: set[str]) -> bool:
    """Whether a deviation names this exchange."""
    return any(fnmatchcase(outcome.exchange.identifier, pattern) for pattern in patterns)


def test_every_recorded_webhook_is_read(recordings: Path) -> None:
    """With the fields that the real server sends, whatever the event."""
    lines = (recordings / "webhooks.jsonl").read_text().splitlines()

    events = [read_event(json.loads(line)["body"].encode()) for line in lines]

    assert len(events) == 23
    assert {"room_started", "participant_joined", "track_published", "room_finished"} <= {
        one.event for one in events
    }
