"""A process of the service that dies at a chosen point, in a world that outlives it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from orchestrator.calls.call_ending import CallEnding
from orchestrator.calls.follow_up_task import FollowUpTask
from orchestrator.calls.follow_ups import FollowUpKind, FollowUpQueue
from orchestrator.calls.guest_transfers import GuestTransfers
from orchestrator.calls.idempotency import LEASE_SECONDS, IdempotentExecutor
from orchestrator.calls.intents.context import IntentContext
from orchestrator.calls.outbound_order import OutboundCallOrder
from orchestrator.calls.ports import DependencyUnavailableError
from orchestrator.calls.recording import CallRecordings
from orchestrator.calls.repository import CallRepository
from orchestrator.calls.service import CallService
from orchestrator.calls.speaker import ReplySpeaker
from orchestrator.calls.transfers import CallTransfers
from orchestrator.gdpr.pseudonyms import pseudonymize
from orchestrator.observability.metrics import Metrics
from orchestrator.pms.adapters.memory import InMemoryConnector
from orchestrator.pms.errors import PmsRejectedError
from orchestrator.pms.interface import Capability
from orchestrator.pms.models import Guest, Reservation
from orchestrator.state.memory import InMemoryStateStore
from orchestrator.understanding.grammar import GrammarInterpreter
from tests.orchestrator.calls.call_flow import (
    EVENTS,
    PHONE,
    START,
    AnyHotel,
    NoOutboundCalls,
    RecordingTelephony,
    RecordsInMemory,
)
from tests.orchestrator.calls.mortal_process import MortalProcess
from tests.orchestrator.calls.recording_doubles import ArchiveInMemory, RecorderInMemory

LONGEST_RINGING = timedelta(seconds=40)
SHORT_LEASE_SECONDS = 0.005
"""How long the process that gets the event again waits for the one that died."""


class HotelWithServices(InMemoryConnector):
    """A PMS whose services have no idempotency key; each order adds one."""

    capabilities = frozenset(Capability)

    def __init__(self) -> None:
        guest = Guest(last_name="Muster", first_name="Ada", phone=PHONE)
        stay = {"arrival": date(2027, 5, 10), "departure": date(2027, 5, 12), "adults": 2}
        own = Reservation(
            id="OWN-1", booking_id="OWN", hotel_id="MUC", status="confirmed", guest=guest, **stay
        )
        super().__init__([own], rooms=2)

    async def add_service(self, reservation_id: str, service_id: str, *, count: int = 1) -> None:
        """Add a service."""
        reservation = await self.get_reservation(reservation_id)
        services = {**reservation.services, service_id: reservation.services.get(service_id, 0) + count}
        self._change(reservation_id, services=services)

    async def check_in(self, reservation_id: str) -> None:
        """Check in a guest who has a room."""
        reservation = await self.get_reservation(reservation_id)
        if reservation.status != "confirmed" or reservation.room is None:
            raise PmsRejectedError
        self._change(reservation_id, status="in_house")

    async def check_out(self, reservation_id: str) -> None:
        """Check out a guest in the house."""
        if (await self.get_reservation(reservation_id)).status != "in_house":
            raise PmsRejectedError
        self._change(reservation_id, status="checked_out")

    async def find_room(self, reservation: Reservation, name: str) -> str | None:
        """Return the id of any room."""
        return f"{reservation.hotel_id}-{name}"

    async def assign_room(self, reservation_id: str, room_id: str | None = None) -> str:
        """Assign a room: without an id another one each time, which shows whether it was assigned twice."""
        previous = (await self.get_reservation(reservation_id)).room or "100"
        room = room_id.rpartition("-")[2] if room_id else str(int(previous) + 1)
        self._change(reservation_id, room=room)
        return room

    def _change(self, reservation_id: str, **values: Any) -> None:
        reservation = self._reservations[reservation_id]
        self._reservations[reservation_id] = reservation.model_copy(update=values)

    def snapshot(self) -> list[dict[str, Any]]:
        """Return all reservations."""
        return [reservation.model_dump() for reservation in self._reservations.values()]


@dataclass
class TransferringTelephony(RecordingTelephony):
    """A telephony that the caller leaves when transferred; away, it neither opens nor closes rooms.

    Attributes:
        transferred: the rooms of the callers who were transferred.
        spoken: what the voice agents were sent.
    """

    transferred: list[str] = field(default_factory=list)
    spoken: list[str] = field(default_factory=list)
    is_away: bool = False

    async def send_data(self, room_name: str, payload: bytes, *, topic: str) -> None:
        """Record the text."""
        await super().send_data(room_name, payload, topic=topic)
        self.spoken.append(json.loads(payload)["text"])

    async def open_room(self, room_name: str, *, metadata: str) -> None:
        """Record the room."""
        self._require_presence()
        await super().open_room(room_name, metadata=metadata)

    async def close_room(self, room_name: str) -> None:
        """Record the room."""
        self._require_presence()
        await super().close_room(room_name)

    async def find_caller(self, room_name: str) -> str | None:
        """Return the caller until the transfer."""
        return None if room_name in self.transferred else "caller"

    async def transfer_caller(self, room_name: str, caller: str, destination: str) -> None:
        """Record the room."""
        await super().transfer_caller(room_name, caller, destination)
        self.transferred.append(room_name)

    def _require_presence(self) -> None:
        if self.is_away:
            raise DependencyUnavailableError("livekit", "timeout")


async def do_nothing() -> None:
    """Nothing else happens."""


class MortalOrders(NoOutboundCalls):
    """Orders of outbound calls; the process may die before and after one is stored.

    Args:
        orders: the stored orders by their ids, which outlive the process.
        process: the process.
        before_order: what happens before an order is stored.
    """

    def __init__(
        self,
        orders: dict[str, OutboundCallOrder],
        process: MortalProcess,
        before_order: Callable[[], Awaitable[None]],
    ) -> None:
        self._orders = orders
        self._process = process
        self._before_order = before_order

    async def order_for_guest(self, order: OutboundCallOrder) -> str:
        """Store an order once."""
        self._process.pass_point()
        await self._before_order()
        self._orders.setdefault(order.order_id, order)
        self._process.pass_point()
        return order.order_id

    async def discard(self, order_id: str) -> None:
        """Delete an order."""
        del self._orders[order_id]


class World:
    """Everything that outlives a process: the store, the records and the vendors.

    Args:
        livekit_is_away: whether rooms are neither opened nor closed.

    Attributes:
        seconds: the time since the start of the call.
    """

    def __init__(self, *, livekit_is_away: bool = False) -> None:
        self.seconds = 0.0
        self.store = InMemoryStateStore(lambda: self.seconds)
        self.pms = HotelWithServices()
        self.orders: dict[str, OutboundCallOrder] = {}
        self.before_order: Callable[[], Awaitable[None]] = do_nothing
        self.telephony = TransferringTelephony(is_away=livekit_is_away)
        self.records = RecordsInMemory(self.telephony)
        self.recorder = RecorderInMemory()
        self.archive = ArchiveInMemory()

    def process(self, process: MortalProcess, lease_seconds: float = LEASE_SECONDS) -> CallService:
        """Start a process of the service."""
        store, telephony = process.wrap(self.store), process.wrap(self.telephony)
        context = IntentContext(
            pms=process.wrap(self.pms),
            telephony=telephony,
            recordings=CallRecordings(
                process.wrap(self.recorder), process.wrap(self.archive), "/recordings", CallRepository(store)
            ),
            service_ids={"breakfast": "BREAKFAST", "late_checkout": "LATE"},
            current_date=lambda: date(2027, 5, 1),
            date_at_hotel=lambda moment: moment.date(),
            outbound_calls=MortalOrders(self.orders, process, self.before_order),
            follow_ups=FollowUpQueue(store, self.now),
        )
        return CallService(
            context,
            telephony,
            CallRepository(store),
            IdempotentExecutor(store, lease_seconds),
            process.wrap(self.records),
            Metrics(),
            lambda phone: pseudonymize(phone, b"key"),
            GrammarInterpreter(),
        )

    def now(self) -> datetime:
        """Return the current time."""
        return START + timedelta(seconds=self.seconds)

    def follow_up_task(self, process: MortalProcess, lease_seconds: float = LEASE_SECONDS) -> FollowUpTask:
        """Start a process that does follow-ups."""
        store, telephony = process.wrap(self.store), process.wrap(self.telephony)
        calls, metrics = CallRepository(store), Metrics()
        recordings = CallRecordings(process.wrap(self.recorder), process.wrap(self.archive), None, calls)
        ending = CallEnding(calls, process.wrap(self.records), telephony, recordings, metrics)
        transfers = CallTransfers(telephony, calls, "tel:+49301", LONGEST_RINGING, metrics, self.now)
        guest_transfers = GuestTransfers(transfers, calls, ReplySpeaker(telephony, telephony), ending)
        return FollowUpTask(
            FollowUpQueue(store, self.now),
            IdempotentExecutor(store, lease_seconds),
            {FollowUpKind.TRANSFER: guest_transfers.run},
            poll_interval=3600.0,
            drain_seconds=0.0,
        )

    async def do_follow_ups(
        self, process: MortalProcess | None = None, lease_seconds: float = LEASE_SECONDS
    ) -> None:
        """Let a process do the follow-ups that are due."""
        task = self.follow_up_task(process or MortalProcess(), lease_seconds)
        await asyncio.gather(*await task.start_due())

    async def send(self, *events: dict[str, Any], dies_at: int | None = None) -> tuple[dict[str, Any], int]:
        """Deliver events to a new process; return the last response and the points of the last event."""
        process = MortalProcess()
        service = self.process(process)
        response: dict[str, Any] = {}
        for event in events:
            process.points, process.dies_at = 0, dies_at if event is events[-1] else None
            response = await service.handle_event(EVENTS.validate_python(event), AnyHotel())
        return response, process.points

    async def redeliver(self, event: dict[str, Any]) -> dict[str, Any]:
        """Deliver an event to another process after one died; return the response."""
        service = self.process(MortalProcess(), SHORT_LEASE_SECONDS)
        return await service.handle_event(EVENTS.validate_python(event), AnyHotel())

    async def snapshot(self) -> Mapping[str, Any]:
        """Return what the world looks like to the hotel."""
        calls = CallRepository(self.store)
        return {
            "reservations": self.pms.snapshot(),
            "rooms": set(self.telephony.opened) - set(self.telephony.closed),
            "transferred": list(self.telephony.transferred),
            "orders": dict(self.orders),
            "recorded": dict(self.recorder.running),
            "consents": dict(self.archive.consents),
            "records": {call_id: call.model_dump() for call_id, call in self.records.by_id.items()},
            "call": (await calls.get("1")).model_dump(),
            "active calls": await calls.count_active(),
        }
