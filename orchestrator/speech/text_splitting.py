"""Splits a text into parts that the TTS vendor accepts."""

from __future__ import annotations

import re

_BOUNDARIES = (re.compile(r"(?<=[.!?…])\s+|(?<=[。\uff01\uff1f])|\n+"), re.compile(r"\s+"))
"""Where a text is split: after sentences (also in Chinese and Japanese), otherwise between words."""


def split_text(text: str, max_length: int) -> list[str]:
    """Return the parts of a text, each of at most `max_length` characters, in order.

    A part ends with a sentence if one fits, otherwise with a word; a word that is too long is cut. Whitespace between two
    parts is dropped.
    """
    parts = []
    while len(text) > max_length:
        end = _last_boundary(text, max_length)
        parts.append(text[:end].rstrip())
        text = text[end:].lstrip()
    return [part for part in (*parts, text) if part]


def _last_boundary(text: str, max_length: int) -> int:
    # one character more, because whitespace may follow a part of exactly the greatest length
    start = text[: max_length + 1]
    for boundary in _BOUNDARIES:
        ends = [match.start() for match in boundary.finditer(start) if 0 < match.start() <= max_length]
        if ends:
            return ends[-1]
    return max_length
