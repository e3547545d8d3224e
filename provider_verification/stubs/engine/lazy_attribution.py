"""The attribution of a request to interactions, found when it is read."""

from __future__ import annotations

from collections.abc import Callable, Collection
from functools import cached_property

from provider_verification.stubs.engine.pact_examples import Attribution


class LazyAttribution:
    """An attribution that is found at its first use: finding it takes as long as the whole response.

    Args:
        find: returns it, from bytes that no later request changes.
    """

    def __init__(self, find: Callable[[], Attribution]) -> None:
        self._find = find

    @cached_property
    def _found(self) -> Attribution:
        return self._find()

    @property
    def interactions(self) -> Collection[str]:
        """The interactions that describe the request."""
        return self._found.interactions

    @property
    def exercised(self) -> Collection[str]:
        """Those of them whose response it got."""
        return self._found.exercised

    @property
    def nearest(self) -> str | None:
        """The most similar one, if none describes it."""
        return self._found.nearest
