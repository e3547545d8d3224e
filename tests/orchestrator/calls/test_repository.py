"""The calls in the state store."""

from __future__ import annotations

import pytest

from orchestrator.calls.repository import CallRepository
from orchestrator.errors import NotFoundError
from orchestrator.state.memory import InMemoryStateStore
from tests.orchestrator.calls.call_flow import START, CallFlow, ended


@pytest.fixture
async def store_of_previous_version() -> InMemoryStateStore:
    """A state store with a call whose fields have other names."""
    store = InMemoryStateStore()
    await store.set("call:1", '{"id": "1", "hotel": "MUC", "status": "active"}', 60)
    return store


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
