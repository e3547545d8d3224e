"""The validation of call events."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from orchestrator.calls.events import CallStarted, event_id_of
from orchestrator.calls.input_checks import MAX_DEPTH, MAX_METADATA_CHARACTERS
from tests.orchestrator.calls.call_flow import EVENTS, ended, interaction, started


def interaction_event() -> dict[str, Any]:
    """Return an interaction."""
    return interaction("greeting")


def nested(levels: int) -> dict[str, Any]:
    """Return an object with so many levels of nesting."""
    value: dict[str, Any] = {}
    for _ in range(levels):
        value = {"more": value}
    return value


def test_nesting_is_limited() -> None:
    """Redaction and serialization recurse, so the depth is limited before them."""
    allowed = EVENTS.validate_python(started(guest_data=nested(MAX_DEPTH - 2)))

    with pytest.raises(ValidationError) as error:
        EVENTS.validate_python(started(guest_data=nested(300)))

    assert event_id_of(allowed)
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


@pytest.mark.parametrize(
    "timestamp",
    [
        "2027-05-01T10:00:00Z",
        "2027-05-01T10:00:00+00:00",
        "2027-05-01T10:00:00.000000-00:00",
        "2027-05-01T12:00:00+02:00",
        "2027-05-01T05:30:00.000-04:30",
        "2027-05-01T10:00:00",
        1809165600,
    ],
)
@pytest.mark.parametrize(
    "build", [started, interaction_event, ended], ids=["started", "interaction", "ended"]
)
def test_same_instant_spelled_differently_is_the_same_event(
    build: Callable[[], dict[str, Any]], timestamp: str | int
) -> None:
    """The telephone system may deliver an event again over another server, which writes times in another way."""
    event = build()

    ids = {
        event_id_of(EVENTS.validate_python(event | {"timestamp": written}))
        for written in ("2027-05-01T10:00:00+00:00", timestamp)
    }

    assert len(ids) == 1


def test_order_of_keys_does_not_make_another_event() -> None:
    """JSON objects have no order."""
    data = {"vip": True, "notes": {"a": 1, "b": 2}}
    turned = {"notes": {"b": 2, "a": 1}, "vip": True}

    events = [EVENTS.validate_python(started(guest_data=guest_data)) for guest_data in (data, turned)]

    assert event_id_of(events[0]) == event_id_of(events[1])


@pytest.mark.parametrize(
    "change", [{"timestamp": "2027-05-01T10:00:00.000001Z"}, {"duration": 60.5}, {"call_id": "2"}]
)
def test_other_content_is_another_event(change: dict[str, Any]) -> None:
    """An id that ignored a field would swallow an event."""
    events = [EVENTS.validate_python(event) for event in (ended(), ended() | change)]

    assert event_id_of(events[0]) != event_id_of(events[1])


@pytest.mark.parametrize("confirmed", [1, "yes", "true"])
def test_only_a_boolean_confirms(confirmed: object) -> None:
    """Nothing else means that the guest has agreed, for example to be recorded."""
    with pytest.raises(ValidationError) as error:
        EVENTS.validate_python(interaction_event() | {"parameters": {"confirmed": confirmed}})

    assert error.value.errors()[0]["loc"] == ("call.interaction", "parameters", "confirmed")
