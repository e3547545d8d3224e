"""Badges as SVG, drawn by the broker: no other host learns what a reader looks at."""

from __future__ import annotations

from broker.domain.badge import Badge
from broker.pages.templating import TEMPLATES

PADDING = 6
NARROW, WIDE = frozenset("fijlrtI.,:;|!'()[]/ -"), frozenset("mwMW@%")
MAX_CHARACTERS = 100


def render_badge(badge: Badge) -> str:
    """Return a badge as an SVG document."""
    label, status = _shorten(badge.label), _shorten(badge.status)
    widths = _width(label), _width(status)
    return TEMPLATES.get_template("badge.svg").render(
        label=label, status=status, color=badge.color, label_width=widths[0], status_width=widths[1], padding=PADDING
    )  # fmt: skip


def _width(text: str) -> int:
    """Return about how wide a text of 11 pixels is; the document fits the text into it."""
    characters = (4 if item in NARROW else 10 if item in WIDE or not item.isascii() else 7 for item in text)
    return sum(characters) + 2 * PADDING


def _shorten(text: str) -> str:
    # a control character, which XML does not allow, cannot be in a name
    return text if len(text) <= MAX_CHARACTERS else f"{text[: MAX_CHARACTERS - 1]}…"
