"""Loading of the list of deviations."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from provider_verification.conformance.deviations import load_deviations
from provider_verification.conformance.errors import SpecError


def test_project_list_is_loaded() -> None:
    """The list in schemas/ is valid: every entry has a reason."""
    deviations = load_deviations()

    assert deviations.specs
    assert "livekit/http.jsonl" in deviations.recordings


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", "is not a list of deviations"),
        ('{"recordings": []}', "is not a list of deviations: KeyError\\('specs'\\)"),
        (
            json.dumps({"recordings": [], "specs": [{"at": "x", "reason": "because"}]}),
            "'because' is not a reason",
        ),
    ],
)
def test_broken_list_is_rejected(tmp_path: Path, content: str, message: str) -> None:
    """The message names the error."""
    file = tmp_path / "deviations.json"
    file.write_text(content)

    with pytest.raises(SpecError, match=message):
        load_deviations(file)
