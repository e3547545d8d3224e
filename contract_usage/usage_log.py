"""What a process of the service reads of vendors' responses, as JSON lines in a file of its own.

A line is complete once it is written, so the file of a killed process can be read. It holds names of fields, never a value.
"""

from __future__ import annotations

import functools
import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from contract_usage.exchanges import Exchange, Instance
from contract_usage.uses import Use

FOLDER_VARIABLE = "CONTRACT_USAGE_FOLDER"
SUFFIX = ".jsonl"
Fact = str | int | tuple[str, ...]


class FactLog:
    """Appends each fact once.

    Args:
        folder: the folder of the processes' files; it is created if it does not exist.
        suffix: the end of the names of the files with this kind of facts.
    """

    def __init__(self, folder: Path, suffix: str) -> None:
        self._known: set[tuple[Fact, ...]] = set()
        folder.mkdir(parents=True, exist_ok=True)
        file = folder / f"{os.getpid()}-{os.urandom(4).hex()}{suffix}"
        self._file = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)

    def append(self, *fact: Fact) -> None:
        """Append a fact, unless this process has done so before."""
        if fact not in self._known:
            self._known.add(fact)
            os.write(self._file, json.dumps(fact).encode() + b"\n")


def read_facts(folder: Path, suffix: str) -> Iterator[list[Any]]:
    """Give the facts of one kind that all processes recorded in a folder."""
    # most processes record the same
    lines = {
        line for file in folder.glob(f"*{suffix}") for line in file.read_bytes().splitlines(keepends=True)
    }
    for line in lines:
        # a disk may have been full
        if line.endswith(b"\n"):
            yield json.loads(line)


class UsageLog(FactLog):
    """The responses, messages and fields of one process.

    Args:
        folder: the folder of the processes' files; it is created if it does not exist.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, SUFFIX)

    def record(self, instance: Instance) -> None:
        """Note that a response or message arrived."""
        self.append(*instance.exchange, *instance[1:])

    def reporter(self, instance: Instance) -> Callable[[str, Use], None]:
        """Return what takes the paths of a response or message, and how each is used."""
        return functools.partial(self.append, *instance.exchange, *instance[1:])


@dataclass
class Reads:
    """The paths of one kind of response.

    Attributes:
        read: those that were read.
        valued: those of them that had a value in one of the responses.
        required: those without which no response can be parsed.
    """

    read: set[str] = field(default_factory=set)
    valued: set[str] = field(default_factory=set)
    required: set[str] = field(default_factory=set)

    def add(self, path: str, use: Use) -> None:
        """Add what is known of a path."""
        if use is Use.REQUIRED:
            self.required.add(path)
            return
        self.read.add(path)
        if use is Use.READ:
            self.valued.add(path)


class Kind(NamedTuple):
    """What some responses of an exchange have in common, as in `Instance`."""

    interactions: frozenset[str]
    candidates: frozenset[str] = frozenset()


Usage = dict[Exchange, dict[Kind, Reads]]
"""What was read of each exchange, by the kind of response."""


def read_usage(folder: Path) -> Usage:
    """Return what all processes recorded in a folder."""
    usage: Usage = {}
    for vendor, operation, status, interactions, candidates, *path in read_facts(folder, SUFFIX):
        kinds = usage.setdefault(Exchange(vendor, operation, status), {})
        reads = kinds.setdefault(Kind(frozenset(interactions), frozenset(candidates)), Reads())
        if path:
            reads.add(path[0], Use(path[1]))
    return usage
