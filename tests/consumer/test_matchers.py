"""What a pact demands is derived from the model that reads it and one example."""

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
    """States with a character that means something in a regular expression."""

    OPEN = "Open"
    SOON = "So.on"


class Money(BaseModel):
    """An amount."""

    amount: float
    currency: str


class Stay(BaseModel):
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


def wrapped(value: Any) -> Any:
    """Matchers as plain values, so that they can be compared."""
    if isinstance(value, dict):
        return {key: wrapped(item) for key, item in value.items()}
    return value.to_integration_json() if hasattr(value, "to_integration_json") else value


@pytest.mark.parametrize(
    ("field", "example", "matcher"),
    [
        ("status", "Open", match.regex("Open", regex=r"^(Open|So\.on)$")),
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
def test_a_field_is_demanded_by_its_type(field: str, example: Any, matcher: Any) -> None:
    """Each type of field has the matcher that accepts what the model can read, and nothing else."""
    demanded = matchers_for(Stay, {"id": "S-1", field: example})

    assert wrapped(demanded) == wrapped({"id": match.str("S-1"), field: matcher})


def test_a_nested_model_is_demanded_field_by_field() -> None:
    """An object is demanded as deep as it is read."""
    demanded = matchers_for(Stay, {"id": "S-1", "total": {"amount": 9.5, "currency": "EUR"}})

    assert wrapped(demanded["total"]) == wrapped({"amount": match.number(9.5), "currency": match.str("EUR")})


def test_a_list_demands_at_least_one_element_like_its_first() -> None:
    """A list whose element is read must not be empty at verification."""
    demanded = matchers_for(list[Money], [{"amount": 1, "currency": "EUR"}])

    element = {"amount": match.number(1), "currency": match.str("EUR")}
    assert demanded.to_integration_json()["min"] == 1
    assert wrapped(demanded.to_integration_json()["value"][0]) == wrapped(element)


@pytest.mark.parametrize(
    ("example", "message"),
    [
        ({"id": "S-1", "guest": "x"}, r"\$: Stay does not read guest"),
        ({"status": "Open"}, r"\$: the example lacks id, which Stay needs"),
        ({"id": "S-1", "total": {"amount": 1}}, r"\$\.total: the example lacks currency, which Money needs"),
        (
            {"id": "S-1", "rooms": [{"amount": 1, "currency": "EUR", "tax": 1}]},
            r"\$\.rooms\[\*\]: Money does not read tax",
        ),
        ({"id": "S-1", "rooms": "none"}, r"\$\.rooms: a list is read here"),
        ([], r"\$: Stay is read from an object"),
    ],
)
def test_an_example_that_does_not_fit_its_model_is_refused(example: Any, message: str) -> None:
    """A field nobody reads, or one that is missing, is named with its place."""
    with pytest.raises(ExampleModelMismatchError, match=message):
        matchers_for(Stay, example)


def test_demanded_fields_are_those_of_the_example() -> None:
    """Only what the example holds is demanded; the rest of what can be read is not."""
    example = {"id": "S-1", "rooms": [{"amount": 1, "currency": "EUR"}]}

    demanded = matched_fields(Stay, example)

    assert demanded == {("Stay", "id"), ("Stay", "rooms"), ("Money", "amount"), ("Money", "currency")}
    assert demanded < all_model_fields(Stay)
