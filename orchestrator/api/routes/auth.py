"""Log in, stay in, log out; users and API keys for admins."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Body, Depends, Path
from pydantic import BaseModel, ConfigDict, Field, SecretStr, StringConstraints

from orchestrator.api.dependencies import (
    AuthenticateFirstRoute,
    ContainerDep,
    CurrentAdmin,
    CurrentUser,
    rate_limit_by_ip,
)
from orchestrator.api.error_handlers import error_responses
from orchestrator.container import Container
from orchestrator.errors import AuthenticationError, ConflictError, NotFoundError, RateLimitExceededError
from orchestrator.persistence.database import UserRow
from orchestrator.security.api_keys import ApiKey
from orchestrator.security.audit import log_audit_event
from orchestrator.security.roles import Permission, Role, permissions_of
from orchestrator.security.sessions import InvalidRefreshTokenError, Session
from orchestrator.security.tokens import TokenSubject

router = APIRouter(prefix="/auth", route_class=AuthenticateFirstRoute)
INVALID_CREDENTIALS_MESSAGE = "The e-mail address or the password is wrong."
"""The same words whichever it is."""
Email = Annotated[
    str, StringConstraints(max_length=254, pattern=r"^[^@\s]{1,64}@[^@\s]{1,190}\.[^@\s.]{2,63}$")
]
ApiKeyId = Annotated[str, Path(pattern=r"^[0-9a-f]{16}$")]
SessionId = Annotated[str, StringConstraints(max_length=64)]


class _StrictModel(BaseModel):
    model_config = ConfigDict(extra="forbid")


class LoginRequest(_StrictModel):
    """Who wants in."""

    email: Email
    password: SecretStr = Field(min_length=8, max_length=256)
    remember_me: bool = False


class UserResponse(BaseModel):
    """A user."""

    user_id: str
    email: str
    roles: list[Role]
    permissions: list[Permission]
    hotel_ids: list[str] | None


class TokenResponse(BaseModel):
    """What a login gives; `expires_in` in seconds."""

    access_token: str
    refresh_token: str
    token_type: str = "bearer"  # noqa: S105 - the field's word
    expires_in: int
    user: UserResponse


class RefreshRequest(_StrictModel):
    """A refresh token, which is good once."""

    refresh_token: str = Field(max_length=256)


class LogoutRequest(_StrictModel):
    """Which sessions end: this one, another one, or all."""

    session_id: SessionId | None = None
    all_sessions: bool = False


class LogoutResponse(BaseModel):
    """How many sessions ended."""

    status: str = "success"
    sessions_ended: int


class SessionResponse(BaseModel):
    """A session; times in seconds since 1970."""

    session_id: str
    current: bool
    created_at: float
    last_used_at: float
    expires_at: float


class CreateUserRequest(_StrictModel):
    """Somebody who is to be let in; without `hotel_ids` for all hotels."""

    email: Email
    password: SecretStr = Field(min_length=8, max_length=256)
    roles: list[Role] = Field(min_length=1, max_length=len(Role))
    hotel_ids: list[str] | None = Field(None, max_length=1000)


class CreateApiKeyRequest(_StrictModel):
    """A key for a service."""

    name: str = Field(min_length=1, max_length=100)
    service_name: str = Field(min_length=1, max_length=100)
    permissions: list[Permission] = Field(min_length=1, max_length=len(Permission))
    expires_days: int | None = Field(None, ge=1, le=3650)


class ApiKeyResponse(BaseModel):
    """A key; what a service sends is in `key`, which is there once."""

    id: str
    name: str
    service_name: str
    permissions: list[Permission]
    created_at: datetime
    expires_at: datetime | None
    key: str | None = None


@router.post("/login", responses=error_responses(401, 422, 503), dependencies=[Depends(rate_limit_by_ip)])
async def login(body: LoginRequest, container: ContainerDep) -> TokenResponse:
    """Log in. After too many wrong passwords an address has to wait."""
    throttled = f"login:{hashlib.sha256(body.email.lower().encode()).hexdigest()}"
    settings = container.settings
    slot = await container.state_store.hit_rate_limit(
        throttled, settings.login_rate_limit, settings.login_rate_limit_window_seconds
    )
    if not slot.allowed:
        log_audit_event("login", actor="nobody", outcome="throttled")
        raise RateLimitExceededError("Too many attempts.", retry_after=slot.retry_after)
    user = await container.security.users.authenticate(body.email, body.password.get_secret_value())
    if user is None:
        log_audit_event("login", actor="nobody", outcome="wrong")
        raise AuthenticationError(INVALID_CREDENTIALS_MESSAGE)
    await container.state_store.delete(throttled)
    session, refresh = await container.security.sessions.create(user.user_id, remember=body.remember_me)
    log_audit_event("login", actor=user.user_id)
    return _token_response(container, user, session, refresh)


@router.post("/refresh", responses=error_responses(401, 422, 503), dependencies=[Depends(rate_limit_by_ip)])
async def refresh(wanted: RefreshRequest, parts: ContainerDep) -> TokenResponse:
    """New tokens for a refresh token. One that was used before ends its session: somebody has stolen it."""
    try:
        session, following = await parts.security.sessions.rotate(wanted.refresh_token)
    except InvalidRefreshTokenError as error:
        log_audit_event("refresh", actor="nobody", outcome=str(error))
        raise AuthenticationError("Log in again.") from None
    user = await parts.security.users.get(session.user_id)
    if user is None:
        raise AuthenticationError("Log in again.")
    log_audit_event("refresh", actor=user.user_id)
    return _token_response(parts, user, session, following)


@router.post("/logout", responses=error_responses(401, 403, 404, 422, 503))
async def logout(
    parts: ContainerDep, caller: CurrentUser, wanted: Annotated[LogoutRequest | None, Body()] = None
) -> LogoutResponse:
    """End this session, another one of the user's, or all; their tokens are dead at once."""
    sessions = parts.security.sessions
    if wanted and wanted.all_sessions:
        ended = await sessions.revoke_all(caller.subject)
    else:
        chosen = (wanted.session_id if wanted else None) or caller.session_id or ""
        session = await sessions.get(chosen)
        if session is None or session.user_id != caller.subject:
            raise NotFoundError("There is no such session.")
        await sessions.revoke(session)
        ended = 1
    log_audit_event("logout", actor=caller.subject, sessions=ended)
    return LogoutResponse(sessions_ended=ended)


@router.get("/sessions", responses=error_responses(401, 403, 503))
async def list_sessions(parts: ContainerDep, caller: CurrentUser) -> list[SessionResponse]:
    """The user's sessions, the oldest first."""
    return [
        SessionResponse(
            session_id=one.session_id,
            current=one.session_id == caller.session_id,
            created_at=one.created_at,
            last_used_at=one.last_used_at,
            expires_at=one.expires_at,
        )
        for one in await parts.security.sessions.list_for_user(caller.subject)
    ]


@router.get("/profile", responses=error_responses(401, 403, 503))
async def get_profile(parts: ContainerDep, caller: CurrentUser) -> UserResponse:
    """Who is logged in."""
    user = await parts.security.users.get(caller.subject)
    if user is None:
        raise AuthenticationError("Log in again.")
    return _user_response(user)


@router.get("/admin/users", responses=error_responses(401, 403, 503))
async def list_users(parts: ContainerDep, _: CurrentAdmin) -> list[UserResponse]:
    """All users."""
    return [_user_response(user) for user in await parts.security.users.list_all()]


@router.post("/admin/users", status_code=201, responses=error_responses(401, 403, 409, 422, 503))
async def create_user(wanted: CreateUserRequest, parts: ContainerDep, caller: CurrentAdmin) -> UserResponse:
    """A new user."""
    password = wanted.password.get_secret_value()
    user = await parts.security.users.create(wanted.email, password, wanted.roles, wanted.hotel_ids)
    if user is None:
        raise ConflictError("There is a user of this address.")
    log_audit_event("create user", actor=caller.subject, user=user.user_id)
    return _user_response(user)


@router.post("/api-keys", status_code=201, responses=error_responses(401, 403, 422, 503))
async def create_api_key(
    wanted: CreateApiKeyRequest, parts: ContainerDep, caller: CurrentAdmin
) -> ApiKeyResponse:
    """A new key. It is shown now and never again."""
    key, text = await parts.security.api_keys.create(
        wanted.name, wanted.service_name, wanted.permissions, wanted.expires_days
    )
    log_audit_event("create API key", actor=caller.subject, key=key.key_id)
    return _api_key_response(key, text)


@router.get("/api-keys", responses=error_responses(401, 403, 503))
async def list_api_keys(parts: ContainerDep, _: CurrentAdmin) -> list[ApiKeyResponse]:
    """All keys, without their secrets."""
    return [_api_key_response(key) for key in await parts.security.api_keys.list_all()]


@router.post("/api-keys/{key_id}/rotate", responses=error_responses(401, 403, 404, 422, 503))
async def rotate_api_key(key_id: ApiKeyId, parts: ContainerDep, caller: CurrentAdmin) -> ApiKeyResponse:
    """A new secret for a key; the old one is dead at once."""
    text = await parts.security.api_keys.rotate(key_id)
    key = next((one for one in await parts.security.api_keys.list_all() if one.key_id == key_id), None)
    if text is None or key is None:
        raise NotFoundError("There is no such key.")
    log_audit_event("rotate API key", actor=caller.subject, key=key_id)
    return _api_key_response(key, text)


@router.delete("/api-keys/{key_id}", status_code=204, responses=error_responses(401, 403, 404, 422, 503))
async def revoke_api_key(key_id: ApiKeyId, parts: ContainerDep, caller: CurrentAdmin) -> None:
    """Take a key away."""
    if not await parts.security.api_keys.revoke(key_id):
        raise NotFoundError("There is no such key.")
    log_audit_event("revoke API key", actor=caller.subject, key=key_id)


def _user_response(user: UserRow) -> UserResponse:
    roles = [Role(role) for role in user.roles]
    return UserResponse(
        user_id=user.user_id,
        email=user.email,
        roles=roles,
        permissions=sorted(permissions_of(roles)),
        hotel_ids=user.hotel_ids,
    )


def _token_response(parts: Container, user: UserRow, session: Session, refresh: str) -> TokenResponse:
    shown = _user_response(user)
    identity = TokenSubject(
        user_id=user.user_id,
        email=user.email,
        roles=shown.roles,
        permissions=shown.permissions,
        hotel_ids=user.hotel_ids,
        session_id=session.session_id,
    )
    tokens = parts.security.access_tokens
    return TokenResponse(
        access_token=tokens.issue(identity), refresh_token=refresh, expires_in=tokens.ttl_seconds, user=shown
    )


def _api_key_response(key: ApiKey, text: str | None = None) -> ApiKeyResponse:
    return ApiKeyResponse(
        id=key.key_id,
        name=key.name,
        service_name=key.service_name,
        permissions=sorted(key.permissions),
        created_at=key.created_at,
        expires_at=key.expires_at,
        key=text,
    )
