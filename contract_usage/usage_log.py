"""What a process of the service reads of vendors' responses, as JSON lines in a file of its own.

A line is complete once it is written, so the file of a killed process can be read. It holds names of fields, never a value.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

from contract_usage.exchanges import Exchange

FOLDER_VARIABLE = "CONTRACT_USAGE_FOLDER"


class UsageLog:
    """Appends each fact once.

    Args:
        folder: the folder of the processes' files; it is created if it does not exist.
    """

    def __init__(self, folder: Path) -> None:
        self._known: set[tuple[Exchange, str]] = set()
        folder.mkdir(parents=True, exist_ok=True)
        file = folder / f"{os.getpid()}-{os.urandom(4).hex()}.jsonl"
        self._file = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)

    def record(self, exchange: Exchange, path: str = "") -> None:
        """Note that an exchange took place, or that a field of it was read."""
        fact = (exchange, path)
        if fact not in self._known:
            self._known.add(fact)
            os.write(self._file, json.dumps([*exchange, path]).encode() + b"\n")


Usage = dict[Exchange, set[str]]
"""The paths that were read, by exchange; an exchange of which nothing was read has an empty set."""


def read_usage(folder: Path) -> Usage:
    """Return what all processes recorded in a folder."""
    usage: Usage = {}
    for exchange, path in _facts(folder):
        paths = usage.setdefault(exchange, set())
        if path:
            paths.add(path)
    return usage


def _facts(folder: Path) -> Iterator[tuple[Exchange, str]]:
    for file in folder.glob("*.jsonl"):
        for line in file.read_bytes().splitlines(keepends=True):
            # a disk may have been full
            if line.endswith(b"\n"):
                vendor, operation, status, path = json.loads(line)
                yield Exchange(vendor, operation, status), path
