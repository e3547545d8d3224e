"""Text from outside, sanitized for speech and display."""

from __future__ import annotations

import re
import unicodedata

MAX_TEXT_LENGTH = 200
"""Characters of a name or description; the rest is cut off."""

_TAG = re.compile(r"<[^<>]*>")


def sanitize_text(text: str) -> str:
    """Return the text as one line without markup and control characters, at most `MAX_TEXT_LENGTH` long."""
    # removing a tag may join two halves of another one
    while _TAG.search(text):
        text = _TAG.sub("", text)
    # half a tag is left
    text = text.replace("<", "").replace(">", "")
    # the categories C* and Z* include line breaks and invisible format characters
    printable = "".join(
        " " if unicodedata.category(character).startswith(("C", "Z")) else character for character in text
    )
    return " ".join(unicodedata.normalize("NFC", printable).split())[:MAX_TEXT_LENGTH].rstrip()
