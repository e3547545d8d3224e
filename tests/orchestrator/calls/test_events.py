"""The validation of call events."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from orchestrator.calls import input_checks
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


@pytest.mark.parametrize("levels", range(MAX_DEPTH - 4, MAX_DEPTH + 2))
@pytest.mark.parametrize("innermost", [{}, [], {"key": 1}, [1], "text"], ids=repr)
def test_check_without_paths_accepts_nothing_that_the_one_with_paths_rejects(
    monkeypatch: pytest.MonkeyPatch, levels: int, innermost: Any
) -> None:
    """It leaves a nesting close to the limit to the other one, and decides on all that is below."""
    value = innermost
    for _ in range(levels):
        value = {"more": value}
    document = {"metadata": value}
    is_small = input_checks._is_small(document)  # noqa: SLF001 - no event tells which check accepted it
    monkeypatch.setattr(input_checks, "_is_small", lambda _: False)

    try:
        is_allowed = input_checks.check_json(document) is document
    except ValidationError:
        is_allowed = False

    assert is_allowed or not is_small
    assert is_small or levels >= MAX_DEPTH - 2


@pytest.mark.parametrize(
    "make",
    [
        lambda size: {"k": "x" * (size - 1)},
        lambda size: {"x" * (size - 1): 1},
        lambda size: {"k": [0] * (size - 2)},
        lambda size: {"k": {"x" * (size - 3): []}},
    ],
    ids=["text", "name", "list", "nested"],
)
def test_metadata_has_one_limit_whatever_it_consists_of(make: Callable[[int], Any]) -> None:
    """The characters of names and texts count, and each other value as one."""
    allowed, too_large = ({"metadata": make(MAX_METADATA_CHARACTERS + more)} for more in (0, 1))

    assert input_checks.check_json(allowed) is allowed
    with pytest.raises(ValidationError):
        input_checks.check_json(too_large)


def test_characters_outside_of_the_metadata_do_not_count_as_metadata() -> None:
    """Their fields have limits of their own, or are no fields."""
    document = {"further": "x" * (2 * MAX_METADATA_CHARACTERS), "metadata": {"key": "x"}}

    assert input_checks.check_json(document) is document


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
