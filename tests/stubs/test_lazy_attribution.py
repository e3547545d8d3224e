"""The attribution of a request is found when it is read, and only once."""

from __future__ import annotations

from provider_verification.stubs.engine.lazy_attribution import LazyAttribution
from provider_verification.stubs.engine.pact_examples import Attribution


def test_attribution_is_found_once_at_its_first_use() -> None:
    """All three parts are those of one search."""
    searches: list[int] = []

    def find() -> Attribution:
        searches.append(len(searches))
        return Attribution(("a", "b"), ("a",), "c")

    attribution = LazyAttribution(find)
    before = list(searches)
    parts = (attribution.interactions, attribution.exercised, attribution.nearest)

    assert (before, parts, searches) == ([], (("a", "b"), ("a",), "c"), [0])
