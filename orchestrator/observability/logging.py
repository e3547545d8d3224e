"""Structured logs: one JSON object per line, with the correlation id and without personal data.

Logging never fails a request: a line that cannot be written is counted and dropped.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, MutableMapping
from typing import Any, TextIO

import structlog

from orchestrator.observability.correlation import safe_correlation_id
from orchestrator.observability.redaction import redact_value

EventDict = MutableMapping[str, Any]
UNREDACTED_FIELDS = frozenset(
    {"event", "level", "timestamp", "correlation_id", "call_id", "trace", "method", "route", "client"}
)
"""Fields that only this service fills; the correlation id is redacted already, and a client is a pseudonym."""
MAX_FRAMES = 8


class FaultTolerantStream:
    """A text stream whose writes do not raise, for example if the disk is full or the pipe is closed.

    Args:
        stream: the stream that is written to.
        on_error: is called for each write that failed.
    """

    def __init__(self, stream: TextIO, on_error: Callable[[], object]) -> None:
        self._stream = stream
        self._on_error = on_error

    def write(self, text: str) -> int:
        """Write a text, if possible."""
        try:
            return self._stream.write(text)
        # ValueError: the stream is closed, or cannot encode the text
        except (OSError, ValueError):
            self._on_error()
            return 0

    def flush(self) -> None:
        """Flush the stream, if possible."""
        try:
            self._stream.flush()
        except (OSError, ValueError):
            self._on_error()


def configure_logging(on_write_error: Callable[[], object] = lambda: None) -> None:
    """Log to standard output; `on_write_error` is called for each line that cannot be written."""
    structlog.configure(
        processors=[
            _add_correlation_id,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            redact_personal_data,
            structlog.processors.JSONRenderer(),
        ],
        logger_factory=structlog.WriteLoggerFactory(FaultTolerantStream(sys.stdout, on_write_error)),  # type: ignore[arg-type] # a logger only writes and flushes
        cache_logger_on_first_use=False,
    )


def disable_logging() -> None:
    """Log nothing, for commands that report to a person."""
    structlog.configure(processors=[_drop], cache_logger_on_first_use=False)


def info(event: str, **fields: Any) -> None:
    """Log an event of normal operation."""
    structlog.get_logger().info(event, **fields)


def warning(event: str, **fields: Any) -> None:
    """Log a problem that was handled."""
    structlog.get_logger().warning(event, **fields)


def exception(event: str, failure: BaseException) -> None:
    """Log an unexpected error with its type and stack, but without its message, which may contain personal data."""
    frames = []
    trace = failure.__traceback__
    while trace:
        frames.append(f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}")
        trace = trace.tb_next
    structlog.get_logger().error(event, kind=type(failure).__name__, trace=frames[-MAX_FRAMES:])


def redact_personal_data(_logger: Any, _method: str, event: EventDict) -> EventDict:
    """Redact all fields that may hold personal data; a structlog processor, the last one before rendering."""
    return {
        key: value if key in UNREDACTED_FIELDS else redact_value(value, key) for key, value in event.items()
    }


def _drop(_logger: Any, _method: str, _event: EventDict) -> EventDict:
    raise structlog.DropEvent


def _add_correlation_id(_logger: Any, _method: str, event: EventDict) -> EventDict:
    if current := safe_correlation_id():
        event["correlation_id"] = current
    return event
