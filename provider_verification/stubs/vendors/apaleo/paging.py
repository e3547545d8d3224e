"""Pages of Apaleo's lists."""

from __future__ import annotations

from typing import Any

from provider_verification.stubs.sdk import StubRequest, StubResponse, no_content, ok

DEFAULT_PAGE_SIZE = 100


def page_response(request: StubRequest, plural: str, items: list[Any]) -> StubResponse:
    """The requested page under the key `plural`, with the total as `count`."""
    size = request.query.get("pageSize", DEFAULT_PAGE_SIZE)
    start = (request.query.get("pageNumber", 1) - 1) * size
    page = items[start : start + size]
    # Apaleo's booking spec: an empty list and a page past the end are 204 without a body.
    return ok({plural: page, "count": len(items)}) if page else no_content()
