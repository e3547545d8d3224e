"""The values of a response that repeat a value of the request, or of a provider state.

A string is a repetition wherever it stands if it has at least three characters. A shorter one (`de`, `2`), a number and a
flag are repetitions only if the keys agree, because they occur by chance. In the elements of a list:

- A value of the request is a repetition only if the keys agree, because the words of a search are not the field of every
  result. All elements must have it.
- A value of a provider state is one of the element that the state names. The list must contain such an element; others
  may stand beside it, because the vendor may have more than the state says.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from consumer_tests.documented import ANY_ELEMENT
from consumer_tests.interaction import Json, ProviderState, Request
from consumer_tests.operations import find_operation

MIN_LENGTH = 3
DATE_ONLY = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True, slots=True)
class Source:
    """A value of a request or a provider state.

    Attributes:
        keys: the name of the parameter or field, and of the object that contains it (`numbers.set`).
        values: the values that were given together, such as the parts of `Confirmed,InHouse`.
        is_state: whether a provider state names it.
    """

    keys: tuple[str, ...]
    values: tuple[Json, ...]
    is_state: bool

    def agrees_with(self, path: Sequence[str]) -> bool:
        """Return whether a key is that of a field: `propertyIds` is the key of `property.id` and of `propertyId`."""
        names = [_normalize(part) for part in path if part != ANY_ELEMENT]
        field_names = {names[-1], _singular(names[-1])} if names else set()
        if len(names) > 1:
            field_names.add(_singular(names[-2]) + names[-1])
        keys = [_normalize(key) for key in self.keys if key]
        return any(key in field_names or _singular(key) in field_names for key in keys)


def sources_of(vendor: str, request: Request | None, states: Iterable[ProviderState]) -> tuple[Source, ...]:
    """Return the values of a request and of provider states."""
    sources = [source for state in states for source in _leaves((), dict(state.params), is_state=True)]
    sources += [
        Source((name,), (value,), is_state=True) for state in states for name, value in state.values.items()
    ]
    if request is not None:
        sources += _path_sources(vendor, request)
        for name, text in [*request.query.items(), *(request.form or {}).items()]:
            sources.append(Source((name,), tuple(text.split(",")), is_state=False))
        sources += _leaves((), request.body, is_state=False)
    return tuple(sources)


def of_every_element(sources: Iterable[Source]) -> tuple[Source, ...]:
    """Return the values that every element of a list may repeat: those of the request."""
    return tuple(source for source in sources if not source.is_state)


def repeated_values(sources: Iterable[Source], path: Sequence[str], value: Json) -> tuple[Json, ...]:
    """Return the values that a field may have because it repeats a source, none if it repeats none.

    Args:
        sources: the values of the request and the provider states.
        path: the keys of the field, `*` for an element of a list.
        value: the field's value in the example.
    """
    for source in _applicable(sources, path, value):
        if any(_is_equal(value, other) for other in source.values):
            return source.values if isinstance(value, str) else (value,)
    return ()


def repeated_dates(sources: Iterable[Source], path: Sequence[str], value: str) -> tuple[str, ...]:
    """Return the dates on one of which a date-time must be, because the request or a state names the date."""
    for source in _applicable(sources, path, value):
        dates = tuple(text for text in source.values if isinstance(text, str) and DATE_ONLY.fullmatch(text))
        if value[:10] in dates:
            return dates
    return ()


def _applicable(sources: Iterable[Source], path: Sequence[str], value: Json) -> Iterator[Source]:
    is_distinctive = isinstance(value, str) and len(value) >= MIN_LENGTH
    in_list = ANY_ELEMENT in path
    for source in sources:
        if source.agrees_with(path) or (is_distinctive and (source.is_state or not in_list)):
            yield source


def _is_equal(value: Json, other: Json) -> bool:
    if isinstance(value, str) or isinstance(other, bool) or isinstance(value, bool):
        return type(other) is type(value) and bool(value == other)
    # a number of the query is text
    return value is not None and str(value) == str(other)


def _path_sources(vendor: str, request: Request) -> Iterator[Source]:
    operation = find_operation(vendor, request.method, request.path)
    parameters = operation.parameters if operation else {"": request.path.strip("/")}
    for name, value in parameters.items():
        for segment in value.split("/"):
            yield Source((name,), (segment,), is_state=False)


def _leaves(keys: tuple[str, ...], value: Json, *, is_state: bool) -> Iterator[Source]:
    if isinstance(value, Mapping):
        for name, item in value.items():
            yield from _leaves((name, *keys[:1]), item, is_state=is_state)
    elif isinstance(value, list):
        scalars = tuple(item for item in value if not isinstance(item, list | Mapping))
        if scalars:
            yield Source(keys, scalars, is_state=is_state)
        for item in value:
            if isinstance(item, list | Mapping):
                yield from _leaves(keys, item, is_state=is_state)
    elif value is not None:
        yield Source(keys, (value,), is_state=is_state)
        if is_state and isinstance(value, str) and "/" in value:
            for segment in value.split("/"):
                yield Source(keys, (segment,), is_state=is_state)


def _normalize(key: str) -> str:
    return re.sub(r"[^a-z0-9]", "", key.lower())


def _singular(name: str) -> str:
    return name[:-3] + "y" if name.endswith("ies") else name.removesuffix("s")
