"""Builds authentication and authorization."""

from __future__ import annotations

from dataclasses import dataclass

from orchestrator.persistence.api_keys import ApiKeyRepository
from orchestrator.persistence.database import Database
from orchestrator.persistence.users import UserRepository
from orchestrator.security.api_keys import ApiKeyService
from orchestrator.security.authentication import Authenticator
from orchestrator.security.login import LoginService, LoginThrottle
from orchestrator.security.passwords import PasswordService
from orchestrator.security.sessions import SessionService
from orchestrator.security.tokens import JwtService
from orchestrator.security.users import UserService
from orchestrator.settings import Settings
from orchestrator.state.rate_limiter import RateLimiter
from orchestrator.state.store import StateStore


@dataclass(frozen=True, slots=True, kw_only=True)
class SecurityServices:
    """Authentication and authorization services."""

    sessions: SessionService
    users: UserService
    api_keys: ApiKeyService
    authenticator: Authenticator
    login: LoginService


def create_security(
    settings: Settings, tokens: JwtService, store: StateStore, limiter: RateLimiter, database: Database
) -> SecurityServices:
    """Return the services; sessions and failed logins are in the state store, users and API keys in the database."""
    security, limits = settings.security, settings.limits
    sessions = SessionService(store, security.session_ttl_seconds, security.refresh_reuse_grace_seconds)
    api_keys = ApiKeyService(ApiKeyRepository(database))
    passwords = PasswordService(minimum_cost=security.argon2_cost == "least")
    users = UserService(UserRepository(database), passwords)
    attempts = LoginThrottle(limiter, limits.login_rate_limit, limits.login_rate_limit_window_seconds)
    return SecurityServices(
        sessions=sessions,
        users=users,
        api_keys=api_keys,
        authenticator=Authenticator(tokens, sessions, api_keys),
        login=LoginService(users, sessions, tokens, attempts),
    )
