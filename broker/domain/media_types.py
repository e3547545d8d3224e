"""Content negotiation: which of the media types a resource offers an `Accept` header asks for."""

from __future__ import annotations

PROBLEM_JSON = "application/problem+json"
MAX_RANGES = 50
"""Media ranges of a header that are read; no client sends as many."""

Range = tuple[str, str, float]
"""Type, subtype and quality."""


def choose_media_type(accept: str, *offers: str) -> str | None:
    """Return the offer with the highest quality, the first of equal ones, or None if none is acceptable.

    Without a header every type is acceptable.
    """
    if not accept.strip():
        return offers[0]
    ranges = _parse(accept)
    best = max(offers, key=lambda offer: _quality(ranges, offer))
    return best if _quality(ranges, best) > 0 else None


def asks_for(accept: str, media_type: str) -> bool:
    """Return whether a header names a media type itself, not by a wildcard."""
    kind, _, subtype = media_type.partition("/")
    return any((kind, subtype) == entry[:2] and entry[2] > 0 for entry in _parse(accept))


def _quality(ranges: list[Range], offer: str) -> float:
    kind, _, subtype = offer.partition("/")
    # the most specific range decides, whatever its quality
    for candidate in ((kind, subtype), (kind, "*"), ("*", "*")):
        qualities = [quality for *entry, quality in ranges if tuple(entry) == candidate]
        if qualities:
            return max(qualities)
    return 0.0


def _parse(accept: str) -> list[Range]:
    ranges = []
    for text in accept.lower().split(",")[:MAX_RANGES]:
        media_range, *parameters = [part.strip() for part in text.split(";")]
        kind, _, subtype = media_range.partition("/")
        quality = next((part[2:] for part in parameters if part.startswith("q=")), "1")
        ranges.append((kind, subtype, _parse_quality(quality)))
    return ranges


def _parse_quality(text: str) -> float:
    try:
        quality = float(text)
    except ValueError:
        return 1.0
    # NaN compares false
    return quality if 0 <= quality <= 1 else 1.0
