"""LiveKit's errors, as the call flow knows them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from orchestrator.calls.ports import DependencyUnavailableError
from orchestrator.vendors.errors import VendorError


@contextmanager
def map_vendor_errors() -> Iterator[None]:
    """Turn an error of LiveKit that the block raises into one of the call flow.

    Raises:
        DependencyUnavailableError: a request to LiveKit failed.
    """
    try:
        yield
    except VendorError as error:
        raise DependencyUnavailableError("livekit", type(error).__name__) from error
