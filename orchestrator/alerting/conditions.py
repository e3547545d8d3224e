"""The conditions that raise an alert."""

from __future__ import annotations

from orchestrator.alerting.alert import Condition

DATABASE_UNAVAILABLE = Condition(
    "database", "critical", "The database is unavailable or accepts no writes: call records are not stored."
)
STATE_STORE_UNAVAILABLE = Condition(
    "state-store", "critical", "The state store is unavailable: calls and logins are rejected."
)
RETENTION_FAILED = Condition(
    "retention", "warning", "Expired call records are not deleted: the latest deletion failed."
)
TTS_QUOTA_LOW = Condition(
    "tts-quota",
    "warning",
    "The characters of the TTS vendor's plan are nearly used up: calls continue with text when they are.",
)


def circuit_open(vendor: str) -> Condition:
    """Return the condition that a circuit of a vendor is open or half-open; a vendor has one per group of operations."""
    return Condition(
        f"circuit:{vendor}", "error", f"A circuit breaker of {vendor} is open: calls continue without it."
    )
