"""The text of a pact, read so that the text of each interaction is known beside its value."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from broker.domain.json_document import decode_json, decode_json_at
from broker.domain.pact_content import INTERACTION_LISTS

_SPACE = re.compile(r"[ \t\n\r]*")


class PactText(NamedTuple):
    """A decoded document, and the texts of the items of `interactions` and `messages`, if they were found."""

    document: Any
    item_texts: dict[str, list[str]]


def read_pact(text: str) -> PactText:
    """Return the value of a JSON document and the texts of its interactions.

    Raises:
        ValueError: As of `decode_json`.
    """
    try:
        return _Reader(text).read_document()
    except (ValueError, RecursionError):
        # not a pact as clients write it: an empty list, a member twice, or an error, which this reports
        return PactText(decode_json(text), {})


class _Reader:
    """Reads the two upper levels itself, and everything below as values.

    Raises ValueError for all that is unusual.
    """

    def __init__(self, text: str) -> None:
        self._text = text
        self._position = 0

    def read_document(self) -> PactText:
        """Read the whole text."""
        pact = PactText({}, {})
        self._expect("{")
        while True:
            name = self._read_value()
            self._expect(":")
            if not isinstance(name, str) or name in pact.document:
                raise ValueError(name)
            if name in INTERACTION_LISTS and self._next() == "[":
                pact.document[name], pact.item_texts[name] = self._read_items()
            else:
                pact.document[name] = self._read_value()
            if self._expect(",}") == "}":
                break
        if self._next():
            raise ValueError(self._position)
        return pact

    def _read_items(self) -> tuple[list[Any], list[str]]:
        values, texts = [], []
        self._expect("[")
        while True:
            self._next()
            start = self._position
            values.append(self._read_value())
            texts.append(self._text[start : self._position])
            if self._expect(",]") == "]":
                return values, texts

    def _read_value(self) -> Any:
        self._next()
        value, self._position = decode_json_at(self._text, self._position)
        return value

    def _expect(self, characters: str) -> str:
        character = self._next()
        if not character or character not in characters:
            raise ValueError(character)
        self._position += 1
        return character

    def _next(self) -> str:
        """Move to the next character that is no space, and return it; empty at the end."""
        space = _SPACE.match(self._text, self._position)
        self._position = space.end() if space else self._position
        return self._text[self._position : self._position + 1]
