"""The soak finds responses with a wrong status or error format."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from soak.responses import find_problem

ERROR = {
    "code": "SERVICE_UNAVAILABLE",
    "message": "The call record cannot be written.",
    "correlation_id": "c-1",
    "timestamp": "2027-05-01T10:00:00Z",
    "retryable": True,
    "details": [],
}
HEADERS = {"X-Correlation-ID": "c-1", "Retry-After": "1"}


@pytest.mark.parametrize(
    "response",
    [
        httpx.Response(200, text="anything"),
        httpx.Response(503, json={"error": ERROR}, headers=HEADERS),
        httpx.Response(409, json={"error": ERROR}, headers={"X-Correlation-ID": "c-1"}),
    ],
)
def test_expected_response_is_no_problem(response: httpx.Response) -> None:
    """A success, and an error in the service's format."""
    assert find_problem(response) is None


@pytest.mark.parametrize(
    ("status", "body", "headers", "problem"),
    [
        (500, {"error": ERROR}, HEADERS, "status 500"),
        (401, {"error": ERROR}, HEADERS, "status 401"),
        (503, {"detail": "x"}, HEADERS, "not in the error format"),
        (503, {"error": {"code": "X"}}, HEADERS, "has no correlation_id, details"),
        (503, {"error": ERROR | {"correlation_id": "other"}}, HEADERS, "not that of the response"),
        (503, {"error": ERROR}, {"X-Correlation-ID": "c-1"}, "503 has no Retry-After"),
    ],
)
def test_unexpected_response_is_a_problem(
    status: int, body: dict[str, Any], headers: dict[str, str], problem: str
) -> None:
    """The problem says what is wrong."""
    found = find_problem(httpx.Response(status, json=body, headers=headers))

    assert found is not None
    assert problem in found
