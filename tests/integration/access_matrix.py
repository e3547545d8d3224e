"""Who may do what: each route, what is sent to it, and how each kind of caller is answered."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from tests.integration.api import call_ended

ROLES = ("admin", "manager", "operator", "viewer")
USERS = frozenset(ROLES)
ALL_CALLERS = USERS | {"service", "nobody"}
CALLERS = (*ROLES, "service", "nobody")


@dataclass(frozen=True)
class RouteAccess:
    """A route.

    Args:
        allowed: who may; everybody else gets 403, and nobody 401.
        status: what they get who may.
        path: with its parameters filled in.
        body: what is sent.
    """

    allowed: frozenset[str]
    status: int
    path: str
    body: Any = field(default=None)

    def expected(self, caller: str) -> int:
        """How this caller is answered."""
        if caller in self.allowed:
            return self.status
        return 401 if caller == "nobody" else 403


ADMIN = frozenset({"admin"})
MANAGERS = frozenset({"admin", "manager"})
CALLING = frozenset({"admin", "manager", "operator", "service"})
KEY = "0" * 16
ACCESS_MATRIX: dict[tuple[str, str], RouteAccess] = {
    ("GET", "/healthz"): RouteAccess(ALL_CALLERS, 200, "/healthz"),
    ("GET", "/readyz"): RouteAccess(ALL_CALLERS, 200, "/readyz"),
    ("GET", "/metrics"): RouteAccess(ALL_CALLERS, 200, "/metrics"),
    ("POST", "/auth/login"): RouteAccess(ALL_CALLERS, 422, "/auth/login", {}),
    ("POST", "/auth/refresh"): RouteAccess(ALL_CALLERS, 422, "/auth/refresh", {}),
    ("POST", "/auth/logout"): RouteAccess(USERS, 404, "/auth/logout", {"session_id": "none"}),
    ("GET", "/auth/sessions"): RouteAccess(USERS, 200, "/auth/sessions"),
    ("GET", "/auth/profile"): RouteAccess(USERS, 200, "/auth/profile"),
    ("GET", "/auth/admin/users"): RouteAccess(ADMIN, 200, "/auth/admin/users"),
    ("POST", "/auth/admin/users"): RouteAccess(ADMIN, 422, "/auth/admin/users", {}),
    ("GET", "/auth/api-keys"): RouteAccess(ADMIN, 200, "/auth/api-keys"),
    ("POST", "/auth/api-keys"): RouteAccess(ADMIN, 422, "/auth/api-keys", {}),
    ("POST", "/auth/api-keys/{key_id}/rotate"): RouteAccess(ADMIN, 404, f"/auth/api-keys/{KEY}/rotate"),
    ("DELETE", "/auth/api-keys/{key_id}"): RouteAccess(ADMIN, 404, f"/auth/api-keys/{KEY}"),
    ("POST", "/webhook/call-event"): RouteAccess(CALLING, 404, "/webhook/call-event", call_ended("rights-1")),
    ("POST", "/v1/livekit/webhook"): RouteAccess(frozenset(), 401, "/v1/livekit/webhook", {}),
    ("POST", "/v1/apaleo/webhook"): RouteAccess(frozenset(), 401, "/v1/apaleo/webhook", {}),
    ("POST", "/tts/synthesize"): RouteAccess(CALLING, 422, "/tts/synthesize", {}),
    ("POST", "/gdpr/consent"): RouteAccess(MANAGERS, 422, "/gdpr/consent", {}),
    ("POST", "/gdpr/deletion-request"): RouteAccess(MANAGERS, 422, "/gdpr/deletion-request", {}),
    ("GET", "/gdpr/export/{subject}"): RouteAccess(MANAGERS, 200, "/gdpr/export/+4930000001"),
    ("GET", "/resilience/circuit-breakers"): RouteAccess(ADMIN, 200, "/resilience/circuit-breakers"),
    ("POST", "/resilience/circuit-breakers/{name}/reset"): RouteAccess(
        ADMIN, 404, "/resilience/circuit-breakers/none/reset"
    ),
    ("GET", "/resilience/rate-limits/{client_id}"): RouteAccess(
        ADMIN, 200, "/resilience/rate-limits/somebody"
    ),
}
WEBHOOKS = frozenset({"/v1/livekit/webhook", "/v1/apaleo/webhook"})
"""They know their senders by a signature or a secret: whoever else comes gets 401."""
