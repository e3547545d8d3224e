"""The log line of a vendor call that failed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from orchestrator.observability import logging
from orchestrator.vendors.errors import VendorError


@contextmanager
def log_failure() -> Iterator[None]:
    """Log an error that ends the call with its operation; the vendor's messages are left out, because they may quote a guest."""
    try:
        yield
    except VendorError as error:
        logging.warning(
            "vendor_call_failed",
            vendor=error.vendor,
            operation=error.operation,
            error=type(error).__name__,
            status=error.status,
            code=error.code,
        )
        raise
