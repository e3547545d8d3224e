"""The examples of a pact, and which of them a real exchange or message is an instance of."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

QUOTED_KEY = re.compile(r"\['([^']*)'\]")
Values = Mapping[str, frozenset[Any]]
"""The values at each path; the elements of a list have one path."""


@dataclass(frozen=True, slots=True)
class Attribution:
    """The interactions that a request belongs to.

    Attributes:
        interactions: those that describe it: the ones with its operation and signature.
        exercised: those of them whose response it got.
        nearest: the most similar one, if none describes it and the operation has any.
    """

    interactions: Collection[str] = ()
    exercised: Collection[str] = ()
    nearest: str | None = None


@dataclass(frozen=True, slots=True)
class Example:
    """What a pact demands of one response or message.

    Attributes:
        description: the name of the interaction.
        members: the paths of the JSON that it demands.
        values: the values of the example that have to be equal, of a request with it too.
    """

    description: str
    members: frozenset[str]
    values: Values


@dataclass(slots=True)
class SimilarExamples:
    """The examples that have the same operation, status, and names of parameters and members of the request."""

    examples: list[Example] = field(default_factory=list)
    _contested: dict[str, frozenset[Any]] = field(default_factory=dict)
    """The values at those paths at which the examples differ."""

    def add(self, example: Example) -> None:
        """Add an example."""
        self.examples.append(example)
        every_value: defaultdict[str, list[frozenset[Any]]] = defaultdict(list)
        for other in self.examples:
            for path, values in other.values.items():
                every_value[path].append(values)
        self._contested = {
            path: frozenset().union(*values) for path, values in every_value.items() if len(set(values)) > 1
        }

    def instances(self, members: frozenset[str] | None, values: Values) -> list[str]:
        """Return the descriptions of the examples that an exchange is an instance of.

        Its response has every member of the example, and no value that is the one of another example in place of its own.
        Of a response without known members, such as audio, only the values of the request decide.
        """
        return [
            example.description
            for example in self.examples
            if (members is None or example.members <= members) and not self._is_other(example, values)
        ]

    def _is_other(self, example: Example, values: Values) -> bool:
        return any(
            path in example.values
            and values[path].isdisjoint(example.values[path])
            and not values[path].isdisjoint(contested)
            for path, contested in self._contested.items()
            if path in values
        )


def leaves(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    """Give path and value of each value in JSON; null and an empty object or list have a path of their own."""
    # no recursion: a hostile request may be nested as deeply as the parser permits
    pending = [(path, value)]
    while pending:
        path, value = pending.pop()
        if isinstance(value, dict) and value:
            pending += [(f"{path}.{key}", member) for key, member in value.items()]
        elif isinstance(value, list) and value:
            pending += [(f"{path}[*]", element) for element in value]
        elif value is None or isinstance(value, dict | list):
            yield f"{path}={json.dumps(value)}", None
        else:
            yield path, value


def members_of(body: Any) -> frozenset[str]:
    """Return the paths of a JSON body; audio, text and streams have none."""
    return frozenset(path for path, _ in leaves(body, "$")) if isinstance(body, dict | list) else frozenset()


def paths_with(rules: Mapping[str, Any], *, equality: bool) -> frozenset[str]:
    """Return the paths whose matching rules demand equality, or those whose rules do not, as paths of `leaves`."""
    return frozenset(
        QUOTED_KEY.sub(r".\1", path)
        for path, rule in rules.items()
        if any(matcher["match"] == "equality" for matcher in rule["matchers"]) is equality
    )


def values_of(query: Mapping[str, Sequence[str]], request: Any, response: Any) -> Values:
    """Return the values of parameters, of a request in JSON or as a form, and of a response."""
    values: defaultdict[str, set[Any]] = defaultdict(set)
    for name, texts in query.items():
        values[f"query.{name}"].update(texts)
    if isinstance(request, str):
        request = dict(parse_qsl(request))
    for prefix, body in (("request", request), ("$", response)):
        if isinstance(body, dict | list):
            for path, value in leaves(body, prefix):
                values[path].add(value)
    return {path: frozenset(items) for path, items in values.items()}
