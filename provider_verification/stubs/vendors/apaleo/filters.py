"""Filters, sorting and expansion of Apaleo's lists, as its booking spec describes them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from provider_verification.stubs.sdk import (
    NotModelled,
    RequestRejected,
    StubRequest,
    StubResponse,
    with_warning,
)

BALANCE_PATTERN = re.compile(r"(eq|neq|lt|gt|lte|gte)_(-?[0-9]{1,12}(?:\.[0-9]{1,4})?)")
COMPARISONS: Mapping[str, Callable[[float, float], bool]] = {
    "eq": lambda left, right: left == right,
    "neq": lambda left, right: left != right,
    "lt": lambda left, right: left < right,
    "gt": lambda left, right: left > right,
    "lte": lambda left, right: left <= right,
    "gte": lambda left, right: left >= right,
}
SortKey = Callable[[Any], Any]


def matches_filters(query: Mapping[str, Any], values: Mapping[str, Any]) -> bool:
    """Return whether an item has one of the wanted values for each filter of the query.

    Args:
        query: the request's query; a filter is one value or a list of values.
        values: the item's value by the name of the filter; a set for one of several values, None for no value.
    """
    return all(_is_wanted(query[name], value) for name, value in values.items() if name in query)


def _is_wanted(wanted: Any, value: Any) -> bool:
    options = wanted if isinstance(wanted, list) else [wanted]
    if isinstance(value, frozenset | set):
        return not value.isdisjoint(options)
    return value in options


def contains_text(query: Mapping[str, Any], texts: Iterable[str | None]) -> bool:
    """Return whether `textSearch` is part of one of the texts, whatever its case."""
    wanted = query.get("textSearch", "").lower()
    return any(wanted in text.lower() for text in texts if text is not None)


def balance_matches(query: Mapping[str, Any], balance: float) -> bool:
    """Return whether a balance satisfies every expression of `balanceFilter`, such as `lt_0`.

    Raises:
        RequestRejected: an expression is not of that form.
    """
    for expression in query.get("balanceFilter", ()):
        match = BALANCE_PATTERN.fullmatch(expression)
        if match is None:
            message = f"balanceFilter: '{expression[:40]}' should be of the form 'lt_0'"
            raise RequestRejected("invalid", message)
        if not COMPARISONS[match[1]](balance, float(match[2])):
            return False
    return True


def parse_moment(text: str, name: str) -> datetime:
    """Return a date-time of the query.

    Raises:
        RequestRejected: it is no date-time with an offset, or has a fraction of a second.
    """
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise _bad_moment(text, name) from None
    if moment.tzinfo is None or "." in text:
        raise _bad_moment(text, name)
    return moment


def _bad_moment(text: str, name: str) -> RequestRejected:
    requirement = "should be a date-time with an offset and without a fraction of a second"
    return RequestRejected("invalid", f"{name}: '{text[:40]}' {requirement}")


def sort_items(items: list[Any], query: Mapping[str, Any], keys: Mapping[str, SortKey]) -> list[Any]:
    """Return the items in the order of `sort`, a list such as `["arrival:asc"]`; unknown fields change nothing."""
    for field in reversed(query.get("sort", [])):
        name, _, direction = field.partition(":")
        if name in keys:
            items = sorted(items, key=keys[name], reverse=direction == "desc")
    return items


def warn_of_unknown_values(
    response: StubResponse,
    request: StubRequest,
    name: str,
    known: Iterable[str],
    *,
    not_modelled: Iterable[str] = (),
) -> StubResponse:
    """Return the response, with a warning if a list of the query has values that Apaleo silently ignores.

    Args:
        response: the response of the operation.
        request: the request.
        name: the parameter.
        known: its values that the stub models, or that name something which the stub's hotel does not have.
        not_modelled: other values that Apaleo knows.

    Raises:
        NotModelled: the list has one of these.
    """
    values = request.query.get(name, ())
    for value in values:
        if value in set(not_modelled):
            raise NotModelled(f"the value '{value}' of {name}", ("query", name))
    unknown = [value for value in values if value not in set(known)]
    if not unknown:
        return response
    ignored, documented = ", ".join(repr(value[:40]) for value in unknown), ", ".join(sorted(known))
    message = f"Apaleo ignores {ignored}; {name} takes {documented}"
    return with_warning(response, "ignored_value", message, ("query", name))
