"""Wake-up calls and call-backs: the trunk, the limits and the times."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, ValidationInfo, field_validator
from pydantic_settings import NoDecode

from orchestrator.phone_numbers import E164_PATTERN
from orchestrator.settings.section import SettingsSection, SplitAtCommas

LEASE_MARGIN_SECONDS = 30
"""How much longer a claim lasts than the telephone rings: for the room before and the greeting after it."""
Prefix = Annotated[str, Field(pattern=r"^\+[1-9][0-9]{0,14}$")]

Prefixes = Annotated[tuple[Prefix, ...], NoDecode, SplitAtCommas]


class OutboundCallSettings(SettingsSection):
    """Calls to guests. Without a trunk none can be ordered.

    Attributes:
        trunk_id: LiveKit's outbound trunk.
        caller_number: the number of the trunk that the called person sees (E.164).
        allowed_prefixes: of the numbers that may be called, separated by commas; by default those of DEFAULT_REGION.
        max_attempts: how often a number is dialled that is busy or does not answer.
        retry_interval_seconds: the time between two attempts.
        max_delay_seconds: how long after its time a call is still made.
        ringing_seconds: how long the telephone rings. LiveKit waits at most 80 s for an answer.
        lease_seconds: how long a process has a call to itself; after that another one finds out what became of it.
        poll_interval_seconds: seconds between two looks for calls that are due.
        max_concurrent: calls that one process places at the same time.
        max_waiting_per_number: calls of one hotel to one number that may wait at the same time.
    """

    trunk_id: str | None = Field(default=None, validation_alias="OUTBOUND_TRUNK_ID")
    caller_number: str | None = Field(
        default=None,
        pattern=f"^{E164_PATTERN}$",
        validate_default=True,
        validation_alias="OUTBOUND_NUMBER",
    )
    allowed_prefixes: Prefixes = Field(default=(), validation_alias="OUTBOUND_PREFIXES")
    max_attempts: int = Field(default=3, ge=1, le=10, validation_alias="OUTBOUND_ATTEMPTS")
    retry_interval_seconds: float = Field(default=120.0, gt=0, validation_alias="OUTBOUND_RETRY_SECONDS")
    max_delay_seconds: float = Field(default=900.0, gt=0, validation_alias="OUTBOUND_MAX_DELAY_SECONDS")
    ringing_seconds: int = Field(default=30, ge=5, le=70, validation_alias="OUTBOUND_RINGING_SECONDS")
    lease_seconds: float = Field(
        default=90.0, validate_default=True, validation_alias="OUTBOUND_LEASE_SECONDS"
    )
    poll_interval_seconds: float = Field(default=5.0, gt=0, validation_alias="OUTBOUND_POLL_SECONDS")
    max_concurrent: int = Field(default=10, ge=1, le=40, validation_alias="OUTBOUND_CONCURRENT_CALLS")
    max_waiting_per_number: int = Field(default=5, ge=1, validation_alias="OUTBOUND_ORDERS_PER_NUMBER")

    @field_validator("caller_number")
    @classmethod
    def _require_with_trunk(cls, number: str | None, info: ValidationInfo) -> str | None:
        if (number is None) != (info.data.get("trunk_id") is None):
            raise ValueError("OUTBOUND_NUMBER should be set together with OUTBOUND_TRUNK_ID")
        return number

    @field_validator("lease_seconds")
    @classmethod
    def _require_longer_than_ringing(cls, seconds: float, info: ValidationInfo) -> float:
        shortest = info.data.get("ringing_seconds", 0) + LEASE_MARGIN_SECONDS
        if seconds < shortest:
            raise ValueError(
                f"OUTBOUND_LEASE_SECONDS should be at least {LEASE_MARGIN_SECONDS} s longer than OUTBOUND_RINGING_SECONDS"
            )
        return seconds
