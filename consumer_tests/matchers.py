"""What a pact demands of a body, derived from the orchestrator's model and one example.

The model says which fields the orchestrator reads, so no second list is kept: a field in the example that the
model does not read is an error, and so is a required field the example lacks.
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
    """An example holds a field that the model does not read, or lacks one that it needs."""


def matchers_for(shape: Any, example: Json, where: str = "$") -> Any:
    """The matchers a body must satisfy so that `shape` can be read from it.

    Args:
        shape: a pydantic model, or any type that can be a field of one.
        example: a JSON value that `shape` accepts.
        where: the JSON path, for errors.

    Returns:
        The example with each value wrapped in the matcher its type asks for: a Literal becomes a regex of its
        choices, a list an each-like of its first element, an absent optional field stays absent.

    Raises:
        ExampleModelMismatchError: the example and the model do not belong together.
    """
    shape = _unwrap_optional(shape)
    if example is None:
        return None
    if isinstance(shape, type) and issubclass(shape, BaseModel):
        return _object(shape, example, where)
    origin, args = get_origin(shape), get_args(shape)
    if origin in (list, tuple):
        return _list(args[0] if args else Any, example, where)
    if origin is dict:
        return {key: matchers_for(args[1], value, f"{where}.{key}") for key, value in example.items()}
    return _scalar(shape, example)


def matched_fields(shape: Any, example: Json) -> set[tuple[str, str]]:
    """The (model, field) pairs that a pact with this example demands."""
    shape = _unwrap_optional(shape)
    if isinstance(shape, type) and issubclass(shape, BaseModel) and isinstance(example, dict):
        found: set[tuple[str, str]] = set()
        for name, field in shape.model_fields.items():
            if _key(name, field) in example:
                found.add((shape.__name__, name))
                found |= matched_fields(field.annotation, example[_key(name, field)])
        return found
    inner = get_args(shape)
    if isinstance(example, list) and example and inner:
        return matched_fields(inner[0], example[0])
    if isinstance(example, dict) and len(inner) == 2:
        return set().union(*(matched_fields(inner[1], value) for value in example.values()))
    return set()


def all_model_fields(shape: Any) -> set[tuple[str, str]]:
    """All (model, field) pairs that reading this shape can read."""
    shape = _unwrap_optional(shape)
    if isinstance(shape, type) and issubclass(shape, BaseModel):
        own = {(shape.__name__, name) for name in shape.model_fields}
        inner = [all_model_fields(field.annotation) for field in shape.model_fields.values()]
        return own.union(*inner)
    return set().union(*map(all_model_fields, get_args(shape)))


def _unwrap_optional(shape: Any) -> Any:
    """The type without `Annotated` and `| None`."""
    while hasattr(shape, "__metadata__"):
        shape = shape.__origin__
    if get_origin(shape) in (Union, types.UnionType):
        choices = [choice for choice in get_args(shape) if choice is not type(None)]
        return _unwrap_optional(choices[0]) if len(choices) == 1 else shape
    return shape


def _key(name: str, field: FieldInfo) -> str:
    alias = field.validation_alias if isinstance(field.validation_alias, str) else field.alias
    return alias or name


def _object(model: type[BaseModel], example: Json, where: str) -> dict[str, Any]:
    if not isinstance(example, dict):
        raise ExampleModelMismatchError(
            f"{where}: {model.__name__} is read from an object, the example has {example!r}"
        )
    fields = {_key(name, field): field for name, field in model.model_fields.items()}
    if unread := sorted(example.keys() - fields.keys()):
        raise ExampleModelMismatchError(f"{where}: {model.__name__} does not read {', '.join(unread)}")
    needed = {key for key, field in fields.items() if field.is_required()}
    if lacking := sorted(needed - example.keys()):
        raise ExampleModelMismatchError(
            f"{where}: the example lacks {', '.join(lacking)}, which {model.__name__} needs"
        )
    return {
        key: matchers_for(fields[key].annotation, value, f"{where}.{key}") for key, value in example.items()
    }


def _list(element: Any, example: Json, where: str) -> Any:
    if not isinstance(example, list):
        raise ExampleModelMismatchError(f"{where}: a list is read here, the example has {example!r}")
    if not example:
        return match.like([])
    return match.each_like(matchers_for(element, example[0], f"{where}[*]"), min=1)


def _scalar(shape: Any, example: Json) -> Any:
    choices = _choices(shape)
    if choices is not None:
        return match.regex(example, regex="^(" + "|".join(map(re.escape, choices)) + ")$")
    if isinstance(example, str):
        return _text(shape, example)
    if isinstance(example, bool):
        return match.bool(example)
    if shape is int and isinstance(example, int):
        return match.int(example)
    return match.number(example) if isinstance(example, int | float) else match.like(example)


def _choices(shape: Any) -> list[str] | None:
    if get_origin(shape) is Literal:
        return [str(choice) for choice in get_args(shape)]
    if isinstance(shape, type) and issubclass(shape, enum.Enum):
        return [str(choice.value) for choice in shape]
    return None


def _text(shape: Any, example: str) -> Any:
    patterns = {int: WHOLE_NUMBER, datetime: DATE_TIME, date: DATE}
    if shape in patterns:
        return match.regex(example, regex=patterns[shape])
    return match.str(example)
