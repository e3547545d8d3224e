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
VAULT_UNAVAILABLE = Condition(
    "vault",
    "error",
    "The secret in Vault cannot be read: the service continues with the one that it read last.",
)
SECRET_REFUSED = Condition(
    "vault-secret",
    "error",
    "The newest secret in Vault is invalid: the service continues with the one before.",
)


def wake_up_call_missed(call_id: str) -> Condition:
    """Return the condition that a guest may not have been woken. Staff finds the call by its id."""
    return Condition(
        f"wake-up-call:{call_id}",
        "critical",
        f"Wake-up call {call_id} may not have woken the guest: a colleague has to wake the guest in person.",
        is_occurrence=True,
    )


def circuit_open(vendor: str) -> Condition:
    """Return the condition that a circuit of a vendor is open or half-open; a vendor has one per group of operations."""
    return Condition(
        f"circuit:{vendor}", "error", f"A circuit breaker of {vendor} is open: calls continue without it."
    )
