"""The route class of all routers: it checks who sends a body before reading it, and rejects text that is not Unicode."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.dependencies.models import Dependant
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute

from orchestrator.api.dependencies import current_principal, get_container, rate_limit_by_ip
from orchestrator.calls.input_checks import Path, is_storable, walk_json

INVALID_TEXT_MESSAGE = "should be Unicode text without NUL characters"
MAX_LOCATION_LENGTH = 3
"""`body` and two names: `body.metadata.guest_data`."""


class StrictRoute(APIRoute):
    """A route that checks credentials, rate limit and text before FastAPI validates the request."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the route's handler with these checks in front of it.

        FastAPI reads and validates the body before it runs any dependency, so an unauthenticated client would get 422,
        and one without a request left could still send bodies.
        """
        handle = super().get_route_handler()
        authenticates = _depends_on(self.dependant, current_principal)
        limits_by_ip = _depends_on(self.dependant, rate_limit_by_ip)
        has_body = self.body_field is not None

        async def checked_handler(request: Request) -> Response:
            if authenticates:
                await current_principal(request, get_container(request))
            elif limits_by_ip:
                await rate_limit_by_ip(request, get_container(request))
            if has_body:
                _reject_invalid_text(await _parse_body(request))
            return await handle(request)

        return checked_handler


def _depends_on(dependant: Dependant, dependency: Callable[..., Any]) -> bool:
    return dependant.call is dependency or any(
        _depends_on(child, dependency) for child in dependant.dependencies
    )


def _reject_invalid_text(body: Any) -> None:
    # Deeper names are data of the guest, which an error must not repeat.
    locations = {
        _printable(("body", *path)[:MAX_LOCATION_LENGTH]): None
        for path, text in walk_json(body)
        if isinstance(text, str) and not is_storable(text)
    }
    if locations:
        raise RequestValidationError(
            [
                {"type": "value_error", "loc": location, "msg": INVALID_TEXT_MESSAGE, "input": None}
                for location in locations
            ]
        )


async def _parse_body(request: Request) -> Any:
    """Return the JSON of a body. A body that is not JSON is left to FastAPI, which rejects it."""
    # Starlette keeps the body and its JSON in the request, so FastAPI neither reads nor parses it again
    body = await request.body()
    try:
        return await request.json() if body else None
    # RecursionError: json.loads recurses once per level of nesting
    except (ValueError, RecursionError):
        return None


def _printable(location: Path) -> Path:
    """Return a location whose field names the error response can contain."""
    return tuple(
        name.encode(errors="backslashreplace").decode().replace("\0", "\\0")
        if isinstance(name, str)
        else name
        for name in location
    )
