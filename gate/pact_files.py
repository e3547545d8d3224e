"""The pact files of this tree, checked before a broker sees them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from consumer_tests.names import CONSUMER_NAME, vendor_names
from gate.errors import GateError


@dataclass(frozen=True, slots=True)
class PactFile:
    """A valid pact file: its provider and its content."""

    path: Path
    provider: str
    content: dict[str, Any]

    @property
    def interactions(self) -> int:
        """The number of its interactions."""
        return len(self.content["interactions"])


def load_pact_files(folder: Path) -> list[PactFile]:
    """Return every pact file of the folder, sorted by name.

    Raises:
        GateError: if the folder has no pact, or a file is not a pact between the orchestrator and one of its vendors;
            the message names the file and what is wrong with it.
    """
    paths = sorted(folder.glob("*.json"))
    if not paths:
        raise GateError(f"there is no pact in {folder}/", "run 'make pact-consumer' to record them")
    return [_read(path) for path in paths]


def vendors_without_pact(files: list[PactFile]) -> list[str]:
    """Return the vendors that have expectations but no pact file."""
    return sorted(set(vendor_names()) - {file.provider for file in files})


def _read(path: Path) -> PactFile:
    hint = f"run 'make pact-consumer' to record it again, or remove {path}"
    try:
        pact = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, OSError) as error:
        raise GateError(f"{path} is not JSON: {error}", hint) from None
    problem = _problem(pact)
    if problem:
        raise GateError(f"{path} is not a pact of the orchestrator: {problem}", hint)
    return PactFile(path, pact["provider"]["name"], pact)


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
    return _interactions_problem(pact.get("interactions"))


def _interactions_problem(interactions: Any) -> str | None:
    if not isinstance(interactions, list) or not interactions:
        return "'interactions' should be a list with at least one interaction"
    if not all(isinstance(item, dict) and "description" in item for item in interactions):
        return "every interaction should be an object with a 'description'"
    return None
