"""What routes ask for: the service's parts, who calls, and whether there are not too many requests."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine
from typing import Annotated, Any

from fastapi import Depends, Request, Response, Security
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from fastapi.security import APIKeyHeader, HTTPBearer

from orchestrator.container import Container
from orchestrator.errors import AuthenticationError, AuthorizationError, RateLimitExceededError
from orchestrator.security.audit import log_audit_event
from orchestrator.security.authentication import Principal
from orchestrator.security.roles import Permission, Role
from orchestrator.state.store import RateLimitDecision

BEARER_SCHEME = HTTPBearer(scheme_name="user", auto_error=False, description="An access token of /auth/login")
API_KEY_SCHEME = APIKeyHeader(
    scheme_name="service", name="X-API-Key", auto_error=False, description="An API key"
)


def get_container(request: Request) -> Container:
    """The service's parts."""
    found: Container = request.app.state.services
    return found


ContainerDep = Annotated[Container, Depends(get_container)]


async def rate_limit_by_ip(request: Request, parts: ContainerDep) -> None:
    """Nobody needs to be known, but each address may come only so often."""
    await _enforce_rate_limit(request, parts, f"ip:{_client_ip(request)}", parts.settings.user_rate_limit)


async def current_principal(request: Request, parts: ContainerDep) -> Principal:
    """Who sends the request; asked for once, by the route itself or by what it depends on."""
    if not hasattr(request.state, "caller"):
        request.state.caller = await _authenticate(request, parts)
    caller: Principal = request.state.caller
    return caller


async def _authenticate(request: Request, parts: Container) -> Principal:
    try:
        caller = await parts.security.authenticator.authenticate(
            request.headers.get("authorization"), request.headers.get("x-api-key")
        )
    except AuthenticationError:
        await _enforce_rate_limit(request, parts, f"ip:{_client_ip(request)}", parts.settings.user_rate_limit)
        raise
    settings = parts.settings
    limit = settings.user_rate_limit if caller.kind == "user" else settings.api_key_rate_limit
    await _enforce_rate_limit(request, parts, caller.subject, limit)
    return caller


async def require_authenticated(
    caller: Annotated[Principal, Depends(current_principal)],
    user: BearerScheme,  # noqa: ARG001 - shown in the OpenAPI document
    key: ApiKeyScheme,  # noqa: ARG001 - shown in the OpenAPI document
) -> Principal:
    """Somebody we know."""
    return caller


BearerScheme = Annotated[object, Security(BEARER_SCHEME)]
ApiKeyScheme = Annotated[object, Security(API_KEY_SCHEME)]
CurrentPrincipal = Annotated[Principal, Depends(require_authenticated)]


async def require_user(
    caller: Annotated[Principal, Depends(current_principal)],
    user: BearerScheme,  # noqa: ARG001 - shown in the OpenAPI document
) -> Principal:
    """A user, not a service."""
    if caller.kind != "user":
        raise AuthorizationError("This is for users.")
    return caller


CurrentUser = Annotated[Principal, Depends(require_user)]


async def require_admin(caller: CurrentUser, request: Request) -> Principal:
    """A user with the role `admin`."""
    if Role.ADMIN not in caller.roles:
        raise forbidden_error(caller, request)
    return caller


CurrentAdmin = Annotated[Principal, Depends(require_admin)]


class AuthenticateFirstRoute(APIRoute):
    """A route that looks at credentials before it reads the body, which the framework does before any dependency."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The handler, behind the door if anything it depends on asks who calls."""
        handle = super().get_route_handler()
        if not _requires_authentication(self.dependant):
            return handle

        async def behind_the_door(request: Request) -> Response:
            await current_principal(request, get_container(request))
            return await handle(request)

        return behind_the_door


def _requires_authentication(dependant: Dependant) -> bool:
    return dependant.call is current_principal or any(map(_requires_authentication, dependant.dependencies))


def require_permission(permission: Permission) -> Callable[..., Awaitable[Principal]]:
    """A dependency: somebody we know, with this permission."""

    async def allowed(caller: CurrentPrincipal, request: Request) -> Principal:
        if permission not in caller.permissions:
            raise forbidden_error(caller, request)
        return caller

    return allowed


def forbidden_error(caller: Principal, request: Request) -> AuthorizationError:
    """The refusal, noted."""
    log_audit_event("authorize", actor=caller.subject, outcome="forbidden", path=request.scope["route"].path)
    return AuthorizationError("You may not do this.")


async def _enforce_rate_limit(request: Request, parts: Container, client: str, limit: int) -> None:
    """Take a slot of a client at an endpoint.

    Raises:
        RateLimitExceededError: there is none.
    """
    window = parts.settings.rate_limit_window_seconds
    slot = await parts.state_store.hit_rate_limit(
        rate_limit_key(client, request.scope["route"].path), limit, window
    )
    request.state.rate_headers = rate_limit_headers(slot, limit, window)
    if not slot.allowed:
        raise RateLimitExceededError("Too many requests.", retry_after=slot.retry_after)


def rate_limit_key(client: str, path: str) -> str:
    """Where a client's slots at an endpoint are."""
    return f"rate:{client}:{path}"


def rate_limit_headers(slot: RateLimitDecision, limit: int, window: float) -> dict[str, str]:
    """What a client is told of its limit; the reset in seconds from now."""
    reset = window if slot.allowed else slot.retry_after
    return {
        "X-RateLimit-Limit": str(limit),
        "X-RateLimit-Remaining": str(slot.remaining),
        "X-RateLimit-Reset": str(max(1, round(reset + 0.5))),
    }


def _client_ip(request: Request) -> str:
    return request.client.host if request.client else "unknown"
