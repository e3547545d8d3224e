"""The redaction of large metadata does not hold up other requests."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import httpx
import pytest

from orchestrator.calls import call_start
from orchestrator.observability.redaction import redact_value
from tests.integration.call_events import call_started

DEADLINE = 20.0
PHONE = "+4930123456"


async def test_other_requests_are_answered_during_the_redaction(
    http: httpx.AsyncClient, admin: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The redaction goes on only after another request was answered."""
    redacting, answered = threading.Event(), threading.Event()
    waits: list[bool] = []

    def redact_after_other_request(value: Any, name: str) -> Any:
        redacting.set()
        waits.append(answered.wait(DEADLINE))
        return redact_value(value, name)

    monkeypatch.setattr(call_start, "redact_value", redact_after_other_request)
    event = call_started("large", PHONE, guest_data={"notes": ["4111111111111111, " * 500] * 7})
    call = asyncio.create_task(http.post("/webhook/call-event", json=event, headers=admin))
    assert await asyncio.to_thread(redacting.wait, DEADLINE)

    health = await http.get("/healthz")
    answered.set()
    response = await call

    assert (health.status_code, response.status_code, {*waits}) == (200, 200, {True})
    assert "4111111111111111" not in response.text
