"""The route class of all routers: it authenticates before it reads the body, and rejects text that is not Unicode."""

from __future__ import annotations

import json
from collections.abc import Callable, Coroutine, Iterator
from typing import Any

from fastapi import Request, Response
from fastapi.dependencies.models import Dependant
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute

from orchestrator.api.dependencies import current_principal, get_container
from orchestrator.calls.input_checks import is_storable

INVALID_TEXT_MESSAGE = "should be Unicode text without NUL characters"
MAX_LOCATION_LENGTH = 3
"""`body` and two names: `body.metadata.guest_data`."""


class StrictRoute(APIRoute):
    """A route that checks credentials and text before FastAPI validates the request."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the route's handler with both checks in front of it.

        FastAPI reads and validates the body before it runs any dependency, so an unauthenticated client would get 422.
        """
        handle = super().get_route_handler()
        authenticates = _requires_authentication(self.dependant)
        has_body = self.body_field is not None

        async def checked_handler(request: Request) -> Response:
            if authenticates:
                await current_principal(request, get_container(request))
            if has_body:
                # Starlette keeps the body in the request, so FastAPI can read it again
                _reject_invalid_text(_body_texts(await request.body()))
            return await handle(request)

        return checked_handler


Location = tuple[str | int, ...]


def _requires_authentication(dependant: Dependant) -> bool:
    return dependant.call is current_principal or any(map(_requires_authentication, dependant.dependencies))


def _reject_invalid_text(texts: Iterator[tuple[Location, str]]) -> None:
    # Deeper names are data of the guest, which an error must not repeat.
    locations = {location[:MAX_LOCATION_LENGTH]: None for location, text in texts if not is_storable(text)}
    if locations:
        raise RequestValidationError(
            [
                {"type": "value_error", "loc": location, "msg": INVALID_TEXT_MESSAGE, "input": None}
                for location in locations
            ]
        )


def _body_texts(body: bytes) -> Iterator[tuple[Location, str]]:
    """Yield all texts of a JSON body. A body that is not JSON is left to FastAPI, which rejects it."""
    try:
        value = json.loads(body) if body else None
    # RecursionError: json.loads recurses once per level of nesting
    except (ValueError, RecursionError):
        return
    # A stack instead of recursion: the depth of the document is not limited yet.
    pending: list[tuple[Location, Any]] = [(("body",), value)]
    while pending:
        location, value = pending.pop()
        if isinstance(value, str):
            yield location, value
        elif isinstance(value, dict):
            for name, item in value.items():
                yield (*location, _printable(name)), name
                pending.append(((*location, _printable(name)), item))
        elif isinstance(value, list):
            pending.extend(((*location, index), item) for index, item in enumerate(value))


def _printable(name: str) -> str:
    """Return a field name that the error response can contain."""
    return name.encode(errors="backslashreplace").decode().replace("\0", "\\0")
