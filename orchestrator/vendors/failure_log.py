"""The log line of a vendor call that failed."""

from __future__ import annotations

from orchestrator.observability import logging
from orchestrator.vendors.errors import VendorError


class _FailureLog:
    # not a generator, because every vendor call passes here and few fail
    def __enter__(self) -> None:
        pass

    def __exit__(self, _type: object, error: BaseException | None, _trace: object) -> None:
        if isinstance(error, VendorError):
            logging.warning(
                "vendor_call_failed",
                vendor=error.vendor,
                operation=error.operation,
                error=type(error).__name__,
                status=error.status,
                code=error.code,
            )


_FAILURE_LOG = _FailureLog()


def log_failure() -> _FailureLog:
    """Log an error that ends the block with its operation; the vendor's messages are left out, because they may quote a guest."""
    return _FAILURE_LOG
