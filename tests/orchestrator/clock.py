"""A clock for tests of components that take one."""

from __future__ import annotations


class Clock:
    """A clock whose time is set by the test."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        """Return the current time in seconds."""
        return self.now
