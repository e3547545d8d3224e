"""Text that came from outside, made fit to be said and shown."""

from __future__ import annotations

import re
import unicodedata

MAX_TEXT_LENGTH = 200
"""Characters of a name or description that are kept."""

_TAG = re.compile(r"<[^<>]*>")


def sanitize_text(text: str) -> str:
    """The text without markup, control characters and blanks at its ends, in one line, at most `LONGEST` long."""
    while _TAG.search(text):
        text = _TAG.sub("", text)
    text = text.replace("<", "").replace(">", "")
    seen = "".join(" " if unicodedata.category(one).startswith(("C", "Z")) else one for one in text)
    return " ".join(unicodedata.normalize("NFC", seen).split())[:MAX_TEXT_LENGTH].rstrip()
