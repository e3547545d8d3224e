"""Settings of the orchestrators that the suites start."""

from __future__ import annotations

from tests.integration.jwt_attacks import JWT_KEYS

ALLOWED_ORIGIN = "https://console.hotel.example"
LENIENT_SETTINGS = {
    "PASSWORD_COST": "least",
    "JWT_KEYS": JWT_KEYS,
    "RATE_LIMIT": "1000000",
    "BREAKER_FAILURES": "3",
    "BREAKER_OPEN_SECONDS": "1.5",
    "VENDOR_DEADLINE": "4",
    "CORS_ORIGINS": f'["{ALLOWED_ORIGIN}"]',
}
RATE_LIMIT = 5
LOGIN_LIMIT = 3
WINDOW_SECONDS = 3600
"""Longer than any test: time is moved in Redis."""
ACCESS_TOKEN_SECONDS = 1234
SESSION_SECONDS = 4321
STRICT_SETTINGS = {
    **LENIENT_SETTINGS,
    "PASSWORD_COST": "full",
    "RATE_LIMIT": str(RATE_LIMIT),
    "RATE_WINDOW": str(WINDOW_SECONDS),
    "LOGIN_ATTEMPTS": str(LOGIN_LIMIT),
    "LOGIN_WINDOW": str(WINDOW_SECONDS),
    "ACCESS_TOKEN_SECONDS": str(ACCESS_TOKEN_SECONDS),
    "SESSION_SECONDS": str(SESSION_SECONDS),
}
VAULT_KEY = "from-vault:" + "a-key-that-only-vault-has-" * 2
