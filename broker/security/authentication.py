"""ASGI middleware that lets a request pass only with the credentials it needs."""

from __future__ import annotations

import base64
import binascii
import logging
from dataclasses import dataclass

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from broker.domain.json_document import encode_json
from broker.security.access import Access, required_access
from broker.security.failed_logins import WINDOW_SECONDS, FailedLogins
from broker.security.passwords import PasswordVerifier
from broker.security.users_file import Account, UsersFile
from broker.settings import Settings

CHALLENGE = {"WWW-Authenticate": 'Basic realm="Restricted area"'}
MAX_CREDENTIAL_LENGTH = 1000
"""Characters of an Authorization header."""

logger = logging.getLogger("broker")


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a client sent: a password of a user, or a token without one."""

    user: str | None
    secret: str


class AuthenticationMiddleware:
    """Checks the credentials of each request that is not public.

    Args:
        app: the application behind it.
        users: the users and tokens.
        settings: what is public.
    """

    def __init__(self, app: ASGIApp, users: UsersFile, settings: Settings) -> None:
        self._app = app
        self._users = users
        self._settings = settings
        self._passwords = PasswordVerifier()
        self._failed = FailedLogins()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Forward the request, or respond 401, 403 or 429."""
        refusal = await self._refuse(scope) if scope["type"] == "http" else None
        await (refusal or self._app)(scope, receive, send)

    async def _refuse(self, scope: Scope) -> Response | None:
        path = scope["raw_path"].partition(b"?")[0].decode("latin-1")
        needed = required_access(scope["method"], path, self._settings)
        if needed is Access.NOTHING:
            return None
        credentials = parse_credentials(Headers(scope=scope).get("authorization", ""))
        if credentials is None:
            return Response(status_code=401, headers=CHALLENGE, media_type="text/plain")
        address = scope["client"][0] if scope.get("client") else ""
        user = credentials.user or ""
        if self._failed.is_blocked(address, user):
            return _too_many_failures()
        account = await self._find_account(credentials)
        if account is None:
            self._failed.add(address, user)
            # %r: a name may contain a line break
            logger.warning("login of %r from %s failed", user or "a token", address)
            return Response(status_code=401, headers=CHALLENGE, media_type="text/plain")
        self._failed.forget(address, user)
        return None if account.can_write or needed is Access.READ else _forbidden(account)

    async def _find_account(self, credentials: Credentials) -> Account | None:
        accounts = self._users.accounts()
        if credentials.user is None:
            return accounts.find_token(credentials.secret)
        account = accounts.users.get(credentials.user)
        valid = await self._passwords.verify(account.hash if account else None, credentials.secret)
        return account if valid else None


def parse_credentials(header: str) -> Credentials | None:
    """Return the credentials of an Authorization header, None if it is missing or cannot be read."""
    scheme, _, value = header.partition(" ")
    value = value.strip()
    if not value or len(value) > MAX_CREDENTIAL_LENGTH:
        return None
    if scheme.lower() == "bearer":
        return Credentials(None, value)
    if scheme.lower() != "basic":
        return None
    try:
        user, colon, password = base64.b64decode(value, validate=True).decode().partition(":")
    except (binascii.Error, ValueError):
        return None
    # a user without a name would be counted as a token
    return Credentials(user, password) if colon and user else None


def _forbidden(account: Account) -> Response:
    message = f"'{account.name}' may only read: use credentials with the role write"
    return Response(
        encode_json({"errors": {"": [message]}}), 403, media_type="application/hal+json;charset=utf-8"
    )


def _too_many_failures() -> Response:
    seconds = int(WINDOW_SECONDS)
    message = f"too many failed logins: try again in {seconds} seconds"
    headers = {"Retry-After": str(seconds)}
    return Response(
        encode_json({"errors": {"": [message]}}), 429, headers, "application/hal+json;charset=utf-8"
    )
