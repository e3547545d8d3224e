"""What a process of the service reads of vendors' responses, as JSON lines in a file of its own.

A line is complete once it is written, so the file of a killed process can be read. It holds names of fields, never a value.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from contract_usage.exchanges import Exchange

FOLDER_VARIABLE = "CONTRACT_USAGE_FOLDER"
SUFFIX = ".jsonl"


class FactLog:
    """Appends each fact once.

    Args:
        folder: the folder of the processes' files; it is created if it does not exist.
        suffix: the end of the names of the files with this kind of facts.
    """

    def __init__(self, folder: Path, suffix: str) -> None:
        self._known: set[tuple[str | int, ...]] = set()
        folder.mkdir(parents=True, exist_ok=True)
        file = folder / f"{os.getpid()}-{os.urandom(4).hex()}{suffix}"
        self._file = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)

    def append(self, *fact: str | int) -> None:
        """Append a fact, unless this process has done so before."""
        if fact not in self._known:
            self._known.add(fact)
            os.write(self._file, json.dumps(fact).encode() + b"\n")


def read_facts(folder: Path, suffix: str) -> Iterator[list[Any]]:
    """Give the facts of one kind that all processes recorded in a folder."""
    for file in folder.glob(f"*{suffix}"):
        for line in file.read_bytes().splitlines(keepends=True):
            # a disk may have been full
            if line.endswith(b"\n"):
                yield json.loads(line)


class UsageLog(FactLog):
    """The exchanges and the fields of one process.

    Args:
        folder: the folder of the processes' files; it is created if it does not exist.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, SUFFIX)

    def record(self, exchange: Exchange, path: str = "") -> None:
        """Note that an exchange took place, or that a field of it was read."""
        self.append(*exchange, path)


Usage = dict[Exchange, set[str]]
"""The paths that were read, by exchange; an exchange of which nothing was read has an empty set."""


def read_usage(folder: Path) -> Usage:
    """Return what all processes recorded in a folder."""
    usage: Usage = {}
    for vendor, operation, status, path in read_facts(folder, SUFFIX):
        paths = usage.setdefault(Exchange(vendor, operation, status), set())
        if path:
            paths.add(path)
    return usage
