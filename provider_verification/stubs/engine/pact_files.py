"""Reads the interactions of a vendor from the pacts."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from provider_verification.stubs.engine.errors import ContractError

PACTS = Path(__file__).parents[3] / "pacts"
T = TypeVar("T")


def read_interactions(vendor: str, folder: Path, parse: Callable[[dict[str, Any]], T | None]) -> list[T]:
    """Return what a function makes of each interaction and message of a vendor, except None.

    Raises:
        ContractError: a file in the folder is not a pact.
    """
    parsed: list[T] = []
    for file in sorted(folder.glob("*.json")):
        try:
            pact = _load(file, file.stat().st_mtime_ns)
            if pact["provider"]["name"] == vendor:
                parsed += [item for item in map(parse, pact["interactions"]) if item is not None]
        except (ValueError, LookupError, TypeError, AttributeError):
            raise ContractError(f"{file} is not a pact: run 'make pact-consumer'") from None
    return parsed


@functools.cache
def _load(file: Path, _changed_at: int) -> Any:
    """Return the content of a file: each of the many stubs of a process reads all pacts, and a pact may be recorded anew."""
    return json.loads(file.read_text(encoding="utf-8"))
