"""The committed pacts, and altered copies of them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

PACTS = Path(__file__).parents[2] / "pacts"


def pact_file(vendor: str) -> Path:
    """The committed pact with a vendor."""
    return PACTS / f"voicehive-orchestrator-{vendor}.json"


def read_pact(vendor: str) -> dict[str, Any]:
    """The content of the committed pact with a vendor."""
    pact: dict[str, Any] = json.loads(pact_file(vendor).read_text())
    return pact


def interaction_named(pact: dict[str, Any], description: str) -> dict[str, Any]:
    """The interaction of a pact with a description."""
    interactions: list[dict[str, Any]] = pact["interactions"]
    return next(item for item in interactions if item["description"] == description)


def write_altered(folder: Path, vendor: str, alter: Callable[[dict[str, Any]], Any]) -> Path:
    """Write a copy of a vendor's pact that `alter` has changed in place."""
    pact = read_pact(vendor)
    alter(pact)
    file = folder / "altered.json"
    file.write_text(json.dumps(pact))
    return file
