"""Vault's stub answers as the real server was recorded to."""

from __future__ import annotations

from pathlib import Path

import pytest

from provider_verification.conformance import deviations
from provider_verification.conformance.replay.replay import replay
from provider_verification.conformance.replay.vault import VaultReplayAdapter, load_exchanges
from provider_verification.stubs.engine.server import run_stubs
from tests.replay.outcomes import judged

pytestmark = pytest.mark.recordings


def test_the_stub_answers_as_the_server_did(recordings: Path) -> None:
    """Every exchange in its order: same status, keys and types; no other deviations than those listed."""
    patterns = deviations.load_deviations().recordings["vault/http.jsonl"]

    with run_stubs(["vault"]) as urls:
        outcomes = list(
            replay(
                load_exchanges(recordings / "vault/http.jsonl", "vault-1.14.8"),
                VaultReplayAdapter(),
                urls["vault"],
            )
        )

    unlisted, unused = judged(outcomes, patterns)
    assert len(outcomes) == 606
    assert unlisted == []
    assert unused == set(), "these excuse nothing any more"
