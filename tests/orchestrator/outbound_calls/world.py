"""Calls in a real database, with recorders in place of LiveKit and of the call flow."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from orchestrator.calls.call import Call
from orchestrator.calls.outbound_order import OutboundCallKind
from orchestrator.calls.ports import DependencyUnavailableError
from orchestrator.calls.reply import Reply
from orchestrator.outbound_calls.model import OutboundCall, OutboundCallStatus
from orchestrator.outbound_calls.placement import CallPlacement, PlacementServices
from orchestrator.outbound_calls.ports import DialOutcome, DialResult
from orchestrator.outbound_calls.schedule import RetryLimits
from orchestrator.persistence.database import Database
from orchestrator.persistence.outbound_calls import OutboundCallRepository

DUE = datetime(2027, 5, 1, 5, tzinfo=UTC)
LEASE = timedelta(seconds=90)
LIMITS = RetryLimits(max_attempts=2, interval=timedelta(minutes=2), max_delay=timedelta(minutes=15))
ANSWERED = DialResult(DialOutcome.ANSWERED, "answered")
BUSY = DialResult(DialOutcome.UNREACHED, "busy")
MAX_WAITING = 5


def outbound_call(call_id: str = "1", **fields: object) -> OutboundCall:
    """Return a wake-up call that nobody has claimed."""
    call = OutboundCall(
        call_id=call_id,
        kind=OutboundCallKind.WAKE_UP,
        hotel_id="MUC",
        number="+4930123456",
        pseudonym=f"pseudonym-{call_id}",
        language="de",
        reservation_id=None,
        ordered_by="guest",
        ordered_at=DUE - timedelta(hours=8),
        due_at=DUE,
        next_attempt_at=DUE,
    )
    return replace(call, **fields)  # type: ignore[arg-type] # the fields are those of the test


@dataclass
class Telephone:
    """LiveKit and the person who is called.

    Attributes:
        results: the results of the next attempts to dial.
        available: whether rooms can be opened and looked into.
        callee: who is in the room.
    """

    results: list[DialResult] = field(default_factory=list)
    available: bool = True
    callee: str | None = None
    dialled: list[str] = field(default_factory=list)
    closed: list[str] = field(default_factory=list)
    spoken: list[str] = field(default_factory=list)
    on_dial: Callable[[], None] = lambda: None
    on_speak: Callable[[], None] = lambda: None

    async def open_room(self, room_name: str, *, metadata: str) -> None:
        """Open a room, or fail."""
        self._require_available(f"{room_name} {metadata}")

    async def close_room(self, room_name: str) -> None:
        """Record the room."""
        self._require_available(room_name)
        self.closed.append(room_name)

    async def find_caller(self, room_name: str) -> str | None:
        """Return who is in the room."""
        self._require_available(room_name)
        return self.callee

    async def dial(self, number: str, room_name: str) -> DialResult:
        """Record the room and return the next result."""
        assert number
        self.dialled.append(room_name)
        self.on_dial()
        return self.results.pop(0)

    async def start_answered_call(self, call: Call, reply: Reply) -> None:
        """Record what is said."""
        self.on_speak()
        self.spoken.append(f"{call.room_name} {reply.phrase_key}")

    def _require_available(self, reason: str) -> None:
        if not self.available:
            raise DependencyUnavailableError("livekit", reason)


class World:
    """A database, a telephone and a clock.

    Args:
        database: the database, with its tables.
    """

    def __init__(self, database: Database) -> None:
        self.calls = OutboundCallRepository(database)
        self.telephone = Telephone()
        self.now = DUE
        self.finished: list[tuple[str, OutboundCallStatus]] = []
        services = PlacementServices(
            calls=self.calls,
            rooms=self.telephone,
            dialler=self.telephone,
            answered_calls=self.telephone,
            on_finished=lambda call, status: self.finished.append((call.call_id, status)),
        )
        self.placement = CallPlacement(services, LIMITS, LEASE, lambda: self.now)

    async def claim(self, process: str = "process") -> list[OutboundCall]:
        """Claim what is due now."""
        return await self.calls.claim_due(self.now, self.now + LEASE, process, 10)

    async def place_due(self) -> OutboundCall:
        """Place the only call that is due; return it as it is stored then."""
        [call] = await self.claim()
        await self.placement.place(call)
        return await self.stored(call.call_id)

    async def stored(self, call_id: str = "1") -> OutboundCall:
        """Return a stored call."""
        call = await self.calls.get(call_id)
        assert call is not None
        return call
