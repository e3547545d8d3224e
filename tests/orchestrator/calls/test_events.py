"""The validation of call events."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from orchestrator.calls.events import CallStarted, event_fingerprint
from orchestrator.calls.input_checks import MAX_DEPTH, MAX_METADATA_CHARACTERS
from tests.orchestrator.calls.call_flow import EVENTS, interaction, started

SURROGATE = "Ada \ud83d"
NUL = "Ada\0"


def nested(levels: int) -> dict[str, Any]:
    """Return an object with so many levels of nesting."""
    value: dict[str, Any] = {}
    for _ in range(levels):
        value = {"more": value}
    return value


@pytest.mark.parametrize("text", [SURROGATE, NUL])
@pytest.mark.parametrize(
    ("event", "path"),
    [
        (lambda text: started(guest_data={"name": text}), ("metadata", "guest_data")),
        (
            lambda text: started(guest_data={"notes": [{"by": text}]}),
            ("metadata", "guest_data"),
        ),
        (lambda text: started(guest_data={text: 1}), ("metadata", "guest_data")),
        (lambda text: started(room_number=text), ("metadata", "room_number")),
        (lambda text: started(priority=text), ("metadata", "priority")),
        (lambda text: started() | {"to_number": text}, ("to_number",)),
        (lambda text: started() | {"event": text}, ("event",)),
        (lambda text: started() | {text: 1}, ()),
        (lambda text: interaction("small_talk", text=text), ("guest_input",)),
        (lambda text: interaction("small_talk", service=text), ("parameters", "service")),
        (lambda text: interaction("small_talk", last_name=text), ("parameters", "last_name")),
    ],
)
def test_text_that_cannot_be_stored_is_rejected_with_its_field(event: Any, path: Any, text: str) -> None:
    """PostgreSQL rejects NUL, and a lone surrogate cannot be encoded; the error does not repeat either."""
    with pytest.raises(ValidationError) as error:
        EVENTS.validate_python(event(text))

    [detail] = error.value.errors()
    assert detail["loc"] == path
    assert text not in str(detail)


def test_nesting_is_limited() -> None:
    """Redaction and serialization recurse, so the depth is limited before them."""
    allowed = EVENTS.validate_python(started(guest_data=nested(MAX_DEPTH - 2)))

    with pytest.raises(ValidationError) as error:
        EVENTS.validate_python(started(guest_data=nested(300)))

    assert event_fingerprint(allowed)
    assert error.value.errors()[0]["loc"] == ("metadata", "guest_data")


def test_size_of_metadata_is_limited() -> None:
    """Further keys are ignored, but not read without limit."""
    EVENTS.validate_python(started(large_data="x" * (MAX_METADATA_CHARACTERS - 100)))

    with pytest.raises(ValidationError) as error:
        EVENTS.validate_python(started(large_data=["x" * 1000] * (MAX_METADATA_CHARACTERS // 1000 + 1)))

    assert error.value.errors()[0]["loc"] == ("metadata",)


def test_further_metadata_is_not_kept() -> None:
    """Neither the model nor its JSON has it."""
    event = EVENTS.validate_python(started(pms_type="mews", priority="high", vip={"name": "Ada"}))

    assert isinstance(event, CallStarted)
    assert set(event.model_dump()["metadata"]) == {"hotel_id", "reservation_id", "room_number", "guest_data"}


def test_time_without_offset_is_utc() -> None:
    """Existing clients send no offset."""
    event = EVENTS.validate_python(started() | {"timestamp": "2026-11-25T21:08:49.87"})

    assert event.timestamp.utcoffset() == timedelta(0)
    assert event.timestamp.isoformat() == "2026-11-25T21:08:49.870000+00:00"


@pytest.mark.parametrize("timestamp", ["9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+14:00"])
def test_time_outside_of_the_calendar_in_utc_is_rejected(timestamp: str) -> None:
    """It could not be stored when the call ends."""
    with pytest.raises(ValidationError) as error:
        EVENTS.validate_python(started() | {"timestamp": timestamp})

    assert error.value.errors()[0]["loc"] == ("call.started", "timestamp")
