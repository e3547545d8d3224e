"""Derives Pact matchers from the orchestrator's model of a body and one example.

The model defines which fields the orchestrator reads, so there is no second list of them: a field of the example that
the model does not read is an error, and so is a missing required field.
"""

from __future__ import annotations

import enum
import re
import types
from datetime import date, datetime
from typing import Any, Literal, Union, get_args, get_origin

from pact import match
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from consumer_tests.interaction import Json

DATE = r"^\d{4}-\d{2}-\d{2}$"
DATE_TIME = r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$"
WHOLE_NUMBER = r"^-?\d+$"


class ExampleModelMismatchError(ValueError):
    """An example has a field that the model does not read, or lacks a required one."""


def matchers_for(model: Any, example: Json, path: str = "$") -> Any:
    """Return the matchers that a body must satisfy to be parsed into `model`.

    Args:
        model: a pydantic model, or any type that can be a field of one.
        example: a JSON value that `model` accepts.
        path: the JSON path, for error messages.

    Returns:
        The example with each value wrapped in the matcher of its type: a Literal becomes a regex of its choices, a
        list an each-like of its first element; an absent optional field stays absent.

    Raises:
        ExampleModelMismatchError: the example does not fit the model.
    """
    model = _unwrap_optional(model)
    if example is None:
        return None
    if isinstance(model, type) and issubclass(model, BaseModel):
        return _object_matchers(model, example, path)
    origin, type_args = get_origin(model), get_args(model)
    if origin in (list, tuple):
        return _list_matcher(type_args[0] if type_args else Any, example, path)
    if origin is dict:
        return {key: matchers_for(type_args[1], value, f"{path}.{key}") for key, value in example.items()}
    return _scalar_matcher(model, example)


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
    while hasattr(model, "__metadata__"):
        model = model.__origin__
    if get_origin(model) in (Union, types.UnionType):
        choices = [choice for choice in get_args(model) if choice is not type(None)]
        return _unwrap_optional(choices[0]) if len(choices) == 1 else model
    return model


def _key(name: str, field: FieldInfo) -> str:
    alias = field.validation_alias if isinstance(field.validation_alias, str) else field.alias
    return alias or name


def _object_matchers(model: type[BaseModel], example: Json, path: str) -> dict[str, Any]:
    if not isinstance(example, dict):
        raise ExampleModelMismatchError(
            f"{path}: {model.__name__} is parsed from an object, the example has {example!r}"
        )
    fields = {_key(name, field): field for name, field in model.model_fields.items()}
    if unread := sorted(example.keys() - fields.keys()):
        raise ExampleModelMismatchError(f"{path}: {model.__name__} does not read {', '.join(unread)}")
    required = {key for key, field in fields.items() if field.is_required()}
    if missing := sorted(required - example.keys()):
        raise ExampleModelMismatchError(
            f"{path}: the example lacks {', '.join(missing)}, which {model.__name__} requires"
        )
    return {
        key: matchers_for(fields[key].annotation, value, f"{path}.{key}") for key, value in example.items()
    }


def _list_matcher(element: Any, example: Json, path: str) -> Any:
    if not isinstance(example, list):
        raise ExampleModelMismatchError(f"{path}: a list is parsed here, the example has {example!r}")
    if not example:
        return match.like([])
    # an empty list would match without any of its fields being compared
    return match.each_like(matchers_for(element, example[0], f"{path}[*]"), min=1)


def _scalar_matcher(model: Any, example: Json) -> Any:
    choices = _choices(model)
    if choices is not None:
        return match.regex(example, regex="^(" + "|".join(map(re.escape, choices)) + ")$")
    if isinstance(example, str):
        return _text_matcher(model, example)
    # before the numbers, because bool is a subclass of int
    if isinstance(example, bool):
        return match.bool(example)
    if model is int and isinstance(example, int):
        return match.int(example)
    return match.number(example) if isinstance(example, int | float) else match.like(example)


def _choices(model: Any) -> list[str] | None:
    if get_origin(model) is Literal:
        return [str(choice) for choice in get_args(model)]
    if isinstance(model, type) and issubclass(model, enum.Enum):
        return [str(choice.value) for choice in model]
    return None


def _text_matcher(model: Any, example: str) -> Any:
    # LiveKit writes a 64-bit integer as a string
    patterns = {int: WHOLE_NUMBER, datetime: DATE_TIME, date: DATE}
    if model in patterns:
        return match.regex(example, regex=patterns[model])
    return match.str(example)
