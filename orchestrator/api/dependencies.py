"""What routes ask for: the service's parts, who calls, and whether there are not too many requests."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine
from typing import Annotated, Any

from fastapi import Depends, Request, Response, Security
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from fastapi.security import APIKeyHeader, HTTPBearer

from orchestrator.errors import AuthenticationError, AuthorizationError, RateLimitError
from orchestrator.keyvalue import Slot
from orchestrator.security.audit import audit
from orchestrator.security.callers import Caller
from orchestrator.security.roles import Permission, Role
from orchestrator.services import Services

USER = HTTPBearer(scheme_name="user", auto_error=False, description="An access token of /auth/login")
SERVICE = APIKeyHeader(scheme_name="service", name="X-API-Key", auto_error=False, description="An API key")


def services(request: Request) -> Services:
    """The service's parts."""
    found: Services = request.app.state.services
    return found


Parts = Annotated[Services, Depends(services)]


async def anybody(request: Request, parts: Parts) -> None:
    """Nobody needs to be known, but each address may come only so often."""
    await _limit(request, parts, f"ip:{_address(request)}", parts.settings.rate_limit)


async def _known(request: Request, parts: Parts) -> Caller:
    """Who sends the request; asked for once, by the route itself or by what it depends on."""
    if not hasattr(request.state, "caller"):
        request.state.caller = await _let_in(request, parts)
    caller: Caller = request.state.caller
    return caller


async def _let_in(request: Request, parts: Services) -> Caller:
    try:
        caller = await parts.security.door.enter(
            request.headers.get("authorization"), request.headers.get("x-api-key")
        )
    except AuthenticationError:
        await _limit(request, parts, f"ip:{_address(request)}", parts.settings.rate_limit)
        raise
    settings = parts.settings
    limit = settings.rate_limit if caller.kind == "user" else settings.service_rate_limit
    await _limit(request, parts, caller.subject, limit)
    return caller


async def known(caller: Annotated[Caller, Depends(_known)], user: Scheme, key: Key) -> Caller:  # noqa: ARG001 - for the document
    """Somebody we know."""
    return caller


Scheme = Annotated[object, Security(USER)]
Key = Annotated[object, Security(SERVICE)]
Known = Annotated[Caller, Depends(known)]


async def logged_in(caller: Annotated[Caller, Depends(_known)], user: Scheme) -> Caller:  # noqa: ARG001 - for the document
    """A user, not a service."""
    if caller.kind != "user":
        raise AuthorizationError("This is for users.")
    return caller


LoggedIn = Annotated[Caller, Depends(logged_in)]


async def an_admin(caller: LoggedIn, request: Request) -> Caller:
    """A user with the role `admin`."""
    if Role.ADMIN not in caller.roles:
        raise forbidden(caller, request)
    return caller


Admin = Annotated[Caller, Depends(an_admin)]


class KnownFirst(APIRoute):
    """A route that looks at credentials before it reads the body, which the framework does before any dependency."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The handler, behind the door if anything it depends on asks who calls."""
        handle = super().get_route_handler()
        if not _asks_who_calls(self.dependant):
            return handle

        async def behind_the_door(request: Request) -> Response:
            await _known(request, services(request))
            return await handle(request)

        return behind_the_door


def _asks_who_calls(dependant: Dependant) -> bool:
    return dependant.call is _known or any(map(_asks_who_calls, dependant.dependencies))


def may(permission: Permission) -> Callable[..., Awaitable[Caller]]:
    """A dependency: somebody we know, with this permission."""

    async def allowed(caller: Known, request: Request) -> Caller:
        if permission not in caller.permissions:
            raise forbidden(caller, request)
        return caller

    return allowed


def forbidden(caller: Caller, request: Request) -> AuthorizationError:
    """The refusal, noted."""
    audit("authorize", actor=caller.subject, outcome="forbidden", path=request.scope["route"].path)
    return AuthorizationError("You may not do this.")


async def _limit(request: Request, parts: Services, client: str, limit: int) -> None:
    """Take a slot of a client at an endpoint.

    Raises:
        RateLimitError: there is none.
    """
    window = parts.settings.rate_window
    slot = await parts.store.slot(rate_key(client, request.scope["route"].path), limit, window)
    request.state.rate_headers = rate_headers(slot, limit, window)
    if not slot.allowed:
        raise RateLimitError("Too many requests.", retry_after=slot.wait)


def rate_key(client: str, path: str) -> str:
    """Where a client's slots at an endpoint are."""
    return f"rate:{client}:{path}"


def rate_headers(slot: Slot, limit: int, window: float) -> dict[str, str]:
    """What a client is told of its limit; the reset in seconds from now."""
    reset = window if slot.allowed else slot.wait
    return {
        "X-RateLimit-Limit": str(limit),
        "X-RateLimit-Remaining": str(slot.remaining),
        "X-RateLimit-Reset": str(max(1, round(reset + 0.5))),
    }


def _address(request: Request) -> str:
    return request.client.host if request.client else "unknown"
