"""Login, token refresh, logout and sessions."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body, Depends, Request
from pydantic import BaseModel, Field, StringConstraints

from orchestrator.api.dependencies import ContainerDep, CurrentUser, rate_limit_by_ip
from orchestrator.api.error_handlers import error_responses
from orchestrator.api.models import Email, Password, StrictModel
from orchestrator.api.rate_limiting import client_address_of
from orchestrator.api.route import StrictRoute
from orchestrator.api.routes.users import UserResponse, user_response
from orchestrator.errors import NotFoundError
from orchestrator.security.audit import log_audit_event
from orchestrator.security.login import IssuedTokens

router = APIRouter(prefix="/auth", route_class=StrictRoute)
SessionId = Annotated[str, StringConstraints(max_length=64)]


class LoginRequest(StrictModel):
    """Credentials. `remember_me` makes the session live longer."""

    email: Email
    password: Password
    remember_me: bool = False


class TokenResponse(BaseModel):
    """Tokens and their user. `expires_in` is the access token's lifetime in seconds."""

    access_token: str
    refresh_token: str
    token_type: str = "bearer"  # noqa: S105 - the OAuth2 token type
    expires_in: int
    user: UserResponse


class RefreshRequest(StrictModel):
    """A refresh token, which is valid once."""

    refresh_token: str = Field(max_length=256)


class LogoutRequest(StrictModel):
    """The sessions to end: the current one by default, another one, or all."""

    session_id: SessionId | None = None
    all_sessions: bool = False


class LogoutResponse(BaseModel):
    """How many sessions ended."""

    status: str = "success"
    sessions_ended: int


class SessionResponse(BaseModel):
    """A session. Times are Unix seconds."""

    session_id: str
    current: bool
    created_at: float
    last_used_at: float
    expires_at: float


@router.post("/login", responses=error_responses(401, 422), dependencies=[Depends(rate_limit_by_ip)])
async def login(body: LoginRequest, container: ContainerDep, request: Request) -> TokenResponse:
    """Log in. After too many failed attempts, a client's logins with this e-mail address are rejected for a while."""
    tokens = await container.security.login.login(
        body.email,
        body.password.get_secret_value(),
        client_address_of(request),
        remember=body.remember_me,
    )
    return _token_response(tokens)


@router.post("/refresh", responses=error_responses(401, 422), dependencies=[Depends(rate_limit_by_ip)])
async def refresh(body: RefreshRequest, container: ContainerDep) -> TokenResponse:
    """Exchange a refresh token for new tokens. A token that was used before ends its session.

    Of concurrent requests with one token, one gets new tokens and the others 401; the session continues.
    """
    return _token_response(await container.security.login.refresh(body.refresh_token))


@router.post("/logout", responses=error_responses(401, 403, 404, 422))
async def logout(
    container: ContainerDep, principal: CurrentUser, body: Annotated[LogoutRequest | None, Body()] = None
) -> LogoutResponse:
    """End sessions of the user; their tokens become invalid at once."""
    sessions = container.security.sessions
    if body and body.all_sessions:
        ended = await sessions.revoke_all(principal.subject)
    else:
        named = body.session_id if body else None
        session_id = principal.session_id or "" if named is None else named
        session = await sessions.get(session_id)
        # a 403 would disclose that another user's session exists
        if session is None or session.user_id != principal.subject:
            raise NotFoundError("There is no such session.")
        await sessions.revoke(session)
        ended = 1
    log_audit_event("logout", actor=principal.subject, sessions=ended)
    return LogoutResponse(sessions_ended=ended)


@router.get("/sessions", responses=error_responses(401, 403))
async def list_sessions(container: ContainerDep, principal: CurrentUser) -> list[SessionResponse]:
    """List the user's sessions, the oldest first."""
    return [
        SessionResponse(
            session_id=session.session_id,
            current=session.session_id == principal.session_id,
            created_at=session.created_at,
            last_used_at=session.last_used_at,
            expires_at=session.expires_at,
        )
        for session in await container.security.sessions.list_for_user(principal.subject)
    ]


def _token_response(tokens: IssuedTokens) -> TokenResponse:
    return TokenResponse(
        access_token=tokens.access_token,
        refresh_token=tokens.refresh_token,
        expires_in=tokens.expires_in,
        user=user_response(tokens.user),
    )
