"""The slowdown of an endpoint that counts, from the quality gates."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

QUALITY_GATES = Path(__file__).parents[1] / "tests/integration/quality_gates.json"


class ThresholdsError(Exception):
    """The part "regression" of the quality gates is not valid; the message names the key."""


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Slowdowns that count, relative: 0.05 is 5 %.

    Attributes:
        default: of the endpoints that are not named.
        endpoints: by the endpoint's name.
    """

    default: float = 0.05
    endpoints: Mapping[str, float] = field(default_factory=dict)

    def of(self, endpoint: str) -> float:
        """Return the threshold of an endpoint."""
        return self.endpoints.get(endpoint, self.default)


def load_thresholds(known: frozenset[str], path: Path = QUALITY_GATES) -> Thresholds:
    """Read `"regression": {"default_percent": 5, "endpoints": {NAME: PERCENT}}`.

    Args:
        known: the names of all endpoints.
        path: the file of the quality gates.

    Raises:
        ThresholdsError: a key is unknown, or a value is no positive number.
    """
    section = json.loads(path.read_text(encoding="utf-8")).get("regression", {})
    if unknown := sorted(set(section) - {"default_percent", "endpoints"}):
        raise ThresholdsError(f"{path.name}: regression: unknown key {unknown[0]!r}")
    endpoints = section.get("endpoints", {})
    if unknown := sorted(set(endpoints) - known):
        raise ThresholdsError(f"{path.name}: regression.endpoints: there is no endpoint {unknown[0]!r}")
    return Thresholds(
        _relative("regression.default_percent", section.get("default_percent", 5)),
        {name: _relative(f"regression.endpoints.{name}", value) for name, value in endpoints.items()},
    )


def _relative(key: str, percent: Any) -> float:
    if isinstance(percent, bool) or not isinstance(percent, int | float) or percent <= 0:
        raise ThresholdsError(f"{key}: should be a number of percent above 0, not {percent!r}")
    return percent / 100
