"""The responses to call events."""

from __future__ import annotations

from typing import Any

from orchestrator.calls.call import Call
from orchestrator.calls.degradation import DegradationLog
from orchestrator.calls.reply import Reply


def reply_response(call: Call, text: str, reply: Reply, degradation: DegradationLog) -> dict[str, Any]:
    """Return the response to an event that the agent replies to with `text`."""
    return {
        "status": "success",
        "call_id": call.call_id,
        "state": call.status,
        "language": call.language,
        "reply": text,
        "outcome": reply.outcome,
        "result": dict(reply.result),
        "warnings": degradation.as_json(),
    }


def without_personal_data(response: dict[str, Any]) -> dict[str, Any]:
    """Return a response to an event as it is kept for redeliveries after the caller's data was erased."""
    emptied: dict[str, Any] = {
        "reply": "",
        "result": {},
        "reservation_data": None,
        "metadata": {},
        "guest_input": "",
        "understood": {},
    }
    return {name: emptied.get(name, value) for name, value in response.items()}


def end_response(call: Call, degradation: DegradationLog) -> dict[str, Any]:
    """Return the response to the end of a call."""
    return {
        "status": "success",
        "call_id": call.call_id,
        "state": call.status,
        "warnings": degradation.as_json(),
    }
