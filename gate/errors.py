"""Why the gate cannot even answer: the step, what happened, and what to do next."""

from __future__ import annotations


class GateError(Exception):
    """The gate stops before a verdict.

    Attributes:
        advice: what the reader can do next.
    """

    def __init__(self, message: str, advice: str) -> None:
        self.advice = advice
        super().__init__(message)


class ContractNotMetError(GateError):
    """The answer is no before a broker is asked: the orchestrator does not do what its expectations say."""
