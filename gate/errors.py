"""Errors that stop the gate."""

from __future__ import annotations


class GateError(Exception):
    """The gate cannot give a verdict.

    Attributes:
        hint: what the reader can do next.
    """

    def __init__(self, message: str, hint: str) -> None:
        self.hint = hint
        super().__init__(message)


class ContractNotMetError(GateError):
    """The verdict is no without asking the broker: an expectation is not met, or a suite failed."""
