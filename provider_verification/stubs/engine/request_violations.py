"""The violations of one request, as the journal keeps them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from provider_verification.stubs.engine.journal import Journal
from provider_verification.stubs.engine.openapi import Operation
from provider_verification.stubs.engine.request_names import KIND_BY_LOCATION
from provider_verification.stubs.engine.sent_request import SentRequest
from provider_verification.stubs.sdk import RequestRejected, ValidationIssue

NUMBER = re.compile(r"-?\d{1,12}(\.\d{1,6})?")
LIMITS = frozenset({"exclusiveMaximum", "exclusiveMinimum", "maximum", "minimum", "multipleOf"})
"""Keywords of numbers; a value that breaks another one may be a text, and so personal data such as a telephone number."""


class RequestViolations:
    """Records the violations of one request.

    Args:
        journal: the stub's journal.
        sent_request: returns the request as it was sent, from its body; called only if there is a violation.
    """

    def __init__(self, journal: Journal, sent_request: Callable[[bytes], SentRequest]) -> None:
        self._journal = journal
        self._sent_request = sent_request

    def record(
        self, kind: str, operation: str, issue: ValidationIssue, raw_body: bytes, sample: str | None = None
    ) -> None:
        """Record a violation; the sample is the start of the body if none is given."""
        request = self._sent_request(raw_body)
        shown = request.body.decode("utf-8", errors="replace") if sample is None else sample
        self._journal.record_violation(kind, operation, issue, shown, request)

    def record_ignored(
        self, operation: str, issue: ValidationIssue, raw_body: bytes, query: Mapping[str, list[str]]
    ) -> None:
        """Record a query parameter or a field of the body that the vendor ignores."""
        location = str(issue.location[0])
        sample = query[str(issue.location[1])][0] if location == "query" else None
        self.record(KIND_BY_LOCATION[location], operation, issue, raw_body, sample)

    def record_not_in_pacts(
        self, operation: Operation, query: Mapping[str, list[str]], raw_body: bytes
    ) -> None:
        """Record a request that the vendor accepts and no pact contains."""
        parameters = sorted(query)
        suffix = f" with {', '.join(parameters)}" if parameters else ""
        message = f"no pact has an interaction of {operation.operation_id}{suffix}"
        location = ("query",) if parameters else ("request",)
        issue = ValidationIssue(location, "pact", message, operation.schema_pointer)
        self.record("not_in_pacts", operation.operation_id, issue, raw_body, "&".join(parameters))

    def record_rejection(
        self,
        operation: Operation | None,
        problem: RequestRejected,
        raw_body: bytes,
        query: Mapping[str, list[str]],
    ) -> None:
        """Record every rule that a rejected request violates.

        Args:
            operation: the operation; None if the vendor has none for the method and path.
            problem: why the vendor rejects the request.
            raw_body: the body as received.
            query: the query as received.
        """
        name = operation.operation_id if operation else problem.route
        pointer = operation.schema_pointer if operation else ""
        issues = problem.issues or (ValidationIssue(("request",), problem.kind, problem.message, pointer),)
        # The body of an unauthenticated request can be a credential.
        sample = "" if problem.kind == "unauthenticated" else None
        for issue in issues:
            number = _number_of(issue, query) if sample is None else None
            self.record("rejected", name, issue, raw_body, sample if number is None else number)


def _number_of(issue: ValidationIssue, query: Mapping[str, list[str]]) -> str | None:
    """Return the number in a query parameter that is beyond its limit; None for every other issue."""
    if issue.location[0] != "query" or issue.rule not in LIMITS:
        return None
    [value, *_] = query.get(str(issue.location[1])) or [""]
    return value if NUMBER.fullmatch(value) else None
