"""The Vault stub responds like the recorded servers: Vault itself, and OpenBao, which has the same API."""

from __future__ import annotations

from pathlib import Path

import pytest

from provider_verification.conformance import deviations
from provider_verification.conformance.replay.replay import replay
from provider_verification.conformance.replay.vault import VaultReplayAdapter, load_exchanges
from provider_verification.stubs.engine.server import run_stubs
from tests.replay.results import apply_deviations

pytestmark = pytest.mark.recordings


@pytest.mark.parametrize(("server", "count"), [("vault-1.14.8", 687), ("openbao-2.5.5", 688)])
def test_stub_responds_like_recorded_server(recordings: Path, server: str, count: int) -> None:
    """Status, texts of errors, keys and types of every exchange are equal, except for the listed deviations.

    What httpx and hvac sent is replayed; deviations of OpenBao alone are listed under its own name.
    """
    listed = deviations.load_deviations().recordings
    patterns = listed["vault/http.jsonl"] | listed.get(f"vault/http.jsonl {server}", set())

    with run_stubs(["vault"]) as urls:
        exchanges = load_exchanges(recordings / "vault/http.jsonl", server)
        results = list(replay(exchanges, VaultReplayAdapter(), urls["vault"]))

    unexcused, unused_patterns = apply_deviations(results, patterns)
    assert len(results) == count
    assert unexcused == []
    assert unused_patterns == set(), "these deviations excuse no difference"
