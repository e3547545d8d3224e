"""Pages of Apaleo's lists."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from provider_verification.stubs.sdk import StubRequest, StubResponse, no_content, ok

DEFAULT_PAGE_SIZE = 100


def page_response(
    request: StubRequest, plural: str, items: Sequence[Any], render: Callable[[Any], Any] = lambda item: item
) -> StubResponse:
    """The requested page under the key `plural`, with the total as `count`; only its items are rendered."""
    page = [render(items[index]) for index in page_indexes(request, len(items))]
    return page_of(plural, page, len(items))


def page_indexes(request: StubRequest, count: int) -> range:
    """The positions of the requested page's items, of `count` in all."""
    size = request.query.get("pageSize", DEFAULT_PAGE_SIZE)
    start = (request.query.get("pageNumber", 1) - 1) * size
    return range(min(start, count), min(start + size, count))


def page_of(plural: str, page: list[Any], count: int) -> StubResponse:
    """A page under the key `plural`, with the total as `count`."""
    # Apaleo's booking spec: an empty list and a page past the end are 204 without a body.
    return ok({plural: page, "count": count}) if page else no_content()
