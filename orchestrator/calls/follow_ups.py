"""Follow-ups: work on a call that is done after the response to the event that caused it, in any process."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, ValidationError

from orchestrator.clock import Clock, utc_now
from orchestrator.observability.correlation import safe_correlation_id
from orchestrator.state.store import StateStore

BUCKET = timedelta(minutes=1)
"""Follow-ups that are due in the same minute share a set, so that a look reads none that are due much later."""
LOOK_BACK_BUCKETS = 5
"""How far a look goes back, in buckets: as long as a restart may take. A guest has hung up by then."""
CLAIM_SECONDS = 5.0
"""How long a process that has stopped keeps others from its follow-ups."""


class FollowUpKind(StrEnum):
    """What is done: transfer a caller, replace an agent that has left, or one that has never joined."""

    TRANSFER = "transfer"
    AGENT_LEFT = "agent_left"
    AGENT_EXPECTED = "agent_expected"


class FollowUp(BaseModel):
    """One follow-up.

    Attributes:
        kind: what is done.
        call_id: the call.
        cause_id: identifies the event that caused it; of one event, each kind is done once.
        due_at: when it is done.
        correlation_id: that of the request which caused it.
        details: what the kind needs besides.
    """

    model_config = ConfigDict(frozen=True)

    kind: FollowUpKind
    call_id: str
    cause_id: str
    due_at: datetime
    correlation_id: str = ""
    details: Mapping[str, str] = {}

    @property
    def key(self) -> str:
        """Identifies the follow-up, however often it was added."""
        return f"{self.kind}:{self.call_id}:{self.cause_id}"


class FollowUpQueue:
    """The follow-ups that are not done yet. Every method raises StoreUnavailableError.

    Args:
        store: the state store, which all processes share.
        clock: the current time.
    """

    def __init__(self, store: StateStore, clock: Clock = utc_now) -> None:
        self._store = store
        self._clock = clock
        self._owner = uuid.uuid4().hex

    async def add(
        self,
        kind: FollowUpKind,
        call_id: str,
        cause_id: str,
        *,
        delay: timedelta = timedelta(0),
        details: Mapping[str, str] | None = None,
    ) -> None:
        """Add a follow-up that is due after a delay."""
        follow_up = FollowUp(
            kind=kind,
            call_id=call_id,
            cause_id=cause_id,
            due_at=self._clock() + delay,
            correlation_id=safe_correlation_id(),
            details=details or {},
        )
        ttl = delay + BUCKET * (LOOK_BACK_BUCKETS + 1)
        key = _bucket_key(follow_up.due_at)
        await self._store.set_add(follow_up.model_dump_json(), {key: ttl.total_seconds()})

    async def list_due(self) -> list[FollowUp]:
        """Return the follow-ups that are due, the oldest first."""
        now = self._clock()
        keys = [_bucket_key(now - BUCKET * age) for age in range(LOOK_BACK_BUCKETS + 1)]
        buckets = await asyncio.gather(*(self._store.set_members(key) for key in keys))
        follow_ups = [_parse(member) for bucket in buckets for member in bucket]
        due = [follow_up for follow_up in follow_ups if follow_up and follow_up.due_at <= now]
        return sorted(due, key=lambda follow_up: follow_up.due_at)

    async def claim(self, follow_up: FollowUp) -> bool:
        """Claim a follow-up for this process; return False if another one has it."""
        return await self._store.compare_and_swap(_claim_key(follow_up), None, self._owner, CLAIM_SECONDS)

    async def renew_claim(self, follow_up: FollowUp) -> None:
        """Keep a follow-up that this process has claimed."""
        await self._store.set(_claim_key(follow_up), self._owner, CLAIM_SECONDS)

    async def remove(self, follow_up: FollowUp) -> None:
        """Remove a follow-up that is done."""
        await self._store.set_remove(follow_up.model_dump_json(), _bucket_key(follow_up.due_at))


def _parse(member: str) -> FollowUp | None:
    try:
        return FollowUp.model_validate_json(member)
    # of another version of the service, which does it
    except ValidationError:
        return None


def _bucket_key(due_at: datetime) -> str:
    return f"follow-ups:{int(due_at.timestamp() // BUCKET.total_seconds())}"


def _claim_key(follow_up: FollowUp) -> str:
    return f"follow-up-claim:{follow_up.key}"
