"""The calls in the state store."""

from __future__ import annotations

import pytest

from orchestrator.calls.call import MAX_INTERACTIONS, Call, Interaction
from orchestrator.calls.repository import CallRepository
from orchestrator.errors import ConflictError, NotFoundError, ServiceUnavailableError
from orchestrator.state.memory import InMemoryStateStore
from tests.orchestrator.calls.call_flow import START, CallFlow, ended, interaction, started


@pytest.fixture
async def store_of_previous_version() -> InMemoryStateStore:
    """A state store with a call whose fields have other names."""
    store = InMemoryStateStore()
    await store.set("call:1", '{"id": "1", "hotel": "MUC", "status": "active"}', 60)
    return store


def call_of(event_id: str) -> Call:
    """Return a call that an event has started."""
    return Call(
        call_id="1",
        start_event_id=event_id,
        hotel_id="MUC",
        caller_number="+49301",
        caller_pseudonym="p",
        language="de",
        started_at=START,
    )


async def test_start_replaces_neither_its_own_call_nor_that_of_another_event() -> None:
    """Two deliveries of the start create one call; an event whose reservation of the id has expired creates none."""
    calls = CallRepository(InMemoryStateStore())
    await calls.claim("1", "first")
    created = await calls.create(call_of("first"))
    await calls.update("1", lambda call: call.as_ending(START, 1.0))

    repeated = await calls.create(call_of("first"))

    assert (created.status, repeated.status) == ("active", "ending")
    with pytest.raises(ConflictError):
        await calls.create(call_of("second"))
    assert (await calls.get("1")).start_event_id == "first"


async def test_unreadable_call_is_not_found(store_of_previous_version: InMemoryStateStore) -> None:
    """It is not retryable, because the call does not become readable."""
    calls = CallRepository(store_of_previous_version)

    for access in (calls.get("1"), calls.update("1", lambda call: call)):
        with pytest.raises(NotFoundError) as raised:
            await access
        assert not raised.value.retryable


async def test_end_of_unreadable_call_is_not_found(store_of_previous_version: InMemoryStateStore) -> None:
    """The event is rejected without a server error, and the end of the room is accepted."""
    flow = CallFlow(store=store_of_previous_version)

    with pytest.raises(NotFoundError):
        await flow.send(ended())

    assert not await flow.service.handle_room_finished("call-1", START)


async def test_call_has_a_bounded_number_of_interactions() -> None:
    """The last one that is allowed is accepted, and also when it is delivered again; the call can still end."""
    store = InMemoryStateStore()
    flow = CallFlow(store=store)
    await flow.send(started())
    earlier = tuple(
        Interaction(type="greeting", outcome="done", event_id=str(number))
        for number in range(MAX_INTERACTIONS - 1)
    )
    await CallRepository(store).update("1", lambda call: call.model_copy(update={"interactions": earlier}))
    last = await flow.send(interaction("greeting", text="last"))

    with pytest.raises(ConflictError, match=r"^A call has at most 1000 interactions"):
        await flow.send(interaction("greeting", text="one more"))

    assert await flow.send(interaction("greeting", text="last")) == last
    await flow.send(ended())
    assert len(flow.records.by_id["1"].interactions) == MAX_INTERACTIONS


class BusyStore(InMemoryStateStore):
    """A store in which another process changes a call before every change by this one."""

    async def compare_and_swap(self, key: str, old: str | None, new: str, ttl: float) -> bool:
        """Lose every swap of a call that exists."""
        if key.startswith("call:") and old is not None and old.startswith("{"):
            return False
        return await super().compare_and_swap(key, old, new, ttl)


async def test_too_many_concurrent_updates_are_not_an_outage_of_the_store() -> None:
    """The client may try again; no alert is raised for the store, which works."""
    flow = CallFlow(store=BusyStore())
    # changes nothing in the stored call
    await flow.send(started())

    with pytest.raises(ServiceUnavailableError, match=r"^Too many events of the call at once") as raised:
        await flow.send(ended())

    assert (raised.value.retry_after, raised.value.retryable) == (1, True)
