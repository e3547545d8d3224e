"""What a running stub remembers: requests seen, violations of the contract, and its own defects. All bounded."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from provider_verification.stubs.sdk import ValidationIssue

MAX_REQUESTS = 5_000
MAX_VIOLATIONS = 1_000
MAX_SAMPLE_LENGTH = 200
SECRET_HEADERS = frozenset({"authorization", "xi-api-key", "x-vault-token", "cookie", "x-api-key"})


@dataclass(slots=True)
class Violation:
    """What is wrong with requests: `rejected` by the vendor, an `unknown_parameter` that it ignores, or accepted by it but `not_in_pacts`."""

    kind: str
    operation: str
    rule: str
    location: str
    requirement: str
    sample: str
    schema_pointer: str
    count: int = 0

    def to_json(self) -> dict[str, str | int]:
        """Return the violation with the field names of `/_stub/violations`."""
        return {
            "kind": self.kind,
            "operation": self.operation,
            "rule": self.rule,
            "where": self.location,
            "requires": self.requirement,
            "sent": self.sample,
            "documented": self.schema_pointer,
            "count": self.count,
        }


@dataclass(slots=True)
class Journal:
    """The memory of a stub; `clear` forgets all of it."""

    requests: deque[dict[str, Any]] = field(default_factory=lambda: deque(maxlen=MAX_REQUESTS))
    violations: dict[tuple[str, str, str, str], Violation] = field(default_factory=dict)
    defects: deque[dict[str, Any]] = field(default_factory=lambda: deque(maxlen=100))

    def clear(self) -> None:
        """Forget everything seen so far."""
        self.requests.clear()
        self.violations.clear()
        self.defects.clear()

    def record_violation(self, kind: str, operation: str, fault: ValidationIssue, sent: str) -> None:
        """Count a violation; the same rule broken at the same place is one violation."""
        key = (kind, operation, fault.rule, fault.path)
        if key not in self.violations:
            if len(self.violations) >= MAX_VIOLATIONS:
                return
            self.violations[key] = Violation(
                kind,
                operation,
                fault.rule,
                fault.path,
                fault.message,
                sent[:MAX_SAMPLE_LENGTH],
                fault.schema_pointer,
            )
        self.violations[key].count += 1

    def record_defect(self, operation: str, status: int, where: str, message: str) -> dict[str, Any]:
        """Note an answer of the stub's own that its schemas do not allow."""
        found = {"operation": operation, "status": status, "where": where, "message": message}
        self.defects.append(found)
        return found


def mask_secret_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """Headers without the credentials in them."""
    return {name: "(secret)" if name in SECRET_HEADERS else value for name, value in headers.items()}
