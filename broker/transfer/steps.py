"""The steps of a history: each is one write at the broker that receives it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any


class TransferError(Exception):
    """The transfer cannot go on; the message says at which step and why."""


@dataclass(frozen=True, slots=True)
class Step:
    """One write.

    Attributes:
        key: names the step in the state file; it changes when the step has to be done again.
        kind: what is written; a method of the replay.
        load: returns the arguments of the write, which may be large.
    """

    key: str
    kind: str
    load: Callable[[], Awaitable[dict[str, Any]]]
