"""Errors that nobody has foreseen."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest
from structlog.testing import capture_logs

from orchestrator.container import Container
from tests.integration.error_format import error_problems

SECRET_TEXT = "guest Ada Muster, +4930123456"


async def test_unexpected_error_has_the_format_of_all_errors(
    http: httpx.AsyncClient,
    admin: dict[str, str],
    container: Container,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The response has nothing of the error but the id of the request, the log its kind and place; the next one is normal."""

    async def fail(*_: object) -> None:
        raise LookupError(SECRET_TEXT)

    headers = admin | {"X-Correlation-ID": "unexpected-1"}
    with monkeypatch.context() as broken, capture_logs() as lines:
        broken.setattr(container.rate_limiter, "used", fail)
        response = await http.get("/resilience/rate-limits/ada", headers=headers)
    next_response = await http.get("/resilience/rate-limits/ada", headers=admin)

    assert error_problems(response.status_code, 500, response.headers, response.text) == []
    assert response.json()["error"]["correlation_id"] == "unexpected-1"
    [line] = [line for line in lines if line["event"] == "unexpected error"]
    assert (line["kind"], Path(line["trace"][-1].partition(":")[0])) == ("LookupError", Path(__file__))
    assert [SECRET_TEXT in text for text in (str(lines), response.text)] == [False, False]
    assert next_response.status_code == 200
