"""What a process of the service reads of vendors' responses, as JSON lines in a file of its own.

A line is complete once it is written, so the file of a killed process can be read. It holds names of fields, never a value.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

FOLDER_VARIABLE = "CONTRACT_USAGE_FOLDER"
MESSAGE_KINDS: Mapping[str, tuple[str, ...]] = {"livekit": ("event",), "apaleo": ("topic", "type")}
"""The fields that tell the messages of a vendor apart; those of other vendors are of one kind."""


class Exchange(NamedTuple):
    """What a pact describes once: an operation with its status, or a kind of message (status 0)."""

    vendor: str
    operation: str
    status: int

    def __str__(self) -> str:
        return f"{self.operation} {self.status}" if self.status else self.operation


def message_exchange(vendor: str, content: Mapping[str, Any]) -> Exchange:
    """Return the exchange of a message; its operation is the message's kind, such as `message room_finished`."""
    kinds = [str(content.get(field)) for field in MESSAGE_KINDS.get(vendor, ())]
    return Exchange(vendor, " ".join(["message", *kinds]), 0)


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
