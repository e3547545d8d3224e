"""The result of a verification, and how it is described."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Outcome = Literal["verified", "failed", "incomplete", "error"]
MAX_LISTED_FAILURES = 5


@dataclass(frozen=True, slots=True)
class Mismatch:
    """One difference between an interaction of a pact and what the stub sent.

    Attributes:
        part: status, header, body, metadata, schema if the stub's response breaks the stub's own schema, or error if
            there is no response to compare.
        field: the JSON path in the body, the name of the header, the place of a schema's error, or empty.
        message: the difference in words.
        expected: the kind of value in the pact, such as `string`, or the status; empty if unknown.
        actual: the kind of value that the stub sent, `missing`, or the status; empty if unknown.
    """

    part: str
    field: str
    message: str
    expected: str = ""
    actual: str = ""

    def __str__(self) -> str:
        """The field and the difference, on one line."""
        # The verifier's message about a status contains both statuses already.
        has_kinds = self.expected and self.actual and self.part != "status"
        kinds = f" (expected {self.expected}, got {self.actual})" if has_kinds else ""
        # Messages about an error or a schema say where already.
        location = "" if self.part in {"error", "schema"} else self.field or self.part
        return f"{location}: {self.message}{kinds}" if location else f"{self.message}{kinds}"


@dataclass(frozen=True, slots=True)
class InteractionFailure:
    """One interaction that the stub does not fulfil.

    Attributes:
        consumer: the consumer of the pact.
        description: the interaction's description.
        operation: method and path with the operationId, or the message; empty if unknown.
        mismatches: the differences, at least one.
    """

    consumer: str
    description: str
    operation: str
    mismatches: tuple[Mismatch, ...]

    def __str__(self) -> str:
        """Description, operation and differences, on one line."""
        operation = f" [{self.operation}]" if self.operation else ""
        return f"'{self.description}'{operation}: {'; '.join(map(str, self.mismatches))}"


@dataclass(frozen=True, slots=True)
class VerificationResult:
    """The result of verifying a vendor's pacts.

    Attributes:
        vendor: the provider.
        expected: the number of interactions in the pacts.
        verified: the number of interactions that the verifier reported.
        failures: the interactions that the stub does not fulfil.
        errors: why the verification did not run to its end, if so: such a result says nothing about the stub.
    """

    vendor: str
    expected: int
    verified: int
    failures: tuple[InteractionFailure, ...] = ()
    errors: tuple[str, ...] = ()

    @property
    def outcome(self) -> Outcome:
        """`verified` only if there are interactions, all of them were verified, and nothing failed."""
        if self.errors:
            return "error"
        if self.expected == 0 or self.verified != self.expected:
            return "incomplete"
        return "failed" if self.failures else "verified"

    @property
    def success(self) -> bool:
        """Whether the outcome is `verified`."""
        return self.outcome == "verified"

    def summary(self) -> str:
        """The result in one sentence."""
        if self.errors:
            return f"{self.vendor}: the verification did not finish: {'; '.join(self.errors)}"
        if self.expected == 0:
            return f"{self.vendor}: the pacts contain no interaction to verify"
        if self.verified != self.expected:
            return f"{self.vendor}: {self.verified} of {self.expected} interactions were verified"
        if self.failures:
            return f"{self.vendor}: {len(self.failures)} of {self.expected} interactions failed"
        return f"{self.vendor}: all {self.expected} interactions verified"

    def details(self) -> list[str]:
        """One line per failed interaction, and one for those beyond `MAX_LISTED_FAILURES`."""
        lines = [str(failure) for failure in self.failures[:MAX_LISTED_FAILURES]]
        rest = len(self.failures) - len(lines)
        return [*lines, f"(and {rest} more)"] if rest else lines
