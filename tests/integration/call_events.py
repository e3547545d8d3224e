"""Builders of call events as the telephone system sends them."""

from __future__ import annotations

from typing import Any

HOTEL = "MUC"
HOTEL_NUMBER = "+498912345678"


def timestamp(second: int = 0) -> str:
    """Return a time, in seconds after the start of the call."""
    return f"2027-05-01T10:{second // 60:02}:{second % 60:02}+02:00"


def call_started(call_id: str, phone: str = "+4930000000", **metadata: Any) -> dict[str, Any]:
    """Build a `call.started` event."""
    return {
        "event": "call.started",
        "call_id": call_id,
        "from_number": phone,
        "to_number": HOTEL_NUMBER,
        "timestamp": timestamp(),
        "metadata": {"hotel_id": HOTEL, **metadata},
    }


def call_interaction(
    call_id: str, interaction_type: str, guest_input: str = "", second: int = 10, **parameters: Any
) -> dict[str, Any]:
    """Build a `call.interaction` event."""
    event = {
        "event": "call.interaction",
        "call_id": call_id,
        "interaction_type": interaction_type,
        "guest_input": guest_input,
        "timestamp": timestamp(second),
    }
    return event | ({"parameters": parameters} if parameters else {})


def call_ended(call_id: str, duration: float = 120.0) -> dict[str, Any]:
    """Build a `call.ended` event."""
    return {"event": "call.ended", "call_id": call_id, "duration": duration, "timestamp": timestamp(120)}
