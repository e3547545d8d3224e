"""The thresholds come from the quality gates."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from performance.scenarios import SCENARIOS
from performance.thresholds import QUALITY_GATES, ThresholdsError, load_thresholds

KNOWN = frozenset({"GET /healthz", "POST /auth/login"})


def write(tmp_path: Path, section: dict[str, Any]) -> Path:
    """Write quality gates with this section."""
    path = tmp_path / "gates.json"
    path.write_text(json.dumps({"thresholds": {"min_pass_rate": 0.95}, "regression": section}))
    return path


def test_endpoint_without_a_threshold_has_the_default(tmp_path: Path) -> None:
    """Percent become a share."""
    path = write(tmp_path, {"default_percent": 5, "endpoints": {"POST /auth/login": 12.5}})

    thresholds = load_thresholds(KNOWN, path)

    assert (thresholds.of("GET /healthz"), thresholds.of("POST /auth/login")) == (0.05, 0.125)


@pytest.mark.parametrize(
    ("section", "key"),
    [
        ({"default": 5}, "'default'"),
        ({"endpoints": {"GET /health": 5}}, "'GET /health'"),
        ({"default_percent": 0}, "regression.default_percent"),
        ({"endpoints": {"GET /healthz": "5"}}, "regression.endpoints.GET /healthz"),
        ({"endpoints": {"GET /healthz": True}}, "regression.endpoints.GET /healthz"),
    ],
)
def test_invalid_section_names_the_key(tmp_path: Path, section: dict[str, Any], key: str) -> None:
    """A threshold that is never applied would be worse than none."""
    with pytest.raises(ThresholdsError) as raised:
        load_thresholds(KNOWN, write(tmp_path, section))

    assert key in str(raised.value)


def test_quality_gates_of_the_suites_are_valid() -> None:
    """The file that runs use."""
    thresholds = load_thresholds(frozenset(scenario.name for scenario in SCENARIOS), QUALITY_GATES)

    assert thresholds.default == 0.05
