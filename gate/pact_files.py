"""The pact files about to be published: looked at before a broker sees them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from consumer_tests.discovery import vendor_names
from consumer_tests.recorder import CONSUMER_NAME
from gate.errors import GateError


@dataclass(frozen=True, slots=True)
class PactFile:
    """A pact file that may be published: its provider and how many interactions it holds."""

    path: Path
    provider: str
    interactions: int


def load_pact_files(folder: Path) -> list[PactFile]:
    """Every pact file of the folder, sorted by name.

    Raises:
        GateError: there is none, or one is no pact between us and a vendor we know; the message names the file and
            what is wrong with it.
    """
    paths = sorted(folder.glob("*.json"))
    if not paths:
        raise GateError(f"there is no pact in {folder}/", "run 'make pact-consumer' to record them")
    return [_read(path) for path in paths]


def _read(path: Path) -> PactFile:
    advice = f"run 'make pact-consumer' to record it anew, or remove {path}"
    try:
        pact = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, OSError) as error:
        raise GateError(f"{path} is not JSON: {error}", advice) from None
    problem = _problem(pact)
    if problem:
        raise GateError(f"{path} is not a pact of ours: {problem}", advice)
    return PactFile(path, pact["provider"]["name"], len(pact["interactions"]))


def _problem(pact: Any) -> str | None:
    if not isinstance(pact, dict):
        return "it should be a JSON object"
    for role in ("consumer", "provider"):
        party = pact.get(role)
        if not isinstance(party, dict) or not isinstance(party.get("name"), str):
            return f"'{role}.name' should be the {role}'s name"
    if pact["consumer"]["name"] != CONSUMER_NAME:
        return f"'consumer.name' is '{pact['consumer']['name']}', it should be '{CONSUMER_NAME}'"
    if pact["provider"]["name"] not in vendor_names():
        return f"'provider.name' is '{pact['provider']['name']}', it should be one of {', '.join(vendor_names())}"
    if not isinstance(pact.get("interactions"), list) or not pact["interactions"]:
        return "'interactions' should be a list with at least one interaction"
    return None
