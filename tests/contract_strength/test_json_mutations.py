"""Mutations of JSON values: each kind where it applies, and nowhere else."""

from __future__ import annotations

import random
from typing import Any

import pytest

from contract_strength.json_mutations import DROPPED, Context, another_text, apply, mutations, path_text

NOTHING_KNOWN = Context(is_error=False, choices=lambda _path: (), echoes=frozenset())
STRUCTURAL = {"field dropped", "null", "wrong type"}


def kinds_at(body: Any, path: str, context: Context = NOTHING_KNOWN) -> dict[str, Any]:
    """Return the new value of each kind of mutation at a path."""
    found = mutations(body, context, random.Random(1))  # noqa: S311 - not for security
    return {item.kind: item.after for item in found if path_text(item.path) == path}


@pytest.mark.parametrize(
    ("name", "value", "kinds"),
    [
        ("text", "Ada", set()),
        ("count", 2, {"number as string"}),
        ("price", 1.5, {"number as string"}),
        ("is_final", True, {"flag flipped"}),
        ("createdAt", "1795447149", {"string as number"}),
        ("arrival", "2027-05-10", {"impossible date", "no such day"}),
        ("arrival", "2027-05-10T15:00:00+02:00", {"impossible date", "no such day"}),
        ("currency", "EUR", {"another currency"}),
        ("id", "XPGMSXGF-1", {"another id"}),
        ("propertyId", "MUC", {"another id"}),
        ("room_id", "7", {"another id", "string as number"}),
        ("Id", "XPGMSXGF-1", {"another id"}),
        ("paid", "yes", set()),
        ("items", [], set()),
        ("items", [1], {"list emptied"}),
        ("items", [1, 2], {"list emptied", "list shortened"}),
    ],
)
def test_kinds_of_a_member(name: str, value: Any, kinds: set[str]) -> None:
    """Every member is dropped, null and of another type; the rest follows from its value and name."""
    assert set(kinds_at({name: value}, f"$.{name}")) == STRUCTURAL | kinds


def test_new_values() -> None:
    """What takes the place of the old value."""
    body = {"id": "a-1", "n": 3, "day": "2027-05-10T15:00:00Z", "flags": [True, False], "big": "12"}

    assert kinds_at(body, "$.n")["number as string"] == "3"
    assert kinds_at(body, "$.n")["field dropped"] is DROPPED
    assert kinds_at(body, "$.big")["string as number"] == 12
    assert kinds_at(body, "$.day")["impossible date"] == "9999-99-99T15:00:00Z"
    assert kinds_at(body, "$.day")["no such day"] == "2027-02-30T15:00:00Z"
    assert kinds_at(body, "$.flags")["list shortened"] == [True]
    assert kinds_at(body, "$.flags[1]")["flag flipped"] is True


@pytest.mark.parametrize(
    ("is_error", "name", "has_kind"), [(True, "code", True), (False, "code", False), (True, "text", False)]
)
def test_error_code_is_mutated_in_errors_only(is_error: bool, name: str, has_kind: bool) -> None:  # noqa: FBT001 - a case of the table
    """A `code` of a success may be anything."""
    context = NOTHING_KNOWN._replace(is_error=is_error)

    assert ("other error code" in kinds_at({name: "not_found"}, f"$.{name}", context)) is has_kind


def test_choice_is_mutated_out_of_enum_and_to_another() -> None:
    """The choices come from the schemas or the pact."""
    context = NOTHING_KNOWN._replace(choices=lambda path: ["on", "off"] if path == ("mode",) else [])
    kinds = kinds_at({"mode": "on", "text": "on"}, "$.mode", context)

    assert kinds["another choice"] == "off"
    assert kinds["out of enum"] not in {"on", "off"}
    assert set(kinds_at({"mode": "on", "text": "on"}, "$.text", context)) == STRUCTURAL


@pytest.mark.parametrize(("value", "has_kind"), [("call-1", True), ("call-2", False), ("a", False)])
def test_echo_of_the_request_is_mutated(value: str, has_kind: bool) -> None:  # noqa: FBT001 - a case of the table
    """A short text is no echo."""
    context = NOTHING_KNOWN._replace(echoes=frozenset({"call-1", "a"}))

    assert ("another echo" in kinds_at({"name": value}, "$.name", context)) is has_kind


def test_of_a_list_the_first_and_the_last_element_are_mutated() -> None:
    """The elements between them are like them."""
    found = mutations({"items": ["a", "b", "c"]}, NOTHING_KNOWN, random.Random(1))  # noqa: S311 - not for security

    assert {path_text(item.path) for item in found} == {"$", "$.items", "$.items[0]", "$.items[2]"}


def test_mutation_leaves_the_body_as_it_is() -> None:
    """A mutant is a copy."""
    body = {"a": {"b": [1, 2]}}

    mutated = [apply(body, item) for item in mutations(body, NOTHING_KNOWN, random.Random(1))]  # noqa: S311 - not for security

    assert body == {"a": {"b": [1, 2]}}
    assert all(item != body for item in mutated)


@pytest.mark.parametrize("seed", range(20))
def test_another_text_has_the_same_form(seed: int) -> None:
    """A UUID stays one."""
    other = another_text("5f0a1c2e-0000", random.Random(seed))  # noqa: S311 - not for security

    assert other != "5f0a1c2e-0000"
    assert (len(other), other[8]) == (13, "-")
    assert set(other) <= set("0123456789abcdef-")
    assert another_text("…", random.Random(seed)) == "…x"  # noqa: S311 - not for security


def test_same_seed_gives_the_same_mutations() -> None:
    """A finding can be repeated."""
    body = {"id": "XPGMSXGF-1", "currency": "EUR", "n": 1}
    first, second = (list(mutations(body, NOTHING_KNOWN, random.Random(7))) for _ in range(2))  # noqa: S311 - not for security

    assert first == second


def test_every_other_choice_is_tried() -> None:
    """Which of them are caught may differ, and must not depend on the seed."""
    context = Context(is_error=True, choices=lambda _path: ("on", "off", "idle"), echoes=frozenset())
    found = list(mutations({"code": "on"}, context, random.Random(1)))  # noqa: S311 - not for security

    assert [item.after for item in found if item.kind == "another choice"] == ["off", "idle"]
    assert {item.after for item in found if item.kind == "other error code"} <= {"off", "idle"}
