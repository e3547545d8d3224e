"""The interactions and messages that the requests of a test process were attributed to, in a file of its own."""

from __future__ import annotations

from pathlib import Path

from contract_usage.usage_log import FactLog, read_facts

SUFFIX = ".interactions"


class InteractionLog(FactLog):
    """The interactions of one process.

    Args:
        folder: the folder of the processes' files; it is created if it does not exist.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, SUFFIX)

    def record(self, vendor: str, description: str) -> None:
        """Note that a request or a message of a suite is an instance of an interaction."""
        self.append(vendor, description)


def read_interactions(folder: Path) -> dict[str, set[str]]:
    """Return the descriptions that all processes recorded in a folder, by vendor."""
    interactions: dict[str, set[str]] = {}
    for vendor, description in read_facts(folder, SUFFIX):
        interactions.setdefault(vendor, set()).add(description)
    return interactions
