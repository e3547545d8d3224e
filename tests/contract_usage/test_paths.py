"""JSON paths: what a body's values are called, and when a path that was read is a demanded one."""

from __future__ import annotations

import pytest

from contract_usage.paths import contains, leaves, matches, member


def test_leaves() -> None:
    """Members of members, elements of lists, and a list of values as one value."""
    body = {"id": 1, "unit": {"name": None}, "items": [{"a": 1}, {"b": {"c": 2}}], "tags": ["x", "y"]}

    assert list(leaves(body)) == ["$.id", "$.unit.name", "$.items[*].a", "$.items[*].b.c", "$.tags"]


def test_leaves_of_empty_values() -> None:
    """An empty object and an empty list are values of their own."""
    assert list(leaves({"attributes": {}, "rooms": []})) == ["$.attributes", "$.rooms"]


def test_leaves_of_a_list() -> None:
    """The body may be a list."""
    assert list(leaves([{"model_id": "a"}])) == ["$[*].model_id"]


@pytest.mark.parametrize("body", [None, {}, [], "text"])
def test_no_leaves(body: object) -> None:
    """A body without fields has no paths."""
    assert list(leaves(body)) == []


def test_quoted_key() -> None:
    """A key with a dot is quoted."""
    assert member("$.attributes", "sip.phoneNumber") == "$.attributes['sip.phoneNumber']"


@pytest.mark.parametrize(
    ("read", "demanded", "expected"),
    [
        ("$.a.b", "$.a.b", True),
        ("$.a", "$.a.b", False),
        ("$.a.*", "$.a.b", True),
        ("$.a.*", "$.a['b.c']", True),
        ("$.a.*", "$.a.b.c", False),
        ("$.a.*", "$.a", False),
        ("$.items[*].a", "$.itemsX.a", False),
    ],
)
def test_matches(read: str, demanded: str, *, expected: bool) -> None:
    """Only the same path matches, or one below the keys of an iterated mapping."""
    assert matches(read, demanded) is expected


@pytest.mark.parametrize(
    ("read", "demanded", "expected"),
    [
        ("$.a", "$.a", True),
        ("$.a", "$.a.b", True),
        ("$.items", "$.items[*].a", True),
        ("$.a", "$.ab", False),
        ("$.a.b", "$.a", False),
        ("$.a.*", "$.a.b.c", True),
        ("$.a.*", "$.a", False),
    ],
)
def test_contains(read: str, demanded: str, *, expected: bool) -> None:
    """An object or a list contains what is below it."""
    assert contains(read, demanded) is expected
