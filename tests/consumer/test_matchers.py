"""Matching rules are derived from the model of a body and one example."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, Field, StringConstraints

from consumer_tests.contract import get, provider_state
from consumer_tests.demand import BY_TYPE, BY_VALUE, Matcher, Situation
from consumer_tests.echoes import sources_of
from consumer_tests.matchers import (
    ExampleModelMismatchError,
    all_model_fields,
    matched_fields,
    matching_rules,
    values_at,
)
from consumer_tests.patterns import DATE, DATE_TIME, WHOLE_NUMBER
from consumer_tests.value_markers import containing, exactly
from orchestrator.vendors.models import Currency


class Status(StrEnum):
    """Values, one with a character that has a meaning in a regular expression."""

    OPEN = "Open"
    PLANNED = "Plan.ned"


class Money(BaseModel):
    """An amount."""

    amount: float
    currency: str


class Labelled(Money):
    """An amount with a label."""

    label: str


class Reservation(BaseModel):
    """One field of every kind."""

    id: str
    status: Status | None = None
    kind: Literal["a", "b"] | None = None
    nights: int | None = None
    arrival: datetime | None = None
    day: date | None = None
    currency: Currency | None = None
    site: Annotated[str, StringConstraints(pattern="^[A-Z]+$")] | None = None
    total: Money | None = None
    rooms: list[Money] = []
    labels: dict[str, str] = {}
    created_ms: int | None = Field(None, alias="createdMs")


def rule(*matchers: Matcher) -> dict[str, Any]:
    """A rule of these matchers."""
    return {"combine": "AND", "matchers": list(matchers)}


def pattern(regex: str) -> list[Matcher]:
    """The matchers of a text with a pattern."""
    return [BY_TYPE, {"match": "regex", "regex": regex}]


@pytest.mark.parametrize(
    ("field", "example", "matchers"),
    [
        ("status", "Open", pattern(r"^(Open|Plan\.ned)$")),
        ("kind", "a", pattern("^(a|b)$")),
        ("nights", 2, [{"match": "integer"}]),
        ("nights", "2", pattern(WHOLE_NUMBER)),
        ("arrival", "2026-05-01T15:00:00+02:00", pattern(DATE_TIME)),
        ("day", "2026-05-01", pattern(DATE)),
        ("createdMs", 5, [{"match": "integer"}]),
        ("currency", "EUR", pattern("^[A-Z]{3}$")),
        ("site", "MUC", pattern("^[A-Z]+$")),
    ],
)
def test_field_is_matched_by_its_type(field: str, example: Any, matchers: list[Matcher]) -> None:
    """The matchers of a field accept what the model can parse, and nothing else."""
    rules = matching_rules(Reservation, {"id": "S-1", field: example})

    assert rules == {"$.id": rule(BY_TYPE), f"$.{field}": rule(*matchers)}


def test_nested_model_is_matched_field_by_field() -> None:
    """Each field of a nested model has its own rule."""
    rules = matching_rules(Reservation, {"id": "S-1", "total": {"amount": 9.5, "currency": "EUR"}})

    assert rules["$.total.amount"] == rule({"match": "number"})
    assert rules["$.total.currency"] == rule(BY_TYPE)
    assert "$.total" not in rules


def test_key_with_punctuation_is_quoted() -> None:
    """The dot of a key is none of the path."""
    rules = matching_rules(Reservation, {"id": "S-1", "labels": {"sip.from": "x"}})

    assert rules["$.labels['sip.from']"] == rule(BY_TYPE)
    assert list(values_at({"labels": {"sip.from": "x"}}, "$.labels['sip.from']")) == ["x"]


def test_list_must_have_elements_like_those_of_example() -> None:
    """A list whose elements are read must not be empty at verification."""
    rules = matching_rules(list[Money], [{"amount": 1, "currency": "EUR"}])

    assert rules["$"] == rule({"match": "type", "min": 1})
    assert rules["$[*].currency"] == rule(BY_TYPE)


def test_empty_list_has_no_rule() -> None:
    """The verifier accepts any list where there is a rule, and an empty one only where there is none."""
    assert "$.rooms" not in matching_rules(Reservation, {"id": "S-1", "rooms": []})


def test_elements_of_different_types_share_the_type() -> None:
    """A rule of a list's elements holds for all of them."""
    rules = matching_rules(list[str | int], ["query", 1])

    assert rules["$[*]"] == rule(BY_TYPE)


def test_element_that_the_state_names_must_be_in_the_list() -> None:
    """Others may stand beside it; a field that the request names is that of every element."""
    sources = sources_of("none", get("/x", {"currency": "EUR"}), [provider_state("a sum", label="lunch")])
    example = [{"amount": 1, "currency": "EUR", "label": "lunch"}]

    rules = matching_rules(list[Labelled], example, Situation(sources))

    every = {
        "$.amount": rule({"match": "number"}),
        "$.currency": rule(BY_VALUE),
        "$.label": rule(BY_TYPE),
    }
    contains, elements = rules["$"]["matchers"]
    assert elements == {"match": "type", "min": 1}
    assert contains["variants"] == [{"index": 0, "rules": {**every, "$.label": rule(BY_VALUE)}}]
    assert {path.replace("$[*]", "$"): value for path, value in rules.items() if path != "$"} == every


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
        ({"id": "S-1", "site": "muc"}, r"\$\.site: site: the example 'muc' does not match"),
    ],
)
def test_example_that_does_not_fit_model_is_rejected(example: Any, message: str) -> None:
    """The error names an unread or missing field and its path."""
    with pytest.raises(ExampleModelMismatchError, match=message):
        matching_rules(Reservation, example)


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


def test_list_contains_elements_among_others() -> None:
    """The other elements may lack what those of the example have."""
    example = {"id": "1-A", "rooms": containing({"amount": 1.5, "currency": exactly("EUR")})}

    rules = matching_rules(Reservation, example)

    [matcher] = rules["$.rooms"]["matchers"]
    assert [path for path in rules if path.startswith("$.rooms")] == ["$.rooms"]
    [variant] = matcher["variants"]
    assert (matcher["match"], variant["index"]) == ("arrayContains", 0)
    assert {path: rule["matchers"] for path, rule in variant["rules"].items()} == {
        "$.amount": [{"match": "number"}],
        "$.currency": [BY_VALUE],
    }
