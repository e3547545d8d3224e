"""Checks every response of the service as it arrives."""

from __future__ import annotations

from collections import Counter
from typing import Any

import httpx

ALLOWED_STATUSES = frozenset({200, 404, 409, 503})
"""404: the start of the call is still being redelivered; 503: a data server is away."""
ERROR_FIELDS = frozenset({"code", "message", "correlation_id", "timestamp", "retryable", "details"})
MAX_PROBLEMS = 100


class ResponseChecker:
    """Counts statuses and collects responses that should not exist."""

    def __init__(self) -> None:
        self.statuses: Counter[int] = Counter()
        self.problems: list[str] = []

    async def __call__(self, response: httpx.Response) -> None:
        """Check a response: an event hook of httpx."""
        self.statuses[response.status_code] += 1
        await response.aread()
        problem = find_problem(response)
        if problem and len(self.problems) < MAX_PROBLEMS:
            self.problems.append(f"{response.request.method} {response.request.url.path}: {problem}")


def find_problem(response: httpx.Response) -> str | None:
    """Return what is wrong with the status or the error format of a response, or None."""
    if response.status_code not in ALLOWED_STATUSES:
        return f"status {response.status_code}: {response.text[:500]}"
    if response.status_code == 200:
        return None
    return _find_format_problem(response)


def _find_format_problem(response: httpx.Response) -> str | None:
    try:
        error: dict[str, Any] = response.json()["error"]
    except (ValueError, KeyError, TypeError):
        return f"status {response.status_code} is not in the error format: {response.text[:500]}"
    missing = ERROR_FIELDS - error.keys()
    if missing:
        return f"the error has no {', '.join(sorted(missing))}"
    if error["correlation_id"] != response.headers.get("X-Correlation-ID"):
        return "the correlation id of the error is not that of the response"
    if response.status_code == 503 and "Retry-After" not in response.headers:
        return "503 has no Retry-After"
    return None
