"""Comparison of the interactions of two pacts."""

from __future__ import annotations

from typing import Any

from provider_verification.pact_changes import PactChanges, compare_pacts


def pact(*descriptions: str) -> dict[str, Any]:
    """A pact with one interaction per description."""
    return {"interactions": [{"description": description} for description in descriptions]}


def test_removed_and_added_interactions_are_listed() -> None:
    """The order of the interactions does not matter, and the result is sorted."""
    changes = compare_pacts(pact("b", "gone", "a", "also gone"), pact("a", "new", "b"))

    assert changes == PactChanges(added=("new",), removed=("also gone", "gone"))


def test_equal_pacts_have_no_changes() -> None:
    """Only the order differs."""
    assert compare_pacts(pact("a", "b"), pact("b", "a")) == PactChanges((), ())


def test_interactions_with_equal_description_are_counted() -> None:
    """Removing one of two interactions that differ in their provider states is a removal."""
    assert compare_pacts(pact("a", "a"), pact("a")) == PactChanges(added=(), removed=("a",))


def test_first_pact_adds_everything() -> None:
    """There is no earlier pact to compare with."""
    assert compare_pacts({}, pact("a", "b")) == PactChanges(added=("a", "b"), removed=())
