"""The Vault stub responds like the recorded server."""

from __future__ import annotations

from pathlib import Path

import pytest

from provider_verification.conformance import deviations
from provider_verification.conformance.replay.replay import replay
from provider_verification.conformance.replay.vault import VaultReplayAdapter, load_exchanges
from provider_verification.stubs.engine.server import run_stubs
from tests.replay.results import apply_deviations

pytestmark = pytest.mark.recordings


def test_stub_responds_like_recorded_server(recordings: Path) -> None:
    """Status, keys and types of every exchange are equal, except for the listed deviations."""
    patterns = deviations.load_deviations().recordings["vault/http.jsonl"]

    with run_stubs(["vault"]) as urls:
        results = list(
            replay(
                load_exchanges(recordings / "vault/http.jsonl", "vault-1.14.8"),
                VaultReplayAdapter(),
                urls["vault"],
            )
        )

    unexcused, unused_patterns = apply_deviations(results, patterns)
    assert len(results) == 606
    assert unexcused == []
    assert unused_patterns == set(), "these deviations excuse no difference"
