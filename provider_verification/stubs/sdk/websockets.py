"""A vendor's WebSocket: the session that a handler serves, and how it is registered."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

from provider_verification.stubs.sdk.messages import Json
from provider_verification.stubs.sdk.problems import ValidationIssue

POLICY_VIOLATION = 1008
"""The WebSocket close code of a vendor that rejects what the client sent (RFC 6455, section 7.4.1)."""


class WebSocketSession(Protocol):
    """An open WebSocket whose messages are validated against the schemas in both directions.

    Attributes:
        state: the vendor's state.
        path_params: the parameters of the path template.
        query: the query parameters.
        headers: the headers of the handshake; names are lower case.
    """

    state: Any
    path_params: Mapping[str, str]
    query: dict[str, str]
    headers: dict[str, str]

    async def receive(self, kind_of: Callable[[Json], str]) -> Json:
        """Return the next message, validated as the kind of message that `kind_of` returns for it.

        Raises:
            RequestRejected: the message is not a text frame with a JSON object, or it violates its schema. The violation is
                recorded.
            NotModelled: the vendor has one of the message's fields, and the stub lacks it.
        """
        ...

    def record_violation(self, issue: ValidationIssue, sample: str = "", kind: str = "rejected") -> None:
        """Record a violation that no schema describes."""
        ...

    async def send(self, kind: str, value: Json) -> None:
        """Send a message of the given kind; a value that violates its schema closes the connection with 1011."""
        ...

    async def close(self, code: int = 1000, reason: str = "") -> None:
        """Close the connection."""
        ...


WebSocketHandler: TypeAlias = Callable[[WebSocketSession], Awaitable[None]]
HandshakeCheck: TypeAlias = Callable[[Any, Mapping[str, str]], None]


@dataclass(frozen=True, slots=True)
class WebSocketRoute:
    """A WebSocket of a vendor.

    Attributes:
        name: the operation's name, for the journal.
        messages: the file in the vendor's schema folder whose `$defs` are the messages.
        handler: serves an accepted connection.
        client_messages: the messages of the client; without any, fields that no schema has are not recorded.
        query: the query parameters that the stub models; others that the vendor has are not modelled.
        check_handshake: raises RequestRejected, from state and query, if the vendor denies the handshake.
    """

    name: str
    messages: str
    handler: WebSocketHandler
    client_messages: tuple[str, ...]
    query: frozenset[str]
    check_handshake: HandshakeCheck
