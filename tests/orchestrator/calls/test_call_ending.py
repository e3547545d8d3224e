"""The end of a call, also while interactions are running."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
import redis

from orchestrator.calls.call import Call
from orchestrator.calls.ports import DependencyUnavailableError
from orchestrator.errors import ConflictError, ServiceUnavailableError
from orchestrator.pms.adapters.memory import InMemoryConnector
from orchestrator.pms.models import BookedStay, BookingRequest, Offer
from orchestrator.state.memory import InMemoryStateStore
from orchestrator.state.redis import RedisClient, RedisStateStore
from tests.orchestrator.calls.call_flow import (
    PHONE,
    START,
    CallFlow,
    RecordingTelephony,
    ended,
    interaction,
    started,
)
from tests.redis_server import redis_server

STAY = {"arrival": "2027-05-10", "departure": "2027-05-12"}
ROUNDS = 60
MAX_TURNS = 1_000


async def _succeeds(flow: CallFlow, event: dict[str, object]) -> bool:
    try:
        await flow.send(event)
    except ConflictError:
        return False
    return True


@pytest.mark.parametrize("kind", ["small_talk", "availability_request"])
async def test_every_successful_interaction_is_recorded_when_call_ends_concurrently(kind: str) -> None:
    """Eight interactions and the end at once, in many interleavings: nothing that succeeded is missing."""
    flow = CallFlow()
    outcomes = []
    for number in range(ROUNDS):
        call_id = f"{kind}-{number}"
        await flow.send(started(call_id))
        events = [interaction(kind, call_id, f"{index}", **STAY) for index in range(8)]
        tasks = [asyncio.create_task(_succeeds(flow, event)) for event in (*events, ended(call_id))]

        *succeeded, end_succeeded = await asyncio.gather(*tasks)

        assert end_succeeded
        assert len(flow.records.by_id[call_id].interactions) == sum(succeeded)
        outcomes += succeeded
    assert flow.count("call_total", outcome="completed") == ROUNDS
    assert await flow.service.count_active_calls() == 0
    assert outcomes.count(True) > ROUNDS


class SlowBookings(InMemoryConnector):
    """A PMS that books at once and responds when it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.booked, self.respond = asyncio.Event(), asyncio.Event()

    async def create_booking(self, stay: BookingRequest, *, idempotency_key: str) -> BookedStay:
        """Book, and respond later."""
        booked = await super().create_booking(stay, idempotency_key=idempotency_key)
        self.booked.set()
        await self.respond.wait()
        return booked


async def test_booking_that_finishes_after_the_end_is_recorded() -> None:
    """The record is written again with the interaction and its reservation."""
    pms = SlowBookings()
    flow = CallFlow(pms)
    await flow.send(started())
    booking = asyncio.create_task(flow.send(interaction("booking_request", last_name="Muster", **STAY)))
    await pms.booked.wait()
    end = await flow.send(ended())
    pms.respond.set()

    response = await booking

    record = flow.records.by_id["1"]
    assert (end["state"], response["outcome"]) == ("ended", "done")
    assert [entry.type for entry in record.interactions] == ["booking_request"]
    assert record.reservation_id == response["result"]["reservation_id"]


async def test_call_without_record_is_ending_and_rejects_interactions() -> None:
    """An outage of the database keeps the call in status `ending`; the end delivered again completes it."""
    flow = CallFlow()
    await flow.send(started())
    flow.records.available = False
    with pytest.raises(ServiceUnavailableError):
        await flow.send(ended(duration=10))
    with pytest.raises(ConflictError, match="The call is ending"):
        await flow.send(interaction("greeting"))
    flow.records.available = True

    response = await flow.send(ended(duration=99))

    assert (response["state"], flow.records.by_id["1"].duration) == ("ended", 10)
    assert flow.count("call_total", outcome="completed") == 1


async def test_second_end_closes_no_room() -> None:
    """A call that has ended stays as it is."""
    flow = CallFlow()
    await flow.send(started())

    responses = [await flow.send(ended(duration=duration)) for duration in (10, 99)]

    assert [response["state"] for response in responses] == ["ended", "ended"]
    assert (flow.telephony.closed, flow.records.by_id["1"].duration) == (["call-1"], 10)


class DefectivePms(InMemoryConnector):
    """A PMS connector that fails by a defect, when it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.asked, self.proceed = asyncio.Event(), asyncio.Event()

    async def find_offers(self, *_: Any, **_options: Any) -> list[Offer]:
        """Fail."""
        self.asked.set()
        await self.proceed.wait()
        raise NotImplementedError


async def test_interaction_that_waited_for_its_first_delivery_is_rejected_after_the_end() -> None:
    """The call was active when the second delivery arrived, and the first one did not finish."""
    pms = DefectivePms()
    flow = CallFlow(pms=pms)
    await flow.send(started())
    first = asyncio.create_task(flow.send(interaction("availability_request", **STAY)))
    await pms.asked.wait()
    second = asyncio.create_task(flow.send(interaction("availability_request", **STAY)))
    await flow.send(ended())
    pms.proceed.set()

    results = await asyncio.gather(first, second, return_exceptions=True)

    assert [type(result) for result in results] == [NotImplementedError, ConflictError]


class SlowClosing(RecordingTelephony):
    """LiveKit closes a room after the record is written, or after many turns of the event loop."""

    def __init__(self) -> None:
        super().__init__()
        self.records: Mapping[str, Call] = {}
        self.record_written = False

    async def close_room(self, room_name: str) -> None:
        """Close the room."""
        for _ in range(MAX_TURNS):
            await asyncio.sleep(0)
            self.record_written = bool(self.records)
            if self.record_written:
                break
        await super().close_room(room_name)


async def test_record_is_written_while_the_room_is_closed() -> None:
    """Neither waits for the other."""
    telephony = SlowClosing()
    flow = CallFlow(telephony=telephony)
    telephony.records = flow.records.by_id
    await flow.send(started())

    await flow.send(ended())

    assert (telephony.record_written, telephony.closed) == (True, ["call-1"])


async def test_room_is_closed_before_a_failure_of_the_record_is_reported() -> None:
    """The telephone system may not deliver the end again."""
    flow = CallFlow(telephony=SlowClosing())
    await flow.send(started())
    flow.records.available = False

    with pytest.raises(ServiceUnavailableError, match="record"):
        await flow.send(ended())

    assert flow.telephony.closed == ["call-1"]


class TelephonyWithoutResponse(RecordingTelephony):
    """LiveKit opens rooms but does not respond in time."""

    async def open_room(self, room_name: str, *, metadata: str) -> None:
        """Open the room, and fail."""
        await super().open_room(room_name, metadata=metadata)
        raise DependencyUnavailableError("livekit", "timeout")


async def test_room_that_was_opened_without_a_response_is_closed() -> None:
    """The service does not know whether the room exists, so it closes it anyway."""
    flow = CallFlow(telephony=TelephonyWithoutResponse())
    await flow.send(started())

    await flow.send(ended())

    assert flow.telephony.closed == flow.telephony.opened == ["call-1"]


async def test_room_closed_before_start_ends_the_call_when_it_starts() -> None:
    """LiveKit's webhook may overtake the start of the call."""
    flow = CallFlow()
    early = await flow.service.handle_room_finished("call-1", START + timedelta(seconds=7))

    response = await flow.send(started())

    assert (early, response["state"]) == (False, "ended")
    assert (flow.records.by_id["1"].duration, flow.telephony.closed) == (7.0, ["call-1"])
    with pytest.raises(ConflictError, match="The call has ended"):
        await flow.send(interaction("greeting"))


async def test_room_closed_while_call_starts_ends_the_call() -> None:
    """Whichever comes first, the call does not stay active."""
    flows = [CallFlow() for _ in range(ROUNDS)]
    for turns, flow in enumerate(flows):
        start = asyncio.create_task(flow.send(started()))
        for _ in range(turns):
            await asyncio.sleep(0)
        await flow.service.handle_room_finished("call-1", START)
        await start

        assert flow.records.by_id["1"].status in {"ending", "ended"}
        assert await flow.service.count_active_calls() == 0


class SlowEarlyEnds(InMemoryStateStore):
    """A store that stores the early end of a room when it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.storing, self.proceed = asyncio.Event(), asyncio.Event()

    async def set(self, key: str, value: str, ttl: float) -> None:
        """Store a value, the early end of a room later."""
        if key.startswith("call-early-end:"):
            self.storing.set()
            await self.proceed.wait()
        await super().set(key, value, ttl)


async def test_call_that_starts_while_its_early_end_is_stored_ends() -> None:
    """The start did not see the early end yet, so the webhook looks for the call once more."""
    store = SlowEarlyEnds()
    flow = CallFlow(store=store)
    webhook = asyncio.create_task(flow.service.handle_room_finished("call-1", START))
    await store.storing.wait()
    start = await flow.send(started())
    store.proceed.set()

    ended_by_webhook = await webhook

    assert (start["state"], ended_by_webhook, flow.telephony.closed) == ("active", True, ["call-1"])


async def test_callers_number_is_not_in_redis_after_the_call() -> None:
    """Neither in the call nor in the stored responses; while the call is active it is needed for look-ups."""
    with redis_server() as server:
        client = redis.Redis.from_url(server.url)
        store = RedisStateStore(RedisClient(server.url, timeout_seconds=60.0))
        flow = CallFlow(store=store)
        await flow.send(started())
        during = [value_of(client, key) for key in client.scan_iter()]
        await flow.send(interaction("guest_info_request"))
        await flow.send(ended())
        after = [value_of(client, key) for key in client.scan_iter()]
        await store.close()
        client.close()

    assert [PHONE in str(values) for values in (during, after)] == [True, False]
    assert len(after) == 5


def value_of(client: redis.Redis, key: bytes) -> object:
    """Return the text or the set that is stored under a key."""
    return client.smembers(key) if client.type(key) == b"set" else client.get(key)
