"""What routes depend on: the container, the authenticated principal, permissions."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import Depends, Request, Security, WebSocket
from fastapi.openapi.models import APIKey, HTTPBearer
from fastapi.openapi.models import SecurityBase as SecurityModel
from fastapi.requests import HTTPConnection
from fastapi.security.base import SecurityBase

from orchestrator.api.rate_limiting import enforce_ip_rate_limit, enforce_rate_limit
from orchestrator.container import Container
from orchestrator.errors import AuthenticationError, AuthorizationError
from orchestrator.security.audit import log_audit_event
from orchestrator.security.authentication import Principal
from orchestrator.security.roles import Permission, Role


def get_container(connection: HTTPConnection) -> Container:
    """Return the components of the service."""
    container: Container = connection.app.state.container
    return container


async def _provide_container(request: Request) -> Container:
    # a coroutine, because FastAPI runs a plain function in a thread
    return get_container(request)


ContainerDep = Annotated[Container, Depends(_provide_container)]


async def rate_limit_by_ip(request: Request) -> None:
    """Require no authentication; limit the requests of each IP address."""
    # StrictRoute has counted the request already
    if not hasattr(request.state, "rate_headers"):
        await enforce_ip_rate_limit(request, get_container(request))


async def current_principal(request: Request) -> Principal:
    """Authenticate the request, once even if several dependencies need the principal.

    Raises:
        AuthenticationError: the credentials are missing or invalid.
        RateLimitExceededError: too many requests of this principal, or of this address without credentials.
    """
    # StrictRoute has authenticated already; a second time would count twice against the rate limit
    if not hasattr(request.state, "principal"):
        request.state.principal = await _authenticate(request, get_container(request))
    principal: Principal = request.state.principal
    return principal


async def authorize_websocket(socket: WebSocket, permission: Permission) -> Principal:
    """Authenticate the handshake of a WebSocket, whose errors are HTTP responses, and require a permission.

    The credentials are in headers, which a browser's page of another origin cannot send.

    Raises:
        AuthenticationError: the credentials are missing or invalid.
        RateLimitExceededError: as for a request.
        AuthorizationError: the principal lacks the permission.
    """
    principal = await _authenticate(socket, get_container(socket))
    if permission not in principal.permissions:
        raise forbidden_error(principal, socket)
    return principal


async def _authenticate(request: HTTPConnection, container: Container) -> Principal:
    try:
        principal = await container.security.authenticator.authenticate(
            request.headers.get("authorization"), request.headers.get("x-api-key")
        )
    except AuthenticationError:
        # guessed credentials are limited by address, because no principal is known
        await enforce_ip_rate_limit(request, container)
        raise
    limits = container.settings.limits
    limit = limits.user_rate_limit if principal.kind == "user" else limits.api_key_rate_limit
    await enforce_rate_limit(request, container, principal.subject, limit)
    return principal


class PrincipalScheme(SecurityBase):
    """A kind of credentials in the OpenAPI document. As a dependency it returns the principal, of whichever kind.

    FastAPI takes as long for each dependency of a request as for the whole validation of a call event, so this one needs
    no others.
    """

    def __init__(self, scheme_name: str, model: SecurityModel) -> None:
        self.scheme_name = scheme_name
        self.model = model

    async def __call__(self, request: Request) -> Principal:
        """Return the principal of the request."""
        return await current_principal(request)


USER_SCHEME = PrincipalScheme("user", HTTPBearer(description="An access token of /auth/login"))
SERVICE_SCHEME = PrincipalScheme(
    "service", APIKey.model_validate({"in": "header", "name": "X-API-Key", "description": "An API key"})
)
UserPrincipal = Annotated[Principal, Security(USER_SCHEME)]
ServicePrincipal = Annotated[Principal, Security(SERVICE_SCHEME)]


def _check_user(principal: Principal, _: Request | None = None) -> None:
    if principal.kind != "user":
        raise AuthorizationError("This needs a user's access token, not an API key.")


def _check_admin(principal: Principal, request: Request) -> None:
    if Role.ADMIN not in principal.roles:
        raise forbidden_error(principal, request)


async def require_user(principal: UserPrincipal) -> Principal:
    """Require a user; an API key is not enough."""
    _check_user(principal)
    return principal


CurrentUser = Annotated[Principal, Depends(require_user)]


async def require_admin(principal: CurrentUser, request: Request) -> Principal:
    """Require a user with the role `admin`."""
    _check_admin(principal, request)
    return principal


CurrentAdmin = Annotated[Principal, Depends(require_admin)]


async def require_service_admin(principal: CurrentAdmin, request: Request) -> Principal:
    """Require an administrator of all hotels, for what all hotels share."""
    if principal.hotel_ids is not None:
        raise forbidden_error(principal, request)
    return principal


ServiceAdmin = Annotated[Principal, Depends(require_service_admin)]

ACCESS_CHECKS: dict[Callable[..., object], Callable[[Principal, Request], None]] = {
    require_user: _check_user,
    require_admin: _check_admin,
}
"""What dependencies require of a principal, for `StrictRoute`, which checks it before it reads the body."""


def require_permission(*permissions: Permission) -> Callable[..., Awaitable[Principal]]:
    """Return a dependency that requires a principal with one of these permissions."""

    def check(principal: Principal, request: Request) -> None:
        if not principal.permissions.intersection(permissions):
            raise forbidden_error(principal, request)

    async def require(
        principal: UserPrincipal,
        _: ServicePrincipal,
        request: Request,
    ) -> Principal:
        check(principal, request)
        return principal

    ACCESS_CHECKS[require] = check
    return require


def require_hotel(principal: Principal, connection: HTTPConnection, hotel_id: str | None) -> None:
    """Require that the principal may act for a hotel, if one is named.

    Raises:
        AuthorizationError: it may not.
    """
    if hotel_id is not None and not principal.can_access_hotel(hotel_id):
        raise forbidden_error(principal, connection)


def forbidden_error(principal: Principal, request: HTTPConnection) -> AuthorizationError:
    """Return the error of a principal that lacks a permission, after writing it to the audit log."""
    # the route, not the URL: a path parameter may be a phone number
    log_audit_event(
        "authorize", actor=principal.subject, outcome="forbidden", path=request.scope["route"].path
    )
    return AuthorizationError("This needs a permission that you do not have.")
