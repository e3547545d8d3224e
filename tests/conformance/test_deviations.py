"""The list of deviations is reviewed: each entry has a reason, and the file is what it should be."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from provider_verification.conformance.deviations import load_deviations
from provider_verification.conformance.errors import SpecError


def test_the_project_s_list_is_read() -> None:
    """Every entry has a reason in a sentence."""
    found = load_deviations()

    assert found.specs
    assert "livekit/http.jsonl" in found.recordings


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", "is no list of deviations"),
        ('{"recordings": []}', "is no list of deviations: KeyError\\('specs'\\)"),
        (
            json.dumps({"recordings": [], "specs": [{"at": "x", "reason": "because"}]}),
            "'because' is no reason",
        ),
    ],
)
def test_a_broken_list_is_named(tmp_path: Path, content: str, message: str) -> None:
    """The file, and what is wrong with it."""
    file = tmp_path / "deviations.json"
    file.write_text(content)

    with pytest.raises(SpecError, match=message):
        load_deviations(file)
