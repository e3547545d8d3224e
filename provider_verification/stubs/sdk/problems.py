"""What is wrong with a request: the vendor rejects it, or the stub lacks what it asks for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

ProblemKind = Literal[
    "unauthenticated",
    "forbidden",
    "unknown_route",
    "wrong_method",
    "media_type",
    "malformed",
    "invalid",
    "too_large",
    "fault",
]


@dataclass(frozen=True, slots=True)
class ValidationIssue:
    """One rule that a request breaks.

    Attributes:
        location: the path to the invalid value, such as `("body", "reservations", 0, "adults")`.
        rule: the keyword of the schema that is violated, such as `required`.
        message: the requirement as text.
        schema_pointer: file and JSON pointer of the rule in `schemas/`; empty if no schema has the rule.
    """

    location: tuple[str | int, ...]
    rule: str
    message: str
    schema_pointer: str = ""

    @property
    def path(self) -> str:
        """The location as text: `body.reservations[0].adults`."""
        return dotted_path(self.location)


class RequestRejected(Exception):
    """The vendor rejects a request before its operation runs.

    Attributes:
        kind: the check that failed.
        message: what the vendor requires.
        issues: every rule that is violated, in the order of detection.
        status: the response status; None if it follows from the kind.
        route: method and path, set before `error_response` is called.
    """

    def __init__(
        self,
        kind: ProblemKind,
        message: str,
        issues: tuple[ValidationIssue, ...] = (),
        *,
        status: int | None = None,
    ) -> None:
        self.kind = kind
        self.message = message
        self.issues = issues
        self.status = status
        self.route = ""
        super().__init__(message)


class NotModelled(Exception):
    """The vendor has something that the stub lacks; the response is 501, and it does not count against the client.

    Every hook, operation and handler of a WebSocket may raise it.

    Attributes:
        what: what the stub lacks, such as `the header X-Vault-Namespace`.
        location: where the request has it, such as `("header", "x-vault-namespace")`.
        schema_pointer: file and JSON pointer of the operation in `schemas/`; empty if it has none.
    """

    def __init__(
        self, what: str, location: tuple[str | int, ...] = ("request",), schema_pointer: str = ""
    ) -> None:
        self.what = what
        self.location = location
        self.schema_pointer = schema_pointer
        super().__init__(f"the stub does not model {what}")


def dotted_path(location: Iterable[str | int]) -> str:
    """Return a location as text: `body.reservations[0].adults`."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in location)
    return text.removeprefix(".")
