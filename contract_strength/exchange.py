"""What goes over the wire when an interaction is verified: provider states, the request, and the vendor's response."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

MARKER_HEADER = "x-contract-strength"
"""Names the interaction of a pact that a request of the verifier belongs to."""


@dataclass(frozen=True, slots=True)
class Reply:
    """A response or a message as bytes.

    Attributes:
        headers: names in lower case, without Content-Length.
        missing_bytes: how many more bytes Content-Length announces than are sent before the connection is closed.
    """

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    missing_bytes: int = 0

    def header(self, name: str) -> str:
        """Return the value of a header, empty if it is absent."""
        return dict(self.headers).get(name, "")

    @property
    def json(self) -> Any:
        """The body as a JSON value.

        Raises:
            ValueError: it is not JSON.
        """
        return json.loads(self.body)


@dataclass(frozen=True, slots=True)
class Sent:
    """A request of the verifier: `target` is path and query as they were sent, header names are in lower case."""

    method: str
    target: str
    headers: tuple[tuple[str, str], ...]
    body: bytes


@dataclass(frozen=True, slots=True)
class StateSetUp:
    """A provider state that was set up: its name and parameters, and the values that it returned."""

    name: str
    params: Mapping[str, Any]
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Exchange:
    """One verified interaction.

    Attributes:
        interaction: as it is in the pact.
        states: the provider states in their order.
        request: None for a message.
        reply: what the stub sent.
    """

    vendor: str
    interaction: Mapping[str, Any]
    states: Sequence[StateSetUp] = field(default_factory=tuple)
    request: Sent | None = None
    reply: Reply = Reply(200, (), b"")

    @property
    def description(self) -> str:
        """The interaction's description."""
        return str(self.interaction["description"])

    @property
    def demanded(self) -> Mapping[str, Any]:
        """The part of the interaction that the reply must match: the response, or the message itself."""
        response: Mapping[str, Any] = self.interaction.get("response", self.interaction)
        return response

    @property
    def demanded_body(self) -> Mapping[str, Any] | None:
        """The body that the reply must match, None if any matches."""
        body: Mapping[str, Any] | None = self.demanded.get("body") or self.demanded.get("contents")
        return body or None
