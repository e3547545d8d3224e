"""Exchanges: the units in which demanded and read fields are compared."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from consumer_tests.operations import find_operation

MESSAGE_KINDS: Mapping[str, tuple[str, ...]] = {"livekit": ("event",), "apaleo": ("topic",)}
"""The fields that tell the messages of a vendor apart; those of other vendors are of one kind."""


class Exchange(NamedTuple):
    """What a pact describes once: an operation with its status, or a kind of message (status 0)."""

    vendor: str
    operation: str
    status: int

    def __str__(self) -> str:
        return f"{self.operation} {self.status}" if self.status else self.operation


class Instance(NamedTuple):
    """What a response or a message is an instance of.

    Attributes:
        exchange: the operation and status, or the kind of the message.
        interactions: those of its interactions whose examples it fulfils.
        candidates: those that it would fulfil if it lacked nothing; none if that is not known.
    """

    exchange: Exchange
    interactions: tuple[str, ...] = ()
    candidates: tuple[str, ...] = ()


def message_exchange(vendor: str, content: Mapping[str, Any]) -> Exchange:
    """Return the exchange of a message; its operation is the message's kind, such as `message room_finished`."""
    kinds = [str(content.get(field)) for field in MESSAGE_KINDS.get(vendor, ())]
    return Exchange(vendor, " ".join(["message", *kinds]), 0)


def http_exchange(vendor: str, method: str, path: str, status: int) -> Exchange:
    """Return the exchange of a response; an operation that the vendor's schemas lack is called by method and path."""
    operation = find_operation(vendor, method, path)
    return Exchange(vendor, operation.operation_id if operation else f"{method} {path}", status)
