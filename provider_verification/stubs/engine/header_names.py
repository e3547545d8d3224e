"""Headers whose name is almost that of one of the vendor's own headers, which the vendor therefore does not read."""

from __future__ import annotations

import functools
from collections.abc import Iterable

MAX_MISTAKES = 2
"""Letters that are missing, added or replaced; three would take `x-api-version` for `x-api-session`."""
MIN_LENGTH = 8
"""Of a header of the vendor; among shorter names, other headers are as near."""
MAX_LENGTH = 40
COMMON_HEADERS = frozenset(
    {
        "accept", "accept-charset", "accept-encoding", "accept-language", "access-control-request-headers",
        "access-control-request-method", "alt-used", "authentication-info", "baggage", "cache-control", "cdn-loop", "connection",
        "content-digest", "content-disposition", "content-encoding", "content-language", "content-length", "content-location",
        "content-md5", "content-range", "content-type", "cookie", "date", "dnt", "early-data", "expect", "forwarded", "from",
        "grpc-timeout", "host", "http2-settings", "if-match", "if-modified-since", "if-none-match", "if-range",
        "if-unmodified-since", "keep-alive", "link", "max-forwards", "origin", "pragma", "prefer", "priority",
        "proxy-authorization", "proxy-connection", "range", "referer", "repr-digest", "request-id", "save-data",
        "sec-websocket-extensions", "sec-websocket-key", "sec-websocket-protocol", "sec-websocket-version", "signature",
        "signature-input", "te", "traceparent", "tracestate", "trailer", "transfer-encoding", "upgrade",
        "upgrade-insecure-requests", "user-agent", "via", "x-amzn-trace-id", "x-client-id", "x-correlation-id",
        "x-forwarded-for", "x-forwarded-host", "x-forwarded-port", "x-forwarded-proto", "x-http-method-override", "x-real-ip",
        "x-request-id", "x-requested-with",
    }
)  # fmt: skip
"""Headers that clients and proxies send to any server."""


def find_misspelled_headers(sent: Iterable[str], known: frozenset[str]) -> tuple[tuple[str, str], ...]:
    """Return each header that is probably misspelled, with the vendor's header that is meant.

    A header is not misspelled if the request has the vendor's header as well.

    Args:
        sent: the headers of a request in lower case.
        known: the vendor's own headers in lower case.
    """
    # A client sends the same headers again and again.
    return _find_misspelled(frozenset(sent), known)


@functools.lru_cache(maxsize=256)
def _find_misspelled(names: frozenset[str], known: frozenset[str]) -> tuple[tuple[str, str], ...]:
    pairs = ((name, _nearest(name, known)) for name in sorted(names - known - COMMON_HEADERS))
    return tuple((name, meant) for name, meant in pairs if meant and meant not in names)


def _nearest(name: str, known: frozenset[str]) -> str | None:
    if len(name) > MAX_LENGTH:
        return None
    candidates = [(_distance(name, header), header) for header in known if len(header) >= MIN_LENGTH]
    distance, header = min(candidates, default=(MAX_MISTAKES + 1, ""))
    return header if distance <= MAX_MISTAKES else None


def _distance(left: str, right: str) -> int:
    """Return the number of letters to add, remove or replace (Levenshtein)."""
    row = list(range(len(right) + 1))
    for number, letter in enumerate(left, 1):
        previous, row[0] = row[0], number
        for index, other in enumerate(right, 1):
            cost = min(row[index] + 1, row[index - 1] + 1, previous + (letter != other))
            previous, row[index] = row[index], cost
    return row[-1]
