"""Errors as `application/problem+json` (RFC 9457), for clients that ask for it; the official CLI does not read it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from broker.domain.json_document import encode_json
from broker.domain.media_types import PROBLEM_JSON, asks_for
from broker.web import accept_header, url

TITLES = {
    400: "Bad request",
    404: "Not found",
    408: "Request timeout",
    409: "Conflict",
    413: "Content too large",
}
SERVER_ERROR = "Server error"
INDEX_SUFFIX = re.compile(r" \(at index (\d+)\)$")


def wants_problem(request: Request) -> bool:
    """Return whether the request asks for errors as problems."""
    return asks_for(accept_header(request), PROBLEM_JSON)


def problem(request: Request, status: int, detail: str, title: str = "") -> Response:
    """Return an error with a text."""
    title = title or TITLES.get(status, SERVER_ERROR if status >= 500 else "Error")
    name = title.lower().replace(" ", "-")
    return _respond(
        {"title": title, "type": url(request, "problem", name), "detail": detail, "status": status}
    )


def validation_problem(
    request: Request, errors: Mapping[str, Sequence[str]] | Sequence[str], status: int
) -> Response:
    """Return the errors of a request, each with a pointer to its field unless they are about no field."""
    items = _with_pointers(errors) if isinstance(errors, Mapping) else ((text, None) for text in errors)
    return _respond(
        {
            "title": "Validation errors",
            "type": url(request, "problems", "validation-error"),
            "status": status,
            "instance": "/",
            "errors": [_item(request, detail, pointer) for detail, pointer in items],
        }
    )


def _item(request: Request, detail: str, pointer: str | None) -> dict[str, Any]:
    kind = "missing-body-property" if detail == "is missing" else "invalid-body-property-value"
    item = {"type": url(request, "problems", kind), "title": "Invalid body parameter", "detail": detail}
    return item if pointer is None else {**item, "pointer": pointer}


def _with_pointers(errors: Mapping[str, Sequence[str]]) -> Iterator[tuple[str, str]]:
    for field, messages in errors.items():
        for message in messages:
            match = INDEX_SUFFIX.search(message)
            index = f"/{match[1]}" if match else ""
            yield INDEX_SUFFIX.sub("", message), f"/{field.replace('.', '/')}{index}"


def _respond(body: dict[str, Any]) -> Response:
    return Response(encode_json(body), body["status"], media_type=f"{PROBLEM_JSON};charset=utf-8")
