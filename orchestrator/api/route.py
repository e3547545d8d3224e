"""The route class of all routers: it checks who sends a body before reading it, and rejects text that is not Unicode."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterator
from dataclasses import replace
from typing import Any

from fastapi import Request, Response
from fastapi.dependencies.models import Dependant
from fastapi.dependencies.utils import get_dependant
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute

from orchestrator.api.dependencies import (
    ACCESS_CHECKS,
    PrincipalScheme,
    current_principal,
    rate_limit_by_ip,
)
from orchestrator.calls.input_checks import Path, is_storable, walk_json

INVALID_TEXT_MESSAGE = "should be Unicode text without NUL characters"
MAX_LOCATION_LENGTH = 3
"""`body` and two names: `body.metadata.guest_data`."""


MAX_JSON_VALUES = 10_000
"""Values and names in a body; each costs far more time to validate than to send."""
_INVALID_BYTES = (b"\xed", b"\0")
"""What each surrogate or NUL has that is not escaped. The last one is also in all JSON that is UTF-16 or UTF-32."""
_INVALID_ESCAPES = (b"\\ud", b"\\uD", b"\\u0000")
"""How the escape of each surrogate or NUL begins."""


class StrictRoute(APIRoute):
    """A route that checks access, rate limit, size and text before FastAPI validates the request."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the route's handler with these checks in front of it.

        FastAPI reads and validates the body before it runs any dependency, so an unauthenticated client would get 422,
        and one without a request left could still send bodies.
        """
        dependencies = list(_dependencies(self.dependant))
        handle = self._handler_after_checks()
        authenticates = any(isinstance(call, PrincipalScheme) for call in dependencies)
        limits_by_ip = rate_limit_by_ip in dependencies
        access_checks = [ACCESS_CHECKS[call] for call in dependencies if call in ACCESS_CHECKS]
        has_body = self.body_field is not None

        async def checked_handler(request: Request) -> Response:
            if authenticates:
                principal = await current_principal(request)
                for check in access_checks:
                    check(principal, request)
            elif limits_by_ip:
                await rate_limit_by_ip(request)
            if has_body:
                await _check_body(request)
            return await handle(request)

        return checked_handler

    def _handler_after_checks(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return FastAPI's handler, which does not run again what `checked_handler` has checked.

        The OpenAPI document is made from all dependencies.
        """
        documented = self.dependant
        self.dependant = replace(documented, dependencies=[*map(_without_checks, documented.dependencies)])
        try:
            return super().get_route_handler()
        finally:
            self.dependant = documented


def _without_checks(dependant: Dependant) -> Dependant:
    """Return the dependency on the principal alone in place of one that also checks its access."""
    if dependant.call not in ACCESS_CHECKS:
        return dependant
    # FastAPI takes as long for each dependency of a request as for the validation of a call event
    return get_dependant(path=dependant.path or "", call=current_principal, name=dependant.name)


def _dependencies(dependant: Dependant) -> Iterator[Callable[..., Any]]:
    """Yield the dependencies, those that others depend on first, then the function itself."""
    for child in dependant.dependencies:
        yield from _dependencies(child)
    if dependant.call is not None:
        yield dependant.call


async def _check_body(request: Request) -> None:
    """Reject a body with too many values or invalid text.

    The bytes are searched first, which takes much less time than to visit each value.
    """
    body = await request.body()
    document = await _parse_body(request)
    # each value but the first one follows one of these bytes, which strings can contain too
    if len(body) - len(body.translate(None, b",[{:")) >= MAX_JSON_VALUES:
        _reject_too_many_values(document)
    if _may_be_invalid_text(body):
        _reject_invalid_text(document)


def _may_be_invalid_text(body: bytes) -> bool:
    # not a regular expression, which takes longer than to parse the body: other requests wait meanwhile
    return any(mark in body for mark in _INVALID_BYTES) or (
        b"\\" in body and any(mark in body for mark in _INVALID_ESCAPES)
    )


def _reject_too_many_values(document: Any) -> None:
    number, pending = 1, [document]
    while pending:
        value = pending.pop()
        if isinstance(value, dict | list):
            number += 2 * len(value) if isinstance(value, dict) else len(value)
            # before they are visited: a flat list can have hundreds of thousands
            if number > MAX_JSON_VALUES:
                message = f"should have at most {MAX_JSON_VALUES} values and names"
                raise RequestValidationError([_error(("body",), message)])
            pending.extend(value.values() if isinstance(value, dict) else value)


def _error(location: Path, message: str) -> dict[str, Any]:
    return {"type": "value_error", "loc": location, "msg": message, "input": None}


def _reject_invalid_text(body: Any) -> None:
    # Deeper names are data of the guest, which an error must not repeat.
    locations = {
        _printable(("body", *path)[:MAX_LOCATION_LENGTH]): None
        for path, text in walk_json(body)
        if isinstance(text, str) and not is_storable(text)
    }
    if locations:
        raise RequestValidationError([_error(location, INVALID_TEXT_MESSAGE) for location in locations])


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
