"""Structured logs: a JSON object a line, with the correlation id and without anybody's personal data."""

from __future__ import annotations

import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

from orchestrator.observability.correlation import correlation_id
from orchestrator.observability.redaction import redact_value

EventDict = MutableMapping[str, Any]


def configure_logging() -> None:
    """Write to standard output from now on."""
    structlog.configure(
        processors=[
            _correlated,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            redact_personal_data,
            structlog.processors.JSONRenderer(),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stdout),
        cache_logger_on_first_use=False,
    )


def info(event: str, **fields: Any) -> None:
    """Note that something happened."""
    structlog.get_logger().info(event, **fields)


def warning(event: str, **fields: Any) -> None:
    """Note that something went wrong and was dealt with."""
    structlog.get_logger().warning(event, **fields)


def exception(event: str, failure: BaseException) -> None:
    """Note that something broke: where, and by what kind of error; its message may hold a guest's data."""
    frames = []
    trace = failure.__traceback__
    while trace:
        frames.append(f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}")
        trace = trace.tb_next
    structlog.get_logger().error(event, kind=type(failure).__name__, trace=frames[-8:])


def redact_personal_data(_logger: Any, _method: str, event: EventDict) -> EventDict:
    """The last processor before the line is written."""
    kept = {"event", "level", "timestamp", "correlation_id", "call_id", "trace"}
    return {key: value if key in kept else redact_value(value, key) for key, value in event.items()}


def _correlated(_logger: Any, _method: str, event: EventDict) -> EventDict:
    if current := correlation_id.get():
        event["correlation_id"] = current
    return event
