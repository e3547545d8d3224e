"""The stubs that threads of this process serve. It imports no stub, because every test process loads it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sized
from contextlib import contextmanager

_REQUESTS: dict[str, Sized] = {}
"""What each of them received since its last reset, by URL."""


@contextmanager
def registered(requests: Mapping[str, Sized]) -> Iterator[None]:
    """Know these stubs for the duration of the block.

    Args:
        requests: the journals, by the stub's URL.
    """
    _REQUESTS.update(requests)
    try:
        yield
    finally:
        for url in requests:
            _REQUESTS.pop(url, None)


def has_no_requests(url: str) -> bool:
    """Return whether a thread of this process serves the stub and its journal is empty, so that it need not be requested."""
    requests = _REQUESTS.get(url)
    return requests is not None and not requests
