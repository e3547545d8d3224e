"""A selection of recorded histories in which every kind of step, of its parameters and of its outcome occurs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

History = dict[str, Any]
Trait = tuple[Any, ...]

MIN_STATUS = 100
NAME_OR_NUMBER = re.compile(r".*\b[wx]\d+-|\d+$")
"""Pacticipants, paths, titles and version numbers: which one it is makes no difference."""


def find_cover(histories: Sequence[History]) -> list[History]:
    """Return histories, in the given order, that have all traits of all of them: about a quarter.

    Repeatedly the history with the most missing traits is chosen, the first one of several.
    """
    traits = [traits_of(history) for history in histories]
    missing = set().union(*traits)
    chosen = set()
    while missing:
        best = max(range(len(histories)), key=lambda index: len(traits[index] & missing))
        chosen.add(best)
        missing -= traits[best]
    return [histories[index] for index in sorted(chosen)]


def traits_of(history: History) -> set[Trait]:
    """Return each kind of step with each of its parameters, and with each kind of outcome."""
    return {trait for item in history["steps"] for trait in _traits_of_step(item)}


def _traits_of_step(item: dict[str, Any]) -> Iterator[Trait]:
    step, outcome = item["step"], item["outcome"]
    kind = step.get("do") or f"ask {step['ask']}"
    for name, value in step.items():
        yield from ((kind, name, *trait) for trait in _traits_of_value(value))
    yield from ((kind, "outcome", *trait) for trait in _traits_of_value(outcome))
    if isinstance(outcome, dict):
        # together, such as a decision with the counts that it follows from
        yield kind, "outcome", outline(outcome)


def _traits_of_value(value: Any) -> Iterator[Trait]:
    for key, part in value.items() if isinstance(value, dict) else [("", value)]:
        yield key, outline(part)
        for item in part if isinstance(part, list) else ():
            yield key, tuple(map(outline, item)) if isinstance(item, list) else outline(item)


def outline(value: Any) -> Any:
    """Return a hashable value that is the same for values of one kind.

    Statuses, flags, and the words of the protocol differ; names do not. Of lists and of other numbers counts only whether
    they are empty or zero.
    """
    if isinstance(value, dict):
        return tuple((key, outline(part)) for key, part in value.items())
    if isinstance(value, list):
        return bool(value)
    if isinstance(value, str):
        return "name" if NAME_OR_NUMBER.match(value) else value
    if isinstance(value, int) and not isinstance(value, bool) and value < MIN_STATUS:
        return bool(value)
    return value
