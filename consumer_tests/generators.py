"""Generators of the values that the vendor chooses: at verification the provider state returns them.

A vendor returns its own ids for `${id}`. The verifier of pact-python (pact_ffi 0.5) replaces the values of the request,
not those of the response, which it compares with the example; pact-jvm replaces both.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from consumer_tests.demand import BY_VALUE
from consumer_tests.interaction import HttpInteraction, Json, ProviderState
from consumer_tests.matchers import MatchingRules, values_at

Generators = dict[str, Any]
"""Generators by part of a request or response, as in a pact file."""


def provided_values(states: Iterable[ProviderState]) -> dict[str, str]:
    """Return the expressions of the values that these provider states return, by the value in the example.

    A state returns its parameters `id`, `sid` and `..._id`, and what it is declared to provide.
    """
    names: dict[str, str] = {}
    for state in states:
        ids = {name: value for name, value in state.params.items() if _is_id(name) and isinstance(value, str)}
        # of two states that return the same name, the verifier uses the last one's value
        names |= {**ids, **state.values}
    return {value: f"${{{name}}}" for name, value in names.items()}


def request_generators(interaction: HttpInteraction) -> Generators:
    """Return the generators of a request: its credential, and the provided values in path, query and body."""
    provided, request = provided_values(interaction.given), interaction.request
    generators: Generators = {}
    if interaction.credential and interaction.credential.state:
        credential = interaction.credential
        generators["header"] = {credential.header: _generator(credential.generator_expression)}
    segments = request.path.split("/")
    if not provided.keys().isdisjoint(segments):
        generators["path"] = _generator("/".join(provided.get(segment, segment) for segment in segments))
    query = {name: _generator(provided[text]) for name, text in request.query.items() if text in provided}
    body = {path: _generator(provided[text]) for path, text in _texts("$", request.body) if text in provided}
    return generators | {name: part for name, part in (("query", query), ("body", body)) if part}


def response_generators(interaction: HttpInteraction, rules: MatchingRules) -> Generators:
    """Return the generators of the provided values that the response must have."""
    provided = provided_values(interaction.given)
    values = _demanded_values(interaction.response.example, rules)
    body = {path: _generator(provided[text]) for path, text in values if text in provided}
    return {"body": body} if body else {}


def _demanded_values(body: Json, rules: MatchingRules) -> Iterator[tuple[str, str]]:
    """Yield the strings that are demanded by value, with their JSON paths."""
    for path, rule in rules.items():
        value = next(values_at(body, path))
        if rule["matchers"] == [BY_VALUE] and isinstance(value, str):
            yield path, value
        for variant in rule["matchers"][0].get("variants", ()):
            index = variant["index"]
            for below, text in _demanded_values(value[index], variant["rules"]):
                yield f"{path}[{index}]{below.removeprefix('$')}", text


def _generator(expression: str) -> dict[str, str]:
    return {"type": "ProviderState", "expression": expression}


def _is_id(name: str) -> bool:
    return name in {"id", "sid"} or name.endswith("_id")


def _texts(path: str, value: Json) -> Iterator[tuple[str, str]]:
    """Yield the strings of a JSON value with their JSON paths."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _texts(f"{path}.{key}", item)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _texts(f"{path}[{index}]", item)
    elif isinstance(value, str):
        yield path, value
