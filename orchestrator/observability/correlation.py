"""One id for a request and all that it causes."""

from __future__ import annotations

import re
import uuid
from contextvars import ContextVar

import httpx

CORRELATION_ID_HEADER = "X-Correlation-ID"
_SHAPE = re.compile(r"[A-Za-z0-9._:\-]{1,128}")

correlation_id: ContextVar[str] = ContextVar("correlation_id", default="")
"""Of the request that is being served."""


def valid_or_new_id(sent: str | None) -> str:
    """The caller's id as it was sent, or a new one when there is none or it is not fit for a header and a log."""
    return sent if sent and _SHAPE.fullmatch(sent) else str(uuid.uuid4())


async def add_correlation_header(request: httpx.Request) -> None:
    """Put the id on a request to a vendor: a hook of the shared connection pool."""
    if current := correlation_id.get():
        request.headers[CORRELATION_ID_HEADER] = current
