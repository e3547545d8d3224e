"""Text from outside, sanitized for speech and display."""

from __future__ import annotations

import unicodedata

MAX_TEXT_LENGTH = 200
"""Characters of a name or description; the rest is cut off."""
MAX_INPUT_CHARACTERS = 2_000
"""Characters that are looked at: to order thousands of combining characters takes quadratic time."""


def sanitize_text(text: str) -> str:
    """Return the text as one line without markup and control characters, at most `MAX_TEXT_LENGTH` long."""
    plain = _remove_tags(text[:MAX_INPUT_CHARACTERS])
    # the categories C* and Z* include line breaks and invisible format characters
    printable = "".join(
        " " if unicodedata.category(character).startswith(("C", "Z")) else character for character in plain
    )
    return " ".join(unicodedata.normalize("NFC", printable).split())[:MAX_TEXT_LENGTH].rstrip()


def _remove_tags(text: str) -> str:
    """Return the text without tags, also those whose halves another tag separates, and without `<` and `>`."""
    kept: list[str] = []
    # for each `<` that is still open, how much of the text comes before it
    opened: list[int] = []
    for character in text:
        if character == "<":
            opened.append(len(kept))
        elif character != ">":
            kept.append(character)
        elif opened:
            del kept[opened.pop() :]
    return "".join(kept)
