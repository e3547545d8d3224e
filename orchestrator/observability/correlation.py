"""The correlation id: identifies a request and everything that it causes."""

from __future__ import annotations

import re
import uuid
from contextvars import ContextVar
from functools import lru_cache

import httpx

from orchestrator.observability.redaction import redact_text

CORRELATION_ID_HEADER = "X-Correlation-ID"
_VALID_ID = re.compile(r"[A-Za-z0-9._:\-]{1,128}")
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")

correlation_id: ContextVar[str] = ContextVar("correlation_id", default="")
"""The id of the current request as its client sent it. Only the response may contain it: see `safe_correlation_id`."""


def valid_or_new_id(sent: str | None) -> str:
    """Return the client's id, or a new one if it is missing or not valid in a header."""
    return sent if sent and _VALID_ID.fullmatch(sent) else str(uuid.uuid4())


def safe_correlation_id() -> str:
    """Return the id of the current request for logs, traces and vendors: without personal data, empty outside of a request."""
    return _redact_id(correlation_id.get())


def add_correlation_header(request: httpx.Request) -> None:
    """Add the id to a request to a vendor."""
    if current := safe_correlation_id():
        request.headers[CORRELATION_ID_HEADER] = current


# one id is redacted for every log line and every vendor request that it goes into
@lru_cache(maxsize=1024)
def _redact_id(sent: str) -> str:
    # an id that this service has made, which redaction would not change either
    return sent if _UUID.fullmatch(sent) else redact_text(sent)
