"""Access matrix: for each route a request, and the status that each kind of caller gets."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from tests.integration.call_events import call_ended

ROLES = ("admin", "manager", "operator", "viewer")
USERS = frozenset(ROLES)
ALL_CALLERS = USERS | {"service", "anonymous"}
CALLERS = (*ROLES, "service", "anonymous")


@dataclass(frozen=True)
class RouteAccess:
    """The access to one route.

    Args:
        allowed: the kinds of callers that have access; others get 403, anonymous ones 401.
        status: the status that callers with access get for this request.
        path: the path with its parameters filled in.
        body: the JSON body that is sent.
    """

    allowed: frozenset[str]
    status: int
    path: str
    body: Any = field(default=None)

    def expected_status(self, caller: str) -> int:
        """Return the status that a kind of caller gets."""
        if caller in self.allowed:
            return self.status
        return 401 if caller == "anonymous" else 403


ADMIN = frozenset({"admin"})
UNKNOWN_OUTBOUND_CALL_ID = "0" * 32
MANAGERS = frozenset({"admin", "manager"})
CALL_RUNNERS = frozenset({"admin", "manager", "operator", "service"})
UNKNOWN_KEY_ID = "0" * 16
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
    ("POST", "/auth/api-keys/{key_id}/rotate"): RouteAccess(
        ADMIN, 404, f"/auth/api-keys/{UNKNOWN_KEY_ID}/rotate"
    ),
    ("DELETE", "/auth/api-keys/{key_id}"): RouteAccess(ADMIN, 404, f"/auth/api-keys/{UNKNOWN_KEY_ID}"),
    ("POST", "/webhook/call-event"): RouteAccess(
        CALL_RUNNERS, 404, "/webhook/call-event", call_ended("access-1")
    ),
    ("POST", "/v1/livekit/webhook"): RouteAccess(frozenset(), 401, "/v1/livekit/webhook", {}),
    ("POST", "/v1/apaleo/webhook"): RouteAccess(frozenset(), 401, "/v1/apaleo/webhook", {}),
    ("POST", "/tts/synthesize"): RouteAccess(CALL_RUNNERS, 422, "/tts/synthesize", {}),
    ("POST", "/outbound-calls"): RouteAccess(CALL_RUNNERS, 422, "/outbound-calls", {}),
    ("GET", "/outbound-calls"): RouteAccess(USERS, 200, "/outbound-calls"),
    ("GET", "/outbound-calls/{call_id}"): RouteAccess(
        USERS, 404, f"/outbound-calls/{UNKNOWN_OUTBOUND_CALL_ID}"
    ),
    ("DELETE", "/outbound-calls/{call_id}"): RouteAccess(
        CALL_RUNNERS, 404, f"/outbound-calls/{UNKNOWN_OUTBOUND_CALL_ID}"
    ),
    ("POST", "/tts/captions"): RouteAccess(CALL_RUNNERS, 422, "/tts/captions", {}),
    ("POST", "/gdpr/consent"): RouteAccess(MANAGERS, 422, "/gdpr/consent", {}),
    ("POST", "/gdpr/deletion-request"): RouteAccess(MANAGERS, 422, "/gdpr/deletion-request", {}),
    ("GET", "/gdpr/export/{subject}"): RouteAccess(MANAGERS, 200, "/gdpr/export/+4930000001"),
    ("GET", "/resilience/circuit-breakers"): RouteAccess(ADMIN, 200, "/resilience/circuit-breakers"),
    ("POST", "/resilience/circuit-breakers/{name}/reset"): RouteAccess(
        ADMIN, 404, "/resilience/circuit-breakers/unknown/reset"
    ),
    ("GET", "/resilience/rate-limits/{client_id}"): RouteAccess(
        ADMIN, 200, "/resilience/rate-limits/unknown"
    ),
}
WEBHOOKS = frozenset({"/v1/livekit/webhook", "/v1/apaleo/webhook"})
"""They authenticate by a signature or a secret; every kind of caller gets 401."""
WEBSOCKETS = {"/tts/stream": CALL_RUNNERS}
"""The kinds of callers whose handshake is accepted, by path; WebSockets are not in the OpenAPI document."""
