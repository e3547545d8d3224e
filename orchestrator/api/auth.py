"""Log in, stay in, log out; users and API keys for admins."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Body, Depends, Path
from pydantic import BaseModel, ConfigDict, Field, SecretStr, StringConstraints

from orchestrator.api.answers import documented
from orchestrator.api.dependencies import Admin, KnownFirst, LoggedIn, Parts, anybody
from orchestrator.database import User
from orchestrator.errors import AuthenticationError, ConflictError, RateLimitError, UnknownError
from orchestrator.security.api_keys import ApiKey
from orchestrator.security.audit import audit
from orchestrator.security.roles import Permission, Role, permissions_of
from orchestrator.security.sessions import Session, SessionError
from orchestrator.security.tokens import Identity
from orchestrator.services import Services

routes = APIRouter(prefix="/auth", route_class=KnownFirst)
WRONG = "The e-mail address or the password is wrong."
"""The same words whichever it is."""
Email = Annotated[
    str, StringConstraints(max_length=254, pattern=r"^[^@\s]{1,64}@[^@\s]{1,190}\.[^@\s.]{2,63}$")
]
KeyId = Annotated[str, Path(pattern=r"^[0-9a-f]{16}$")]
SessionId = Annotated[str, StringConstraints(max_length=64)]


class _Closed(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Login(_Closed):
    """Who wants in."""

    email: Email
    password: SecretStr = Field(min_length=8, max_length=256)
    remember_me: bool = False


class Profile(BaseModel):
    """A user."""

    user_id: str
    email: str
    roles: list[Role]
    permissions: list[Permission]
    hotel_ids: list[str] | None


class Tokens(BaseModel):
    """What a login gives; `expires_in` in seconds."""

    access_token: str
    refresh_token: str
    token_type: str = "bearer"  # noqa: S105 - the field's word
    expires_in: int
    user: Profile


class Refresh(_Closed):
    """A refresh token, which is good once."""

    refresh_token: str = Field(max_length=256)


class Logout(_Closed):
    """Which sessions end: this one, another one, or all."""

    session_id: SessionId | None = None
    all_sessions: bool = False


class LoggedOut(BaseModel):
    """How many sessions ended."""

    status: str = "success"
    sessions_ended: int


class SessionShown(BaseModel):
    """A session; times in seconds since 1970."""

    session_id: str
    current: bool
    created_at: float
    used_at: float
    expires_at: float


class NewUser(_Closed):
    """Somebody who is to be let in; without `hotel_ids` for all hotels."""

    email: Email
    password: SecretStr = Field(min_length=8, max_length=256)
    roles: list[Role] = Field(min_length=1, max_length=len(Role))
    hotel_ids: list[str] | None = Field(None, max_length=1000)


class NewApiKey(_Closed):
    """A key for a service."""

    name: str = Field(min_length=1, max_length=100)
    service_name: str = Field(min_length=1, max_length=100)
    permissions: list[Permission] = Field(min_length=1, max_length=len(Permission))
    expires_days: int | None = Field(None, ge=1, le=3650)


class ApiKeyShown(BaseModel):
    """A key; what a service sends is in `key`, which is there once."""

    id: str
    name: str
    service_name: str
    permissions: list[Permission]
    created_at: datetime
    expires_at: datetime | None
    key: str | None = None


@routes.post("/login", responses=documented(401, 422, 503), dependencies=[Depends(anybody)])
async def login(wanted: Login, parts: Parts) -> Tokens:
    """Log in. After too many wrong passwords an address has to wait."""
    throttled = f"login:{hashlib.sha256(wanted.email.lower().encode()).hexdigest()}"
    settings = parts.settings
    slot = await parts.store.slot(throttled, settings.login_attempts, settings.login_window)
    if not slot.allowed:
        audit("login", actor="nobody", outcome="throttled")
        raise RateLimitError("Too many attempts.", retry_after=slot.wait)
    user = await parts.security.users.verify(wanted.email, wanted.password.get_secret_value())
    if user is None:
        audit("login", actor="nobody", outcome="wrong")
        raise AuthenticationError(WRONG)
    await parts.store.delete(throttled)
    session, refresh = await parts.security.sessions.begin(user.user_id, remember=wanted.remember_me)
    audit("login", actor=user.user_id)
    return _tokens(parts, user, session, refresh)


@routes.post("/refresh", responses=documented(401, 422, 503), dependencies=[Depends(anybody)])
async def refresh(wanted: Refresh, parts: Parts) -> Tokens:
    """New tokens for a refresh token. One that was used before ends its session: somebody has stolen it."""
    try:
        session, following = await parts.security.sessions.refresh(wanted.refresh_token)
    except SessionError as error:
        audit("refresh", actor="nobody", outcome=str(error))
        raise AuthenticationError("Log in again.") from None
    user = await parts.security.users.get(session.user_id)
    if user is None:
        raise AuthenticationError("Log in again.")
    audit("refresh", actor=user.user_id)
    return _tokens(parts, user, session, following)


@routes.post("/logout", responses=documented(401, 403, 404, 422, 503))
async def logout(
    parts: Parts, caller: LoggedIn, wanted: Annotated[Logout | None, Body()] = None
) -> LoggedOut:
    """End this session, another one of the user's, or all; their tokens are dead at once."""
    sessions = parts.security.sessions
    if wanted and wanted.all_sessions:
        ended = await sessions.end_all(caller.subject)
    else:
        chosen = (wanted.session_id if wanted else None) or caller.session_id or ""
        session = await sessions.get(chosen)
        if session is None or session.user_id != caller.subject:
            raise UnknownError("There is no such session.")
        await sessions.end(session)
        ended = 1
    audit("logout", actor=caller.subject, sessions=ended)
    return LoggedOut(sessions_ended=ended)


@routes.get("/sessions", responses=documented(401, 403, 503))
async def sessions(parts: Parts, caller: LoggedIn) -> list[SessionShown]:
    """The user's sessions, the oldest first."""
    return [
        SessionShown(
            session_id=one.session_id,
            current=one.session_id == caller.session_id,
            created_at=one.created_at,
            used_at=one.used_at,
            expires_at=one.expires_at,
        )
        for one in await parts.security.sessions.of(caller.subject)
    ]


@routes.get("/profile", responses=documented(401, 403, 503))
async def profile(parts: Parts, caller: LoggedIn) -> Profile:
    """Who is logged in."""
    user = await parts.security.users.get(caller.subject)
    if user is None:
        raise AuthenticationError("Log in again.")
    return _profile(user)


@routes.get("/admin/users", responses=documented(401, 403, 503))
async def users(parts: Parts, _: Admin) -> list[Profile]:
    """All users."""
    return [_profile(user) for user in await parts.security.users.all()]


@routes.post("/admin/users", status_code=201, responses=documented(401, 403, 409, 422, 503))
async def create_user(wanted: NewUser, parts: Parts, caller: Admin) -> Profile:
    """A new user."""
    password = wanted.password.get_secret_value()
    user = await parts.security.users.create(wanted.email, password, wanted.roles, wanted.hotel_ids)
    if user is None:
        raise ConflictError("There is a user of this address.")
    audit("create user", actor=caller.subject, user=user.user_id)
    return _profile(user)


@routes.post("/api-keys", status_code=201, responses=documented(401, 403, 422, 503))
async def create_api_key(wanted: NewApiKey, parts: Parts, caller: Admin) -> ApiKeyShown:
    """A new key. It is shown now and never again."""
    key, text = await parts.security.api_keys.create(
        wanted.name, wanted.service_name, wanted.permissions, wanted.expires_days
    )
    audit("create API key", actor=caller.subject, key=key.key_id)
    return _shown(key, text)


@routes.get("/api-keys", responses=documented(401, 403, 503))
async def api_keys(parts: Parts, _: Admin) -> list[ApiKeyShown]:
    """All keys, without their secrets."""
    return [_shown(key) for key in await parts.security.api_keys.all()]


@routes.post("/api-keys/{key_id}/rotate", responses=documented(401, 403, 404, 422, 503))
async def rotate_api_key(key_id: KeyId, parts: Parts, caller: Admin) -> ApiKeyShown:
    """A new secret for a key; the old one is dead at once."""
    text = await parts.security.api_keys.rotate(key_id)
    key = next((one for one in await parts.security.api_keys.all() if one.key_id == key_id), None)
    if text is None or key is None:
        raise UnknownError("There is no such key.")
    audit("rotate API key", actor=caller.subject, key=key_id)
    return _shown(key, text)


@routes.delete("/api-keys/{key_id}", status_code=204, responses=documented(401, 403, 404, 422, 503))
async def revoke_api_key(key_id: KeyId, parts: Parts, caller: Admin) -> None:
    """Take a key away."""
    if not await parts.security.api_keys.revoke(key_id):
        raise UnknownError("There is no such key.")
    audit("revoke API key", actor=caller.subject, key=key_id)


def _profile(user: User) -> Profile:
    roles = [Role(role) for role in user.roles]
    return Profile(
        user_id=user.user_id,
        email=user.email,
        roles=roles,
        permissions=sorted(permissions_of(roles)),
        hotel_ids=user.hotel_ids,
    )


def _tokens(parts: Services, user: User, session: Session, refresh: str) -> Tokens:
    shown = _profile(user)
    identity = Identity(
        user_id=user.user_id,
        email=user.email,
        roles=shown.roles,
        permissions=shown.permissions,
        hotel_ids=user.hotel_ids,
        session_id=session.session_id,
    )
    tokens = parts.security.tokens
    return Tokens(
        access_token=tokens.make(identity), refresh_token=refresh, expires_in=tokens.lifetime, user=shown
    )


def _shown(key: ApiKey, text: str | None = None) -> ApiKeyShown:
    return ApiKeyShown(
        id=key.key_id,
        name=key.name,
        service_name=key.service_name,
        permissions=sorted(key.permissions),
        created_at=key.created_at,
        expires_at=key.expires_at,
        key=text,
    )
