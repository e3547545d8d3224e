"""A process that dies at a chosen point of its work."""

from __future__ import annotations

from typing import Any


class ProcessDied(BaseException):
    """The process was killed: no `except Exception` of the service sees it."""


class MortalProcess:
    """Counts the points before and after everything the service asks of others, and dies at one of them.

    Args:
        dies_at: the number of the point; None never.
    """

    def __init__(self, dies_at: int | None = None) -> None:
        self.points = 0
        self.dies_at = dies_at

    def pass_point(self) -> None:
        """Count a point.

        Raises:
            ProcessDied: from the chosen point on.
        """
        self.points += 1
        if self.dies_at is not None and self.points > self.dies_at:
            raise ProcessDied

    def wrap(self, component: Any) -> Any:
        """Return a component whose methods have a point before and after their effect."""
        return _Mortal(component, self)


class _Mortal:
    def __init__(self, component: Any, process: MortalProcess) -> None:
        self._component = component
        self._process = process

    def __getattr__(self, name: str) -> Any:
        attribute = getattr(self._component, name)
        if not callable(attribute):
            return attribute

        async def call(*arguments: Any, **options: Any) -> Any:
            self._process.pass_point()
            result = await attribute(*arguments, **options)
            self._process.pass_point()
            return result

        return call
