"""The quality gates that this suite checks, from the settings file of all gates."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

GATES_FILE = Path(__file__).parents[1] / "quality_gates.json"


def max_error_rate() -> float:
    """Return the largest share of errors under load, from 0 to 1."""
    gates: dict[str, Any] = json.loads(GATES_FILE.read_text(encoding="utf-8"))
    return float(gates["thresholds"]["max_error_rate"])
