"""A call service on a PMS in memory, with a recorder in place of LiveKit and the TTS vendor."""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from typing import Any

from pydantic import TypeAdapter

from orchestrator.calls.call import Call
from orchestrator.calls.events import CallEvent
from orchestrator.calls.follow_ups import FollowUpQueue
from orchestrator.calls.idempotency import IdempotentExecutor
from orchestrator.calls.intents.context import IntentContext
from orchestrator.calls.outbound_order import OrderRejectedError, OutboundCallOrder
from orchestrator.calls.repository import CallRepository
from orchestrator.calls.service import CallService
from orchestrator.errors import ServiceUnavailableError
from orchestrator.gdpr.pseudonyms import pseudonymize
from orchestrator.observability.metrics import Metrics
from orchestrator.pms.adapters.memory import InMemoryConnector
from orchestrator.pms.interface import PmsConnector
from orchestrator.state.memory import InMemoryStateStore
from orchestrator.state.store import StateStore
from orchestrator.understanding.grammar import GrammarInterpreter
from tests.orchestrator.calls.recording_doubles import recordings_in_memory

START = datetime(2027, 5, 1, 10, tzinfo=UTC)
PHONE = "+4930123456"
EVENTS: TypeAdapter[CallEvent] = TypeAdapter(CallEvent)


class NoOutboundCalls:
    """A hotel that calls nobody."""

    def resolve_time(self, at: time, day: date | None) -> datetime:
        """Return a time on the given day, or today."""
        return datetime.combine(day or START.date(), at, UTC)

    async def order_for_guest(self, order: OutboundCallOrder) -> str:
        """Reject the order."""
        assert order.number
        raise OrderRejectedError("not_supported")

    async def discard(self, order_id: str) -> None:
        """Nothing is ordered."""
        raise LookupError(order_id)


class AnyHotel:
    """A principal that may act for every hotel."""

    def can_access_hotel(self, hotel_id: str) -> bool:
        """Allow every hotel."""
        return bool(hotel_id)


@dataclass
class RecordingTelephony:
    """Records what is asked of the telephony and yields to other tasks a random number of times."""

    random: random.Random = field(default_factory=lambda: random.Random(1))  # noqa: S311 - no secret
    opened: list[str] = field(default_factory=list)
    closed: list[str] = field(default_factory=list)

    async def open_room(self, room_name: str, *, metadata: str) -> None:
        """Record the room."""
        self.opened.append(room_name)
        await self.yield_to_others(metadata)

    async def close_room(self, room_name: str) -> None:
        """Record the room."""
        await self.yield_to_others()
        self.closed.append(room_name)

    async def send_data(self, room_name: str, payload: bytes, *, topic: str) -> None:
        """Deliver nothing."""
        await self.yield_to_others(room_name, payload, topic)

    async def find_caller(self, room_name: str) -> str | None:
        """Return a caller who is always there."""
        await self.yield_to_others(room_name)
        return "caller"

    async def transfer_caller(self, room_name: str, caller: str, destination: str) -> None:
        """Transfer nobody."""
        await self.yield_to_others(room_name, caller, destination)

    async def warm_cache(self, text: str, language: str, audio_format: str, hotel_id: str) -> None:
        """Synthesize nothing."""
        await self.yield_to_others(text, language, audio_format, hotel_id)

    async def yield_to_others(self, *_arguments: object) -> None:
        """Let other tasks run a few times."""
        for _ in range(self.random.randrange(12)):
            await asyncio.sleep(0)


class YieldingStateStore(InMemoryStateStore):
    """A state store whose operations take as many turns of the event loop as those of a remote one."""

    def __init__(self) -> None:
        super().__init__()
        self._network = RecordingTelephony()

    async def get(self, key: str) -> str | None:
        """Return the value after a round trip."""
        await self._network.yield_to_others()
        value = await super().get(key)
        await self._network.yield_to_others()
        return value

    async def get_all(self, *keys: str) -> list[str | None]:
        """Return the values after a round trip."""
        await self._network.yield_to_others()
        values = await super().get_all(*keys)
        await self._network.yield_to_others()
        return values

    async def set(self, key: str, value: str, ttl: float) -> None:
        """Store the value after a round trip."""
        await self._network.yield_to_others()
        await super().set(key, value, ttl)

    async def compare_and_swap(self, key: str, old: str | None, new: str, ttl: float) -> bool:
        """Swap the value after a round trip."""
        await self._network.yield_to_others()
        swapped = await super().compare_and_swap(key, old, new, ttl)
        await self._network.yield_to_others()
        return swapped


@dataclass
class RecordsInMemory:
    """Call records, with the delay and the outages of a database."""

    telephony: RecordingTelephony
    by_id: dict[str, Call] = field(default_factory=dict)
    available: bool = True

    async def save(self, call: Call) -> None:
        """Store or replace a record."""
        await self.telephony.yield_to_others()
        if not self.available:
            raise ServiceUnavailableError("The call record cannot be written.", retry_after=1)
        self.by_id[call.call_id] = call


class CallFlow:
    """A call service and the parts that tests look into."""

    def __init__(
        self,
        pms: PmsConnector | None = None,
        store: StateStore | None = None,
        telephony: RecordingTelephony | None = None,
    ) -> None:
        self.telephony = telephony or RecordingTelephony()
        self.records = RecordsInMemory(self.telephony)
        self.metrics = Metrics()
        store = store or YieldingStateStore()
        context = IntentContext(
            pms=pms or InMemoryConnector(),
            telephony=self.telephony,
            recordings=recordings_in_memory(store),
            service_ids={},
            current_date=lambda: date(2027, 5, 1),
            date_at_hotel=lambda moment: moment.date(),
            outbound_calls=NoOutboundCalls(),
            follow_ups=FollowUpQueue(store),
        )
        self.service = CallService(
            context,
            self.telephony,
            CallRepository(store),
            IdempotentExecutor(store),
            self.records,
            self.metrics,
            lambda phone: pseudonymize(phone, b"key"),
            GrammarInterpreter(),
        )

    async def send(self, event: dict[str, Any]) -> dict[str, Any]:
        """Handle an event and return the response."""
        return await self.service.handle_event(EVENTS.validate_python(event), AnyHotel())

    def count(self, name: str, **labels: str) -> float:
        """Return the value of a metric."""
        return self.metrics.registry.get_sample_value(name, labels) or 0.0


def started(call_id: str = "1", **metadata: Any) -> dict[str, Any]:
    """Return the event that starts a call."""
    return {
        "event": "call.started",
        "call_id": call_id,
        "from_number": PHONE,
        "to_number": "+498912345678",
        "timestamp": START.isoformat(),
        "metadata": {"hotel_id": "MUC", **metadata},
    }


def interaction(kind: str, call_id: str = "1", text: str = "", **parameters: Any) -> dict[str, Any]:
    """Return an interaction of a call."""
    return {
        "event": "call.interaction",
        "call_id": call_id,
        "interaction_type": kind,
        "guest_input": text,
        "parameters": parameters,
        "timestamp": START.isoformat(),
    }


def ended(call_id: str = "1", duration: float = 60.0) -> dict[str, Any]:
    """Return the event that ends a call."""
    return {"event": "call.ended", "call_id": call_id, "duration": duration, "timestamp": START.isoformat()}
