"""Who may do what: each route, what is sent to it, and how each kind of caller is answered."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from tests.integration.api import ended

ROLES = ("admin", "manager", "operator", "viewer")
USERS = frozenset(ROLES)
EVERYBODY = USERS | {"service", "nobody"}
CALLERS = (*ROLES, "service", "nobody")


@dataclass(frozen=True)
class Right:
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
RIGHTS: dict[tuple[str, str], Right] = {
    ("GET", "/healthz"): Right(EVERYBODY, 200, "/healthz"),
    ("GET", "/readyz"): Right(EVERYBODY, 200, "/readyz"),
    ("GET", "/metrics"): Right(EVERYBODY, 200, "/metrics"),
    ("POST", "/auth/login"): Right(EVERYBODY, 422, "/auth/login", {}),
    ("POST", "/auth/refresh"): Right(EVERYBODY, 422, "/auth/refresh", {}),
    ("POST", "/auth/logout"): Right(USERS, 404, "/auth/logout", {"session_id": "none"}),
    ("GET", "/auth/sessions"): Right(USERS, 200, "/auth/sessions"),
    ("GET", "/auth/profile"): Right(USERS, 200, "/auth/profile"),
    ("GET", "/auth/admin/users"): Right(ADMIN, 200, "/auth/admin/users"),
    ("POST", "/auth/admin/users"): Right(ADMIN, 422, "/auth/admin/users", {}),
    ("GET", "/auth/api-keys"): Right(ADMIN, 200, "/auth/api-keys"),
    ("POST", "/auth/api-keys"): Right(ADMIN, 422, "/auth/api-keys", {}),
    ("POST", "/auth/api-keys/{key_id}/rotate"): Right(ADMIN, 404, f"/auth/api-keys/{KEY}/rotate"),
    ("DELETE", "/auth/api-keys/{key_id}"): Right(ADMIN, 404, f"/auth/api-keys/{KEY}"),
    ("POST", "/webhook/call-event"): Right(CALLING, 404, "/webhook/call-event", ended("rights-1")),
    ("POST", "/v1/livekit/webhook"): Right(frozenset(), 401, "/v1/livekit/webhook", {}),
    ("POST", "/v1/apaleo/webhook"): Right(frozenset(), 401, "/v1/apaleo/webhook", {}),
    ("POST", "/tts/synthesize"): Right(CALLING, 422, "/tts/synthesize", {}),
    ("POST", "/gdpr/consent"): Right(MANAGERS, 422, "/gdpr/consent", {}),
    ("POST", "/gdpr/deletion-request"): Right(MANAGERS, 422, "/gdpr/deletion-request", {}),
    ("GET", "/gdpr/export/{subject}"): Right(MANAGERS, 200, "/gdpr/export/+4930000001"),
    ("GET", "/resilience/circuit-breakers"): Right(ADMIN, 200, "/resilience/circuit-breakers"),
    ("POST", "/resilience/circuit-breakers/{name}/reset"): Right(
        ADMIN, 404, "/resilience/circuit-breakers/none/reset"
    ),
    ("GET", "/resilience/rate-limits/{client_id}"): Right(ADMIN, 200, "/resilience/rate-limits/somebody"),
}
WEBHOOKS = frozenset({"/v1/livekit/webhook", "/v1/apaleo/webhook"})
"""They know their senders by a signature or a secret: whoever else comes gets 401."""
