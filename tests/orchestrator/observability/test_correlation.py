"""The correlation id is accepted as sent, and leaves the service without personal data."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import httpx
import pytest

from orchestrator.observability.correlation import (
    CORRELATION_ID_HEADER,
    add_correlation_header,
    correlation_id,
    safe_correlation_id,
    valid_or_new_id,
)


@pytest.fixture(autouse=True)
def restored_correlation_id() -> Iterator[None]:
    """Restore the correlation id after a test."""
    token = correlation_id.set("")
    yield
    correlation_id.reset(token)


@pytest.mark.parametrize("sent", ["request-1", "a" * 128, "0171-555-0199", "trace:1.2_3"])
def test_valid_id_is_kept_as_sent(sent: str) -> None:
    """The client finds its own id in the response."""
    assert valid_or_new_id(sent) == sent


@pytest.mark.parametrize("sent", [None, "", "a" * 129, "two words", "line\nbreak", "ü"])
def test_invalid_id_is_replaced_by_uuid(sent: str | None) -> None:
    """An id that is not fit for a header is not used."""
    assert uuid.UUID(valid_or_new_id(sent)).version == 4


@pytest.mark.parametrize(
    ("sent", "safe"),
    [
        ("621a4b5f-7510-4550-bac4-0c5c4b5635b3", "621a4b5f-7510-4550-bac4-0c5c4b5635b3"),
        ("request-1", "request-1"),
        ("asked-for-by-me", "asked-for-by-me"),
        ("4111111111111111", "[REDACTED]"),
        ("call-0171-555-0199", "call-[REDACTED]"),
        ("call:C01X00T47", "call:[REDACTED]"),
    ],
)
def test_id_is_redacted_for_vendors(sent: str, safe: str) -> None:
    """A client may put a phone or card number into its id."""
    correlation_id.set(sent)
    request = httpx.Request("GET", "http://vendor.test")

    add_correlation_header(request)

    assert safe_correlation_id() == request.headers[CORRELATION_ID_HEADER] == safe


def test_request_without_id_has_no_header() -> None:
    """A background task has no correlation id."""
    request = httpx.Request("GET", "http://vendor.test")

    add_correlation_header(request)

    assert CORRELATION_ID_HEADER not in request.headers
