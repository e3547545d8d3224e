"""Mutations of a JSON value, at each of its paths."""

from __future__ import annotations

import copy
import random
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

Path = tuple[str | int, ...]
Choices = Callable[[Path], Sequence[str]]
"""The values that are allowed at a path; empty if any is."""

ID_NAME = re.compile(r"(?:^|_)(?:id|Id|sid|identity)$|(?<=[a-z])(?:Id|ID|Sid)$")
CURRENCY_NAME = re.compile(r"(?:^|_)[Cc]urrency(?:_code|Code)?$|(?<=[a-z])Currency(?:Code)?$")
CODE_NAME = re.compile(r"(?:^|_)(?:code|error|status)$|(?<=[a-z])(?:Code|Error|Status)$")
DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
WHOLE_NUMBER = re.compile(r"-?\d{1,15}")
CURRENCIES = ("CHF", "EUR", "GBP", "SEK", "USD")
CODES = ("quota_exceeded", "unavailable", "invalid_argument", "internal", "other_code")
OUT_OF_ENUM = "NoSuchChoice"
MIN_ECHO_LENGTH = 3
"""A shorter text in request and response is taken for a coincidence."""
DROPPED = object()


class JsonMutation(NamedTuple):
    """A kind of mutation, where it is, and the value that takes the place of the old one (DROPPED: none does)."""

    kind: str
    path: Path
    before: Any
    after: Any


class Context(NamedTuple):
    """What is known about a JSON body.

    Attributes:
        is_error: whether it reports an error.
        choices: the allowed values by path.
        echoes: the texts of the request.
    """

    is_error: bool
    choices: Choices
    echoes: frozenset[str]


def mutations(body: Any, context: Context, rng: random.Random) -> Iterator[JsonMutation]:
    """Yield the mutations of a JSON value; of a list, those of its first and its last element."""
    for path, value in walk(body):
        if path and isinstance(path[-1], str):
            yield JsonMutation("field dropped", path, value, DROPPED)
        if value is not None:
            yield JsonMutation("null", path, value, None)
        yield JsonMutation("wrong type", path, value, _other_type(value, rng))
        if isinstance(value, str):
            yield from _text_mutations(path, value, context, rng)
        elif isinstance(value, bool):
            yield JsonMutation("flag flipped", path, value, not value)
        elif isinstance(value, int | float):
            yield JsonMutation("number as string", path, value, str(value))
        elif isinstance(value, list) and value:
            yield JsonMutation("list emptied", path, value, [])
            if len(value) > 1:
                yield JsonMutation("list shortened", path, value, value[:-1])


def walk(value: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Yield each path of a JSON value with what is there; of a list, the first and the last element."""
    yield path, value
    if isinstance(value, dict):
        for key, member in value.items():
            yield from walk(member, (*path, key))
    elif isinstance(value, list):
        for index in sorted({0, len(value) - 1} if value else ()):
            yield from walk(value[index], (*path, index))


def apply(body: Any, mutation: JsonMutation) -> Any:
    """Return a copy of a JSON value with a mutation."""
    if not mutation.path:
        return mutation.after
    mutated = copy.deepcopy(body)
    holder = mutated
    for part in mutation.path[:-1]:
        holder = holder[part]
    if mutation.after is DROPPED:
        del holder[mutation.path[-1]]
    else:
        holder[mutation.path[-1]] = mutation.after
    return mutated


def path_text(path: Path) -> str:
    """Return a path as text: `$.reservations[0].id`."""
    return "$" + "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)


def _other_type(value: Any, rng: random.Random) -> Any:
    others: dict[type, tuple[Any, ...]] = {
        str: (True, ["text"], {"text": "text"}),
        bool: ("yes", {"value": True}),
        int: ("many", [1], {"value": 1}),
        float: ("much", [1.5], {"value": 1.5}),
        dict: ("text", ["text"], 1),
        list: ("text", {"text": "text"}, 1),
        type(None): ("text", 1),
    }
    return rng.choice(others[type(value)])


def _text_mutations(path: Path, value: str, context: Context, rng: random.Random) -> Iterator[JsonMutation]:
    name = str(next((part for part in reversed(path) if isinstance(part, str)), ""))
    if WHOLE_NUMBER.fullmatch(value):
        yield JsonMutation("string as number", path, value, int(value))
    if DATE.match(value):
        yield JsonMutation("impossible date", path, value, DATE.sub("9999-99-99", value, count=1))
        yield JsonMutation("no such day", path, value, DATE.sub("2027-02-30", value, count=1))
    elif CURRENCY_NAME.search(name):
        others = [currency for currency in CURRENCIES if currency != value]
        yield JsonMutation("another currency", path, value, rng.choice(others))
    elif ID_NAME.search(name):
        yield JsonMutation("another id", path, value, another_text(value, rng))
    elif len(value) >= MIN_ECHO_LENGTH and value in context.echoes:
        yield JsonMutation("another echo", path, value, another_text(value, rng))
    choices = context.choices(path)
    others = [choice for choice in choices if choice != value]
    if context.is_error and CODE_NAME.search(name):
        codes = others or [code for code in CODES if code != value]
        yield JsonMutation("other error code", path, value, rng.choice(codes))
    if choices:
        yield JsonMutation("out of enum", path, value, OUT_OF_ENUM)
    # all of them: whether one is caught can depend on which it is, and the list of survivors must not depend on the seed
    for choice in others:
        yield JsonMutation("another choice", path, value, choice)


def another_text(value: str, rng: random.Random) -> str:
    """Return a text of the same form that differs in one character."""
    positions = [index for index, character in enumerate(value) if character.isalnum()]
    if not positions:
        return f"{value}x"
    position = rng.choice(positions)
    old = value[position]
    # hexadecimal letters stay hexadecimal, so that a UUID stays one
    alphabet = "0123456789" if old.isdigit() else "abcdef" if old.islower() else "ABCDEF"
    new = rng.choice([character for character in alphabet if character != old])
    return value[:position] + new + value[position + 1 :]
