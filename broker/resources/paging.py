"""Pages of lists: `page` and `size`, or `pageNumber` and `pageSize`; without them a list is complete, unless it is long."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar
from urllib.parse import urlencode

from starlette.requests import Request

from broker.errors import InvalidRequestError
from broker.resources.query_keys import PAGE_KEYS
from broker.web import link, parse_positive_integer, request_url

T = TypeVar("T")

DEFAULT_PAGE_SIZE = 100
MAX_PAGE_SIZE = 1000
MAX_COMPLETE_SIZE = 500
"""A longer list has pages also if the request asks for none."""


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """The rows of the requested page, with the fields and links that describe it, which a complete list has not."""

    rows: Sequence[T]
    fields: dict[str, Any]
    links: dict[str, Any]


def read_page(request: Request, rows: Sequence[T], default_size: int | None = None) -> Page[T]:
    """Return the page of a list that the query asks for.

    Args:
        request: the request.
        rows: the complete list.
        default_size: the size of a page of a list that always has pages.

    Raises:
        InvalidRequestError: The number or size is not an integer of at least 1, or the size is too large.
    """
    query = request.query_params
    number_text, size_text = (
        query.get("page") or query.get("pageNumber"),
        query.get("size") or query.get("pageSize"),
    )
    count = len(rows)
    if number_text is None and size_text is None and default_size is None:
        if count <= MAX_COMPLETE_SIZE:
            return Page(rows[:count], {}, {})
        default_size = MAX_COMPLETE_SIZE
    default = str(default_size or DEFAULT_PAGE_SIZE)
    number, size = parse_positive_integer(number_text or "1"), parse_positive_integer(size_text or default)
    errors = {
        name: ["must be an integer of at least 1"]
        for name, value in (("page", number), ("size", size))
        if value is None
    }
    if errors or number is None or size is None:
        raise InvalidRequestError(errors)
    if size > MAX_PAGE_SIZE:
        raise InvalidRequestError({"size": [f"must be at most {MAX_PAGE_SIZE}"]})
    pages = -(-count // size)
    links = {}
    if number < pages:
        links["next"] = link(_page_url(request, number + 1, size), "Next page")
    if number > 1:
        links["previous"] = link(_page_url(request, number - 1, size), "Previous page")
    fields = {"page": {"number": number, "size": size, "totalElements": count, "totalPages": pages}}
    return Page(rows[(number - 1) * size : number * size], fields, links)


def _page_url(request: Request, number: int, size: int) -> str:
    others = [(key, value) for key, value in request.query_params.multi_items() if key not in PAGE_KEYS]
    path = request_url(request).partition("?")[0]
    return f"{path}?{urlencode([*others, ('size', size), ('page', number)])}"
