"""Matchers are derived from the model of a body and one example."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any, Literal

import pytest
from pact import match
from pydantic import BaseModel, Field

from consumer_tests.matchers import (
    DATE,
    DATE_TIME,
    WHOLE_NUMBER,
    ExampleModelMismatchError,
    all_model_fields,
    matched_fields,
    matchers_for,
)


class Status(StrEnum):
    """Values, one with a character that has a meaning in a regular expression."""

    OPEN = "Open"
    PLANNED = "Plan.ned"


class Money(BaseModel):
    """An amount."""

    amount: float
    currency: str


class Reservation(BaseModel):
    """One field of every kind."""

    id: str
    status: Status | None = None
    kind: Literal["a", "b"] | None = None
    nights: int | None = None
    arrival: datetime | None = None
    day: date | None = None
    paid: bool | None = None
    total: Money | None = None
    rooms: list[Money] = []
    labels: dict[str, str] = {}
    created_ms: int | None = Field(None, alias="createdMs")


def to_plain(value: Any) -> Any:
    """Convert matchers to plain values, so that they can be compared."""
    if isinstance(value, dict):
        return {key: to_plain(item) for key, item in value.items()}
    return value.to_integration_json() if hasattr(value, "to_integration_json") else value


@pytest.mark.parametrize(
    ("field", "example", "matcher"),
    [
        ("status", "Open", match.regex("Open", regex=r"^(Open|Plan\.ned)$")),
        ("kind", "a", match.regex("a", regex="^(a|b)$")),
        ("nights", 2, match.int(2)),
        ("nights", "2", match.regex("2", regex=WHOLE_NUMBER)),
        ("arrival", "2026-05-01T15:00:00+02:00", match.regex("2026-05-01T15:00:00+02:00", regex=DATE_TIME)),
        ("day", "2026-05-01", match.regex("2026-05-01", regex=DATE)),
        ("paid", True, match.bool(True)),
        ("createdMs", 5, match.int(5)),
        ("rooms", [], match.like([])),
        ("status", None, None),
    ],
)
def test_field_matcher_follows_type(field: str, example: Any, matcher: Any) -> None:
    """The matcher of a field accepts what the model can parse, and nothing else."""
    matchers = matchers_for(Reservation, {"id": "S-1", field: example})

    assert to_plain(matchers) == to_plain({"id": match.str("S-1"), field: matcher})


def test_nested_model_is_matched_field_by_field() -> None:
    """Each field of a nested model has its own matcher."""
    matchers = matchers_for(Reservation, {"id": "S-1", "total": {"amount": 9.5, "currency": "EUR"}})

    assert to_plain(matchers["total"]) == to_plain(
        {"amount": match.number(9.5), "currency": match.str("EUR")}
    )


def test_list_matcher_requires_one_element_like_first() -> None:
    """A list whose elements are read must not be empty at verification."""
    matchers = matchers_for(list[Money], [{"amount": 1, "currency": "EUR"}])

    element = {"amount": match.number(1), "currency": match.str("EUR")}
    assert matchers.to_integration_json()["min"] == 1
    assert to_plain(matchers.to_integration_json()["value"][0]) == to_plain(element)


@pytest.mark.parametrize(
    ("example", "message"),
    [
        ({"id": "S-1", "guest": "x"}, r"\$: Reservation does not read guest"),
        ({"status": "Open"}, r"\$: the example lacks id, which Reservation requires"),
        (
            {"id": "S-1", "total": {"amount": 1}},
            r"\$\.total: the example lacks currency, which Money requires",
        ),
        (
            {"id": "S-1", "rooms": [{"amount": 1, "currency": "EUR", "tax": 1}]},
            r"\$\.rooms\[\*\]: Money does not read tax",
        ),
        ({"id": "S-1", "rooms": "none"}, r"\$\.rooms: a list is parsed here"),
        ([], r"\$: Reservation is parsed from an object"),
    ],
)
def test_example_that_does_not_fit_model_is_rejected(example: Any, message: str) -> None:
    """The error names an unread or missing field and its path."""
    with pytest.raises(ExampleModelMismatchError, match=message):
        matchers_for(Reservation, example)


def test_matched_fields_are_those_of_example() -> None:
    """Optional fields that the example lacks are not matched."""
    example = {"id": "S-1", "rooms": [{"amount": 1, "currency": "EUR"}]}

    matched = matched_fields(Reservation, example)

    assert matched == {
        ("Reservation", "id"),
        ("Reservation", "rooms"),
        ("Money", "amount"),
        ("Money", "currency"),
    }
    assert matched < all_model_fields(Reservation)
