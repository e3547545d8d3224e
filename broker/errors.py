"""Errors of the broker's use cases, without HTTP: `broker.error_handlers` maps each to a status and a body."""

from __future__ import annotations

from collections.abc import Mapping, Sequence


class BrokerError(Exception):
    """Base class of all errors caused by what a client sent or by the state of the database."""


class NotFoundError(BrokerError):
    """A version, branch, tag, environment, pact, result or deployment does not exist."""


class PacticipantNotFoundError(BrokerError):
    """A pacticipant does not exist.

    Args:
        role: `pacticipant`, `consumer` or `provider`.
        name: the name that was asked for.
    """

    def __init__(self, role: str, name: str) -> None:
        super().__init__(f"No {role} with name '{name}' found")


class InvalidRequestError(BrokerError):
    """The request is not valid.

    Args:
        errors: messages by field name, or a list of messages about no single field.
    """

    def __init__(self, errors: Mapping[str, Sequence[str]] | Sequence[str]) -> None:
        super().__init__(errors)
        self.errors = errors


class ContractConflictError(BrokerError):
    """A publication conflicts with stored pacts or with the names of stored pacticipants."""

    def __init__(self, messages: Sequence[str]) -> None:
        super().__init__(messages)
        self.messages = messages


class IrreversibleChangeError(BrokerError):
    """A field that can only be set to false was set to true."""

    def __init__(self, field: str) -> None:
        super().__init__("cannot be set back to true: record it again")
        self.field = field
