"""What a running stub records: requests, violations of the contract, and its own defects. All are bounded."""

from __future__ import annotations

import traceback
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from provider_verification.stubs.engine.lazy_attribution import LazyAttribution
from provider_verification.stubs.engine.masking import mask_pairs, mask_text
from provider_verification.stubs.engine.pact_examples import Attribution
from provider_verification.stubs.engine.sent_request import WEBSOCKET_METHOD, SentRequest
from provider_verification.stubs.sdk import ValidationIssue

MAX_REQUESTS = 5_000
MAX_VIOLATIONS = 1_000
MAX_DEFECTS = 100
MAX_SAMPLE_LENGTH = 200
MAX_NAME_LENGTH = 500


@dataclass(frozen=True, slots=True)
class RecordedRequest:
    """A request to the vendor's paths, and the status of its response.

    Attributes:
        body: the first MAX_BODY_SAMPLE_BYTES of the body.
        fault: the kind of the injected fault, if any.
        client_port: identifies the client's connection.
        received_at: when it arrived, in seconds of a clock that only goes forward.
        attribution: its interactions in the pacts.
    """

    operation: str
    method: str
    path: str
    query: Mapping[str, list[str]]
    headers: Mapping[str, str]
    body: bytes
    status: int
    fault: str | None
    client_port: int
    received_at: float
    attribution: Attribution | LazyAttribution

    def to_json(self) -> dict[str, Any]:
        """Return the request with the field names of `/_stub/requests` and without credentials."""
        return {
            "operation": self.operation,
            "method": self.method,
            "path": self.path,
            "query": self.query,
            "headers": dict(mask_pairs(self.headers.items())),
            "body": self.body.decode("utf-8", errors="replace"),
            "status": self.status,
            "fault": self.fault,
            "connection": self.client_port,
            "received_at": self.received_at,
            "interactions": list(self.attribution.interactions),
            "exercised": sorted(self.attribution.exercised),
            "nearest": self.attribution.nearest,
        }


@dataclass(slots=True)
class Violation:
    """A violation of the contract by a client, counted per caller, operation, rule and location.

    Attributes:
        kind: `rejected` by the vendor; an `unknown_parameter` or an `unknown_field` of the body that it ignores; accepted
            but probably a mistake (`warning`); `not_modelled` by the stub; or accepted but `not_in_pacts`.
        sample: the start of the first request body or value with this violation.
        request: the first request with this violation; None for a message of a WebSocket.
    """

    kind: str
    caller: str
    operation: str
    rule: str
    location: str
    requirement: str
    sample: str
    schema_pointer: str
    request: SentRequest | None
    count: int = 0

    @property
    def curl(self) -> str:
        """The curl line that repeats the request; empty for a message of a WebSocket."""
        return self.request.curl_command() if self.request else ""

    def to_json(self) -> dict[str, str | int]:
        """Return the violation with the field names of `/_stub/violations`."""
        return {
            "kind": self.kind,
            "caller": self.caller,
            "operation": self.operation,
            "rule": self.rule,
            "where": self.location,
            "requires": self.requirement,
            "sent": self.sample,
            "documented": self.schema_pointer,
            "curl": self.curl,
            "count": self.count,
        }


@dataclass(slots=True)
class Journal:
    """The requests, violations and defects of one stub; the oldest requests and defects are dropped first.

    Attributes:
        on_violation: called with each violation as it happens.
    """

    requests: deque[RecordedRequest] = field(default_factory=lambda: deque(maxlen=MAX_REQUESTS))
    violations: dict[tuple[str, ...], Violation] = field(default_factory=dict)
    defects: deque[dict[str, Any]] = field(default_factory=lambda: deque(maxlen=MAX_DEFECTS))
    on_violation: Callable[[Violation], None] = lambda _violation: None

    @property
    def exercised(self) -> set[str]:
        """The interactions that the requests exercised."""
        return {description for request in self.requests for description in request.attribution.exercised}

    def clear(self) -> None:
        """Remove all entries."""
        self.requests.clear()
        self.violations.clear()
        self.defects.clear()

    def record_violation(
        self, kind: str, operation: str, issue: ValidationIssue, sample: str, request: SentRequest
    ) -> None:
        """Count a violation; the same rule violated by the same caller at the same location is one entry."""
        operation, location, caller = map(_shorten, (operation, issue.path, request.caller))
        key = (kind, caller, operation, issue.rule, location)
        if key not in self.violations:
            if len(self.violations) >= MAX_VIOLATIONS:
                return
            self.violations[key] = Violation(
                kind,
                caller,
                operation,
                issue.rule,
                location,
                _shorten(issue.message),
                mask_text(sample, request.target)[:MAX_SAMPLE_LENGTH],
                issue.schema_pointer,
                request if request.method != WEBSOCKET_METHOD else None,
            )
        self.violations[key].count += 1
        self.on_violation(self.violations[key])

    def record_defect(self, operation: str, status: int, location: str, message: str) -> dict[str, Any]:
        """Record a response or message of the stub that violates its own schemas, and return the entry."""
        defect = {"operation": operation, "status": status, "where": location, "message": message}
        self.defects.append(defect)
        return defect

    def record_exception(self, operation: str, status: int, error: Exception) -> dict[str, Any]:
        """Record an error in the stub's own code, with the place where it was raised, and return the entry."""
        frames = traceback.extract_tb(error.__traceback__)
        place = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "unknown place"
        return self.record_defect(operation, status, place, repr(error)[:MAX_NAME_LENGTH])


def _shorten(text: str) -> str:
    """Return the start of a text; a lone surrogate, which no response can contain, is replaced."""
    return text[:MAX_NAME_LENGTH].encode(errors="replace").decode()
