"""Decides how a value of a response is demanded: by value, by pattern, or by type.

The first line that applies decides:

1. The author's marker in the example: `exactly`, `any_of` or `by_type`.
2. The outcome: a code that `expected_error` names, an empty list, an empty text, null, and, outside lists, a flag.
3. A repetition of the request or of a provider state, and a date-time on a date of it (see `echoes`).
4. A choice of a Literal or Enum, and the patterns and enumerations of the model and of the vendor's schemas; dates and
   date-times by the calendar.
5. The type.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal, get_args, get_origin

from consumer_tests.documented import (
    ANY_ELEMENT,
    DocumentedText,
    documented_message,
    documented_response,
)
from consumer_tests.echoes import Source, repeated_dates, repeated_values, sources_of
from consumer_tests.interaction import HttpInteraction, Json, MessageInteraction
from consumer_tests.patterns import DATE, DATE_TIME, WHOLE_NUMBER, any_of_pattern, date_time_on
from consumer_tests.value_markers import accepted_values

Matcher = dict[str, Any]
"""A matcher, as in a pact file."""

BY_TYPE: Matcher = {"match": "type"}
BY_VALUE: Matcher = {"match": "equality"}


class UnmatchedExampleError(ValueError):
    """The value of an example is not one that the vendor documents."""


@dataclass(frozen=True, slots=True)
class Situation:
    """What a response is compared with.

    Attributes:
        sources: the values of the request and of the provider states.
        outcomes: the texts that the expected error names.
        documented: the patterns of the vendor's schemas.
    """

    sources: tuple[Source, ...] = ()
    outcomes: frozenset[str] = frozenset()
    documented: DocumentedText | None = None


@dataclass(frozen=True, slots=True)
class Field:
    """A value of an example.

    Attributes:
        model: its type in the model.
        pattern: the pattern to which the model restricts it.
        path: its keys, `*` for an element of a list.
    """

    model: Any
    pattern: str | None
    path: tuple[str, ...]
    value: Json


def situation_of(interaction: HttpInteraction | MessageInteraction) -> Situation:
    """Return the situation of an interaction's response, or of a message."""
    vendor = interaction.vendor
    if isinstance(interaction, MessageInteraction):
        return Situation(sources_of(vendor, None, interaction.given), documented=documented_message(vendor))
    request = interaction.request
    data = interaction.raises.data.values() if interaction.raises else ()
    texts = [text for text in data if isinstance(text, str)]
    return Situation(
        sources_of(vendor, request, interaction.given),
        # the client writes "sip 486" for the SIP status 486
        frozenset(texts) | {text.split()[-1] for text in texts if text},
        documented_response(vendor, request.method, request.path, interaction.response.status),
    )


def matchers_of(field: Field, situation: Situation) -> list[Matcher]:
    """Return the matchers of a value; all of them must match.

    Raises:
        UnmatchedExampleError: the vendor's schemas exclude the value.
    """
    accepted = accepted_values(field.value)
    if accepted is None:
        accepted = _outcome(field, situation) or repeated_values(situation.sources, field.path, field.value)
    if accepted:
        return _one_of(accepted)
    if isinstance(field.value, str):
        return _text_matchers(field, situation)
    # before the numbers, because bool is a subclass of int
    if isinstance(field.value, bool):
        return [{"match": "boolean"}]
    if field.model is int and isinstance(field.value, int):
        return [{"match": "integer"}]
    return [{"match": "number"} if isinstance(field.value, int | float) else BY_TYPE]


def _outcome(field: Field, situation: Situation) -> tuple[Json, ...]:
    """Return the value if it is an outcome."""
    in_list = ANY_ELEMENT in field.path
    is_code = isinstance(field.value, str) and field.value in situation.outcomes
    is_flag = isinstance(field.value, bool) and not in_list
    is_empty = field.value == "" and not in_list
    return (field.value,) if is_code or is_flag or is_empty or field.value is None else ()


def _one_of(accepted: Sequence[Json]) -> list[Matcher]:
    if len(accepted) == 1:
        return [BY_VALUE]
    return [BY_TYPE, {"match": "regex", "regex": any_of_pattern(accepted)}]


def _text_matchers(field: Field, situation: Situation) -> list[Matcher]:
    patterns = list(dict.fromkeys(_patterns(field, situation)))
    for pattern in patterns:
        if not re.search(pattern, field.value):
            name = ".".join(field.path)
            raise UnmatchedExampleError(f"{name}: the example {field.value!r} does not match {pattern}")
    # the type too, because a pattern alone also matches a number
    return [BY_TYPE, *({"match": "regex", "regex": pattern} for pattern in patterns)]


def _patterns(field: Field, situation: Situation) -> Iterable[str]:
    choices = _choices(field.model)
    if choices is not None:
        return [any_of_pattern(choices)]
    patterns = [field.pattern] if field.pattern else []
    if field.model is datetime and field.value[4:5] == "-":
        by_word = accepted_values(field.value) is not None
        dates = () if by_word else repeated_dates(situation.sources, field.path, field.value)
        if dates:
            return [date_time_on(dates)]
        patterns.append(DATE_TIME)
    elif field.model in (date, int):
        patterns.append(DATE if field.model is date else WHOLE_NUMBER)
    documented = situation.documented.patterns(field.path) if situation.documented else []
    return [*patterns, *documented]


def _choices(model: Any) -> list[str] | None:
    if get_origin(model) is Literal:
        return [str(choice) for choice in get_args(model)]
    if isinstance(model, type) and issubclass(model, enum.Enum):
        return [str(choice.value) for choice in model]
    return None
