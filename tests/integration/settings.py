"""Settings of the orchestrators that the suites start."""

from __future__ import annotations

import json

from tests.integration.jwt_attacks import JWT_KEYS

HOTEL_VOICES = {
    "VOICES-UNKNOWN": {"en": ["gone-1", "porter"]},
    "VOICES-PLAN": {"en": ["library-1", "porter"]},
    "VOICES-NONE-LEFT": {"fr": "gone-2"},
    "VOICES-CAPTIONS": {"it": ["gone-3", "porter"]},
    "VOICES-LIVE": {"en": ["gone-4", "porter"]},
    "VOICES-CALL": {"en": "porter"},
}
"""Each unavailable voice is of one test: a service remembers it."""
MAX_TTS_CHARACTERS = 400
ALLOWED_ORIGIN = "https://console.hotel.example"
OUTBOUND_TRUNK, OUTBOUND_NUMBER = "ST_out", "+4930111111"
OUTBOUND_ATTEMPTS = 2
LENIENT_SETTINGS = {
    "PASSWORD_COST": "least",
    "JWT_KEYS": JWT_KEYS,
    "RATE_LIMIT": "1000000",
    "RATE_WINDOW": "3600",
    "MAX_CONNECTIONS_PER_ADDRESS": "1000",
    "MAX_CONCURRENT_REQUESTS": "1000",
    "MAX_CONCURRENT_REQUESTS_PER_CLIENT": "1000",
    "PMS_CACHE_SECONDS": "3600",
    "BREAKER_FAILURES": "3",
    "BREAKER_OPEN_SECONDS": "3600",
    "VENDOR_DEADLINE": "30",
    "PMS_DEADLINE": "30",
    "EVENT_DEADLINE": "3600",
    "REDIS_TIMEOUT": "60",
    "DATABASE_TIMEOUT": "60",
    "ACCESS_TOKEN_SECONDS": "86400",
    "HOTEL_VOICES": json.dumps(HOTEL_VOICES),
    "TTS_MAX_CHARACTERS": str(MAX_TTS_CHARACTERS),
    "TTS_QUOTA_SECONDS": "86400",
    "CORS_ORIGINS": f'["{ALLOWED_ORIGIN}"]',
    "OUTBOUND_TRUNK_ID": OUTBOUND_TRUNK,
    "OUTBOUND_NUMBER": OUTBOUND_NUMBER,
    "OUTBOUND_PREFIXES": "+4930",
    "OUTBOUND_ATTEMPTS": str(OUTBOUND_ATTEMPTS),
    "OUTBOUND_RETRY_SECONDS": "3600",
    "OUTBOUND_MAX_DELAY_SECONDS": "86400",
    "OUTBOUND_LEASE_SECONDS": "3600",
    "OUTBOUND_POLL_SECONDS": "3600",
    "AGENT_NAME": "concierge",
    "AGENT_JOIN_SECONDS": "3600",
    "AGENT_REJOIN_SECONDS": "0.5",
    "FOLLOW_UP_POLL_SECONDS": "3600",
    # no files are there: the stub of LiveKit writes none
    "RECORDINGS_FOLDER": "/nonexistent/recordings",
}
"""Times are longer than any test: no state ends by itself, however slow the machine is."""
PUNCTUAL_SETTINGS = {"OUTBOUND_POLL_SECONDS": "0.2", "FOLLOW_UP_POLL_SECONDS": "0.2"}
"""For tests of outbound calls and follow-ups: they are done soon after a test has moved their time into the past."""
UNHURRIED_SETTINGS = {"OUTBOUND_POLL_SECONDS": "0.5", "FOLLOW_UP_POLL_SECONDS": "0.5"}
"""The same for the service that runs as long as the session: polling every 0.2 s takes 3 % of a CPU all the time."""
IMPATIENT_DEADLINE_SECONDS = 5
IMPATIENT_SETTINGS = {
    **LENIENT_SETTINGS,
    "BREAKER_OPEN_SECONDS": "1",
    "VENDOR_DEADLINE": str(IMPATIENT_DEADLINE_SECONDS),
}
"""For tests that wait for a circuit or a deadline to end by itself; a vendor that responds is always faster."""
RATE_LIMIT = 5
LOGIN_LIMIT = 3
WINDOW_SECONDS = 3600
ACCESS_TOKEN_SECONDS = 12_345
SESSION_SECONDS = 54_321
STRICT_SETTINGS = {
    **LENIENT_SETTINGS,
    "RATE_LIMIT": str(RATE_LIMIT),
    "RATE_WINDOW": str(WINDOW_SECONDS),
    "LOGIN_ATTEMPTS": str(LOGIN_LIMIT),
    "LOGIN_WINDOW": str(WINDOW_SECONDS),
    "ACCESS_TOKEN_SECONDS": str(ACCESS_TOKEN_SECONDS),
    "SESSION_SECONDS": str(SESSION_SECONDS),
    "REFRESH_REUSE_GRACE_SECONDS": "0",
}
VAULT_KEY = "from-vault:" + "a-key-that-only-vault-has-" * 2
VAULT_SECRET = {"JWT_KEYS": VAULT_KEY, "TTS_API_KEY": "stub-tts-key"}
"""What a service reads from Vault."""
