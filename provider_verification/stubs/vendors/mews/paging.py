"""Filters and pages of Mews's lists."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from provider_verification.stubs.sdk import StubRequest, StubResponse, ok
from provider_verification.stubs.vendors.mews.rows import Row


def select_rows(rows: Iterable[Row], request: StubRequest, filters: Mapping[str, str]) -> list[Row]:
    """The rows whose fields have one of the values that the request lists; an absent filter matches all."""
    return [
        row
        for row in rows
        if all(
            row.get(name) in request.body.get(parameter, [row.get(name)])
            for parameter, name in filters.items()
        )
    ]


def page_response(plural: str, rows: list[Row], request: StubRequest) -> StubResponse:
    """A page of rows. The cursor is the last row's id, and null only for an empty page."""
    ids = [row["Id"] for row in rows]
    cursor = request.body["Limitation"].get("Cursor")
    start = ids.index(cursor) + 1 if cursor in ids else 0
    page = rows[start : start + request.body["Limitation"]["Count"]]
    # The pagination guideline: a cursor on the last page costs the client one more, empty request.
    return ok({plural: page, "Cursor": page[-1]["Id"] if page else None})
