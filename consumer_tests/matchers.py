"""Derives the matching rules of a body from the orchestrator's model of it and one example.

The model defines which fields the orchestrator reads, so there is no second list of them: a field of the example that
the model does not read is an error, and so is a missing required field. How a value is demanded is decided in `demand`.
"""

from __future__ import annotations

import re
import types
from collections.abc import Iterator
from dataclasses import replace
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from consumer_tests.demand import BY_TYPE, Field, Matcher, Situation, UnmatchedExampleError, matchers_of
from consumer_tests.documented import ANY_ELEMENT
from consumer_tests.echoes import of_every_element
from consumer_tests.interaction import Json
from consumer_tests.value_markers import may_have_other_elements

MatchingRules = dict[str, dict[str, Any]]
"""Matching rules by JSON path, as in a pact file."""
_STEP = re.compile(r"\.(\w+)|\['([^']*)'\]|\[\*\]")


class ExampleModelMismatchError(ValueError):
    """An example has a field that the model does not read, lacks a required one, or has a value that is not documented."""


def matching_rules(model: Any, example: Json, situation: Situation | None = None) -> MatchingRules:
    """Return the matching rules of a body, which `model` must be able to parse.

    Args:
        model: a pydantic model, or any type that can be a field of one.
        example: a JSON value that `model` accepts.
        situation: the request and the provider states, whose values the body repeats.

    Returns:
        The rules of each value by its JSON path. An empty list has none and is therefore demanded to be empty; the
        elements of any other list must all be like those of the example, there must be one, and those that a provider
        state names must be among them. Of a list of `containing`, only the elements of the example must be there.

    Raises:
        ExampleModelMismatchError: the example does not fit the model, or the vendor's schemas.
    """
    rules: MatchingRules = {}
    for path, matchers in _walk(model, example, (), situation or Situation()):
        rule = rules.setdefault(json_path(path), {"combine": "AND", "matchers": matchers})
        # elements of a list that differ have their type in common
        if rule["matchers"] != matchers:
            rule["matchers"] = [matcher for matcher in rule["matchers"] if matcher in matchers] or [BY_TYPE]
    return rules


def values_at(body: Json, path: str) -> Iterator[Json]:
    """Yield the values at a JSON path of `matching_rules`."""
    values = [body]
    for key, quoted in _STEP.findall(path):
        if key or quoted:
            values = [value[key or quoted] for value in values]
        else:
            values = [item for value in values for item in value]
    yield from values


def json_path(path: tuple[str, ...]) -> str:
    """Return the JSON path of a path of keys, with `[*]` for an element of a list."""
    return "$" + "".join(map(_path_step, path))


def _path_step(key: str) -> str:
    if key == ANY_ELEMENT:
        return "[*]"
    return f".{key}" if re.fullmatch(r"\w+", key) else f"['{key}']"


def matched_fields(model: Any, example: Json) -> set[tuple[str, str]]:
    """Return the (model, field) pairs that a pact with this example matches."""
    model = _unwrap_optional(model)
    if isinstance(model, type) and issubclass(model, BaseModel) and isinstance(example, dict):
        pairs: set[tuple[str, str]] = set()
        for name, field in model.model_fields.items():
            if _key(name, field) in example:
                pairs.add((model.__name__, name))
                pairs |= matched_fields(field.annotation, example[_key(name, field)])
        return pairs
    type_args = get_args(model)
    if isinstance(example, list) and example and type_args:
        return matched_fields(type_args[0], example[0])
    if isinstance(example, dict) and len(type_args) == 2:
        return set().union(*(matched_fields(type_args[1], value) for value in example.values()))
    return set()


def all_model_fields(model: Any) -> set[tuple[str, str]]:
    """Return all (model, field) pairs of a model, nested models included."""
    model = _unwrap_optional(model)
    if isinstance(model, type) and issubclass(model, BaseModel):
        pairs = {(model.__name__, name) for name in model.model_fields}
        nested = [all_model_fields(field.annotation) for field in model.model_fields.values()]
        return pairs.union(*nested)
    return set().union(*map(all_model_fields, get_args(model)))


def _unwrap_optional(model: Any) -> Any:
    """Return the type without `Annotated` and `| None`."""
    return _unwrap(model)[0]


def _unwrap(model: Any) -> tuple[Any, str | None]:
    """Return the type without `Annotated` and `| None`, and the pattern to which they restrict it."""
    pattern = None
    while hasattr(model, "__metadata__"):
        patterns = (getattr(item, "pattern", None) for item in model.__metadata__)
        pattern = next((text for text in patterns if isinstance(text, str)), pattern)
        model = model.__origin__
    if get_origin(model) in (Union, types.UnionType):
        choices = [choice for choice in get_args(model) if choice is not type(None)]
        if len(choices) == 1:
            inner, inner_pattern = _unwrap(choices[0])
            return inner, inner_pattern or pattern
    return model, pattern


def _key(name: str, field: FieldInfo) -> str:
    alias = field.validation_alias if isinstance(field.validation_alias, str) else field.alias
    return alias or name


def _annotation(field: FieldInfo) -> Any:
    """Return a field's type with the restrictions that pydantic has taken out of it."""
    return Annotated[field.annotation, *field.metadata] if field.metadata else field.annotation


def _walk(
    model: Any, example: Json, path: tuple[str, ...], situation: Situation
) -> Iterator[tuple[tuple[str, ...], list[Matcher]]]:
    """Yield the matchers of each value, by its path of keys."""
    model, pattern = _unwrap(model)
    origin, type_args = get_origin(model), get_args(model)
    if example is not None and isinstance(model, type) and issubclass(model, BaseModel):
        for key, annotation in _fields(model, example, path).items():
            yield from _walk(annotation, example[key], (*path, key), situation)
    elif example is not None and origin in (list, tuple):
        yield from _walk_list(type_args[0] if type_args else Any, example, path, situation)
    elif isinstance(example, dict):
        for key, value in example.items():
            yield from _walk(type_args[1] if type_args else Any, value, (*path, key), situation)
    else:
        try:
            yield path, matchers_of(Field(model, pattern, path, example), situation)
        except UnmatchedExampleError as error:
            raise ExampleModelMismatchError(f"{json_path(path)}: {error}") from None


def _fields(model: type[BaseModel], example: Json, path: tuple[str, ...]) -> dict[str, Any]:
    """Return the types of the fields that the example has, by their keys."""
    if not isinstance(example, dict):
        raise ExampleModelMismatchError(
            f"{json_path(path)}: {model.__name__} is parsed from an object, the example has {example!r}"
        )
    fields = {_key(name, field): field for name, field in model.model_fields.items()}
    if unread := sorted(example.keys() - fields.keys()):
        raise ExampleModelMismatchError(
            f"{json_path(path)}: {model.__name__} does not read {', '.join(unread)}"
        )
    required = {key for key, field in fields.items() if field.is_required()}
    if missing := sorted(required - example.keys()):
        raise ExampleModelMismatchError(
            f"{json_path(path)}: the example lacks {', '.join(missing)}, which {model.__name__} requires"
        )
    return {key: _annotation(fields[key]) for key in example}


def _walk_list(
    element: Any, example: Json, path: tuple[str, ...], situation: Situation
) -> Iterator[tuple[tuple[str, ...], list[Matcher]]]:
    if not isinstance(example, list):
        raise ExampleModelMismatchError(
            f"{json_path(path)}: a list is parsed here, the example has {example!r}"
        )
    if not example:
        # the verifier accepts any list if there is a rule; without one, an empty list only
        if ANY_ELEMENT in path:
            yield path, [BY_TYPE]
        return
    if may_have_other_elements(example):
        variants = [
            {"index": index, "rules": _rules(element, item, path, situation)}
            for index, item in enumerate(example)
        ]
        yield path, [{"match": "arrayContains", "variants": variants}]
        return
    yield path, [*_variants(element, example, path, situation), {"match": "type", "min": 1}]
    every_element = replace(situation, sources=of_every_element(situation.sources))
    for item in example:
        yield from _walk(element, item, (*path, ANY_ELEMENT), every_element)


def _variants(
    element: Any, example: list[Json], path: tuple[str, ...], situation: Situation
) -> Iterator[Matcher]:
    """Yield the matcher that demands the elements which a provider state names, if it names any."""
    every_element = replace(situation, sources=of_every_element(situation.sources))
    variants = []
    for index, item in enumerate(example):
        named = _rules(element, item, path, situation)
        if named != _rules(element, item, path, every_element):
            variants.append({"index": index, "rules": named})
    if variants:
        yield {"match": "arrayContains", "variants": variants}


def _rules(element: Any, item: Json, path: tuple[str, ...], situation: Situation) -> MatchingRules:
    """Return the rules of one element, by JSON path in the element."""
    prefix = len(path) + 1
    return {
        json_path(below[prefix:]): {"combine": "AND", "matchers": matchers}
        for below, matchers in _walk(element, item, (*path, ANY_ELEMENT), situation)
    }
