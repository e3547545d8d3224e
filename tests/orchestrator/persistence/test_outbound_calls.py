"""The repository of outbound calls, in databases of both kinds."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from orchestrator.calls.outbound_order import OutboundCallKind
from orchestrator.outbound_calls.model import OutboundCallStatus
from orchestrator.persistence.database import Database
from orchestrator.persistence.outbound_calls import OutboundCallRepository
from tests.orchestrator.outbound_calls.world import DUE, LEASE, MAX_WAITING, outbound_call

CALLS = 12
PROCESSES = 4
BATCH = 5


async def test_concurrent_claims_get_each_call_once(database: Database) -> None:
    """However many processes claim at the same moment, and however small their batches are."""
    calls = OutboundCallRepository(database)
    for number in range(CALLS):
        await calls.add(outbound_call(str(number)), MAX_WAITING)

    claims = await asyncio.gather(
        *(calls.claim_due(DUE, DUE + LEASE, str(process), BATCH) for process in range(PROCESSES))
    )
    rest = await calls.claim_due(DUE, DUE + LEASE, "rest", CALLS)

    claimed = [call.call_id for batch in (*claims, rest) for call in batch]
    assert sorted(claimed) == sorted(str(number) for number in range(CALLS))
    assert all(len(batch) <= BATCH for batch in claims)


async def test_concurrent_orders_of_the_same_call_are_stored_once(database: Database) -> None:
    """Both get the call that is stored."""
    calls = OutboundCallRepository(database)
    orders = [outbound_call(str(number), pseudonym="same") for number in range(PROCESSES)]

    stored = await asyncio.gather(*(calls.add(order, MAX_WAITING) for order in orders))

    assert len({call.call_id for call in stored if call}) == 1
    assert len(await calls.list_for("same")) == 1


async def test_wake_up_and_call_back_at_the_same_time_are_two_calls(database: Database) -> None:
    """A guest who ordered both gets both."""
    calls = OutboundCallRepository(database)

    for kind in OutboundCallKind:
        await calls.add(outbound_call(kind, kind=kind, pseudonym="same"), MAX_WAITING)

    assert {call["kind"] for call in await calls.list_for("same")} == {"wake_up", "call_back"}


async def test_deleted_call_leaves_the_others(database: Database) -> None:
    """Only the call with this id is deleted."""
    calls = OutboundCallRepository(database)
    for call_id in ("1", "2"):
        await calls.add(outbound_call(call_id), MAX_WAITING)

    await calls.delete("1")

    assert [await calls.get(call_id) is None for call_id in ("1", "2")] == [True, False]


async def test_cancelled_call_can_be_ordered_again(database: Database) -> None:
    """Only calls that are not over are the same."""
    calls = OutboundCallRepository(database)
    await calls.add(outbound_call("1", pseudonym="same"), MAX_WAITING)
    await calls.cancel("1", DUE)

    again = await calls.add(outbound_call("2", pseudonym="same"), MAX_WAITING)

    assert again is not None
    assert [call["status"] for call in await calls.list_for("same")] == ["cancelled", "scheduled"]


async def test_calls_to_one_number_are_limited(database: Database) -> None:
    """Somebody who fakes the number of another person must not keep the other's telephone ringing."""
    calls = OutboundCallRepository(database)
    for number in range(3):
        due_at = DUE + timedelta(minutes=number)
        added = await calls.add(outbound_call(str(number), pseudonym="same", due_at=due_at), 2)

    assert added is None
    assert len(await calls.list_for("same")) == 2


async def test_concurrent_orders_do_not_exceed_the_limit_of_a_number(database: Database) -> None:
    """All of them are counted before any is stored, unless they wait for each other."""
    calls = OutboundCallRepository(database)
    orders = [
        outbound_call(str(number), pseudonym="same", due_at=DUE + timedelta(minutes=number))
        for number in range(CALLS)
    ]

    stored = await asyncio.gather(*(calls.add(order, MAX_WAITING) for order in orders))

    assert len([call for call in stored if call]) == MAX_WAITING
    assert len(await calls.list_for("same")) == MAX_WAITING


async def test_limit_of_a_number_is_that_of_each_hotel(database: Database) -> None:
    """The orders of one hotel neither block nor disclose those of another."""
    calls = OutboundCallRepository(database)
    await calls.add(outbound_call("1", pseudonym="same", hotel_id="BER"), 1)

    other = await calls.add(outbound_call("2", pseudonym="same", hotel_id="MUC"), 1)
    second = await calls.add(
        outbound_call("3", pseudonym="same", hotel_id="MUC", due_at=DUE + timedelta(minutes=1)), 1
    )

    assert (other is not None, second) == (True, None)


async def test_calls_of_a_hotel_are_limited(database: Database) -> None:
    """Somebody who has stolen an API key must not let the hotel call the whole country."""
    calls = OutboundCallRepository(database)
    stored = [
        await calls.add(outbound_call(str(number), hotel_id=hotel_id), MAX_WAITING, 2)
        for number, hotel_id in enumerate(("MUC", "MUC", "MUC", "BER"))
    ]

    assert [call is not None for call in stored] == [True, True, False, True]


async def test_claimed_call_cannot_be_cancelled(database: Database) -> None:
    """It may be dialled at any moment."""
    calls = OutboundCallRepository(database)
    await calls.add(outbound_call(), MAX_WAITING)
    [claimed] = await calls.claim_due(DUE, DUE + LEASE, "process", BATCH)

    cancelled = await calls.cancel("1", DUE)

    assert (cancelled, claimed.status, claimed.due_at) == (False, OutboundCallStatus.CLAIMED, DUE)


async def test_expired_calls_are_deleted_whatever_their_state(database: Database) -> None:
    """A call that was never placed contains a number too."""
    calls = OutboundCallRepository(database)
    await calls.add(outbound_call("old", due_at=DUE - timedelta(days=91)), MAX_WAITING)
    await calls.add(outbound_call("recent", due_at=DUE - timedelta(days=89)), MAX_WAITING)

    deleted = await calls.delete_older_than(DUE, 90)

    assert (deleted, await calls.get("old")) == (1, None)
    assert await calls.get("recent") is not None


async def test_calls_of_another_hotel_are_kept(database: Database) -> None:
    """A request of one hotel neither exports nor erases the calls of another."""
    calls = OutboundCallRepository(database)
    for hotel_id in ("MUC", "BER"):
        await calls.add(outbound_call(hotel_id, pseudonym="same", hotel_id=hotel_id), MAX_WAITING)

    exported = await calls.list_for("same", ["BER"])
    deleted = await calls.delete_for("same", ["BER"])

    assert ([call["id"] for call in exported], deleted) == (["BER"], 1)
    assert [call.call_id for call in await calls.list_calls(None, None, BATCH)] == ["MUC"]
