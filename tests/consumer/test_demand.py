"""Which values are demanded exactly, by pattern and by type: one test for each line of the rule, in both directions."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

import pytest

from consumer_tests.contract import get, post, provider_state
from consumer_tests.demand import BY_TYPE, BY_VALUE, Field, Situation, matchers_of, situation_of
from consumer_tests.discovery import load_contract
from consumer_tests.documented import DocumentedText
from consumer_tests.echoes import sources_of
from consumer_tests.interaction import HttpInteraction, ProviderState, Request
from consumer_tests.patterns import DATE, DATE_TIME
from consumer_tests.value_markers import any_of, by_type, exactly

NO_REQUEST = get("/")


def demand(
    value: Any,
    path: str = "field",
    *,
    request: Request = NO_REQUEST,
    state: ProviderState | None = None,
    outcome: str = "",
    model: Any = str,
) -> str:
    """Return how a value is demanded: `value`, a pattern, or the name of the type's matcher."""
    sources = sources_of("none", request, [state] if state else [])
    situation = Situation(sources, frozenset({outcome} if outcome else ()))
    matchers = matchers_of(Field(model, None, tuple(path.split(".")), value), situation)
    if matchers == [BY_VALUE]:
        return "value"
    return str(matchers[-1].get("regex", matchers[-1]["match"]))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (exactly("x"), "value"),
        (exactly(2), "value"),
        (any_of("x", "y"), "^(x|y)$"),
        (any_of(1, 2), "^(1|2)$"),
        ("x", "type"),
        (2, "number"),
    ],
)
def test_author_s_word_decides(value: Any, expected: str) -> None:
    """A value without a word is demanded by type."""
    assert demand(value) == expected


def test_author_s_word_precedes_the_request() -> None:
    """A value that repeats the request by chance is demanded by type."""
    request = get("/", {"field": "lunch"})

    assert demand("lunch", request=request) == "value"
    assert demand(by_type("lunch"), request=request) == "type"
    assert demand(any_of("lunch", "dinner"), request=request) == "^(lunch|dinner)$"


@pytest.mark.parametrize(
    ("value", "path", "expected"),
    [
        ("quota_exceeded", "detail.status", "value"),
        ("invalid_api_key", "detail.status", "type"),
        ("quota_exceeded and more", "detail.message", "type"),
        (True, "paid", "value"),
        (False, "paid", "value"),
        (True, "folios.*.is_main", "boolean"),
        ("", "deletion_time", "value"),
        ("", "rooms.*.metadata", "type"),
        (None, "track", "value"),
    ],
)
def test_outcome_is_demanded_by_value(value: Any, path: str, expected: str) -> None:
    """An error code that the expectation names, a flag, an empty text and null; flags of a list's elements differ."""
    assert demand(value, path, outcome="quota_exceeded") == expected


@pytest.mark.parametrize(
    ("value", "path", "request_", "expected"),
    [
        ("XPG-1", "id", get("/reservations/XPG-1"), "value"),
        ("XPG-2", "id", get("/reservations/XPG-1"), "type"),
        ("MUC", "property.id", get("/", {"site": "MUC"}), "value"),
        ("de", "language", get("/", {"site": "de"}), "type"),
        ("de", "language", get("/", {"language": "de"}), "value"),
        ("call-1", "room", post("/", {"names": ["call-1"]}), "value"),
        ("open", "status", get("/", {"status": "open,closed"}), "^(open|closed)$"),
        ("note", "metadata", Request("POST", "/", form={"metadata": "note"}), "value"),
        (2, "pageNumber", get("/", {"pageNumber": "2"}), "value"),
        (2, "adults", get("/", {"pageNumber": "2"}), "number"),
        (3, "max_participants", post("/", {"limits": {"maxParticipants": 3}}), "value"),
        (4, "max_participants", post("/", {"limits": {"maxParticipants": 3}}), "number"),
        (1, "count", post("/", {"count": True}), "number"),
        (True, "tracks.*.muted", post("/", {"muted": True}), "value"),
        ("+4930", "numbers.*", post("/", {"update": {"numbers": {"set": ["+4930"]}}}), "value"),
        ("MUC", "hotels.*.property.id", get("/", {"propertyIds": "MUC"}), "value"),
        ("id-1", "Customers.*.Id", post("/", {"CustomerIds": ["id-1"]}), "value"),
        ("Muster", "guests.*.lastName", get("/", {"textSearch": "Muster"}), "type"),
        ("Muster", "lastName", get("/", {"textSearch": "Muster"}), "value"),
    ],
)
def test_value_of_the_request_is_demanded(value: Any, path: str, request_: Request, expected: str) -> None:
    """Short texts, numbers, flags and elements of lists need the same key; a search is no field of its results."""
    assert demand(value, path, request=request_) == expected


@pytest.mark.parametrize(
    ("value", "path", "params", "expected"),
    [
        ("InHouse", "status", {"status": "InHouse"}, "value"),
        ("NoShow", "reason", {"why": {"code": "NoShow"}}, "value"),
        ("Confirmed", "status", {"status": "InHouse"}, "type"),
        ("muc", "key", {"path": "hotels/muc"}, "value"),
        (3, "count", {"count": 3}, "value"),
        (3, "total", {"count": 3}, "number"),
    ],
)
def test_value_of_the_provider_state_is_demanded(
    value: Any, path: str, params: dict[str, Any], expected: str
) -> None:
    """Parameters count at any depth, and so do the parts of a path."""
    assert demand(value, path, state=provider_state("a state", **params)) == expected


def test_value_that_the_state_provides_is_demanded() -> None:
    """The id of a booking that the vendor creates is known to its state only."""
    assert demand("BOOK1", state=provider_state("a booking").providing(bookingId="BOOK1")) == "value"


@pytest.mark.parametrize(
    ("text", "accepted"),
    [
        ("2027-05-10T15:00:00+02:00", True),
        ("2027-05-10T00:00:00Z", True),
        ("2027-05-11T15:00:00+02:00", False),
        ("2027-05-10", False),
    ],
)
def test_date_time_must_be_on_the_date_asked_for(text: str, accepted: bool) -> None:  # noqa: FBT001
    """The time of day is the vendor's."""
    request = get("/", {"arrival": "2027-05-10"})

    pattern = demand("2027-05-10T15:00:00+02:00", "arrival", request=request, model=datetime)

    assert bool(re.search(pattern, text)) is accepted
    assert demand("2027-05-12T15:00:00+02:00", "departure", request=request, model=datetime) == DATE_TIME


@pytest.mark.parametrize(
    ("text", "accepted"),
    [
        ("2027-05-10", True),
        ("2028-02-29", True),
        ("2000-02-29", True),
        ("9999-99-99", False),
        ("2027-13-01", False),
        ("2027-00-10", False),
        ("2027-04-31", False),
        ("2027-02-29", False),
        ("2027-02-30", False),
        ("1900-02-29", False),
        ("2027-5-1", False),
    ],
)
def test_dates_exist(text: str, accepted: bool) -> None:  # noqa: FBT001
    """Neither a month nor a day beyond the calendar is accepted, with or without a time."""
    assert bool(re.search(DATE, text)) is accepted
    assert bool(re.search(DATE_TIME, f"{text}T23:59:59.5Z")) is accepted


@pytest.mark.parametrize(
    "time", ["24:00:00Z", "12:60:00Z", "12:00:60Z", "12:00:00", "12:00:00+15:00", "12:00Z"]
)
def test_times_exist_and_have_an_offset(time: str) -> None:
    """A time without an offset is no point in time."""
    assert not re.search(DATE_TIME, f"2027-05-10T{time}")


def test_documented_text_is_demanded_by_its_pattern() -> None:
    """The pattern of the vendor's schemas stands beside that of the model."""
    schema = {"properties": {"phone": {"pattern": r"^\+\d+$"}}}
    situation = Situation(documented=DocumentedText("none", schema))

    phone, name = (
        matchers_of(Field(str, "^.+$", (key,), "+4930"), situation)[1:] for key in ("phone", "name")
    )

    assert [matcher["regex"] for matcher in phone] == ["^.+$", r"^\+\d+$"]
    assert [matcher["regex"] for matcher in name] == ["^.+$"]


def test_word_of_another_type_is_refused() -> None:
    """A flag needs no word: outside lists it is demanded by value."""
    flag: Any = True
    with pytest.raises(TypeError, match="True is neither a string nor a number"):
        exactly(flag)


def _interaction(vendor: str, description: str) -> HttpInteraction:
    return next(i for i in load_contract(vendor).interactions if i.description == description)


@pytest.mark.parametrize(
    ("vendor", "description", "path", "model", "value", "expected"),
    [
        (
            "tts",
            "a text streamed when the quota is used up",
            "detail.status",
            str,
            "quota_exceeded",
            [BY_VALUE],
        ),
        ("livekit", "a number being dialled that is busy", "meta.sip_status_code", str, "486", [BY_VALUE]),
        ("apaleo", "a reservation by its id", "id", str, "XPGMSXGF-1", [BY_VALUE]),
        ("apaleo", "a reservation by its id", "unitGroup.name", str, "Double", [BY_TYPE]),
    ],
)
def test_situation_is_that_of_the_interaction(
    vendor: str, description: str, path: str, model: Any, value: str, expected: Any
) -> None:
    """Request, states and the expected error are those of the contract."""
    situation = situation_of(_interaction(vendor, description))

    assert matchers_of(Field(model, None, tuple(path.split(".")), value), situation) == expected
