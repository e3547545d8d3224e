"""What becomes of a call: attempts, outcomes, and a process that dies on the way."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from orchestrator.outbound_calls.model import OutboundCallStatus
from orchestrator.outbound_calls.ports import DialOutcome, DialResult
from orchestrator.persistence.database import Database
from tests.orchestrator.outbound_calls.world import (
    ANSWERED,
    BUSY,
    DUE,
    LEASE,
    LIMITS,
    MAX_WAITING,
    World,
    outbound_call,
)

UNCLEAR = DialResult(DialOutcome.UNCLEAR, "no_response")
NOT_DIALLED = DialResult(DialOutcome.NOT_DIALLED, "no_sip_service")
REFUSED = DialResult(DialOutcome.REFUSED, "declined")
ROOM, LATER_ROOM = (
    f"call-{replace(outbound_call(), next_attempt_at=at).attempt_id}" for at in (DUE, DUE + LIMITS.interval)
)


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    """A world in which one call is due."""
    database = Database(f"sqlite+aiosqlite:///{tmp_path}/x.sqlite")
    await database.upgrade_schema()
    world = World(database)
    await world.calls.add(outbound_call(), MAX_WAITING)
    yield world
    await database.close()


async def test_answered_call_is_spoken_to_and_its_number_forgotten(world: World) -> None:
    """Nothing needs the number any more."""
    world.telephone.results = [ANSWERED]

    call = await world.place_due()

    assert (call.status, call.attempts, call.number) == (OutboundCallStatus.ANSWERED, 1, None)
    assert (world.telephone.spoken, world.telephone.closed) == ([f"{ROOM} wake_up_call"], [])
    assert world.finished == [("1", OutboundCallStatus.ANSWERED)]


async def test_busy_number_is_dialled_again_until_the_attempts_are_used_up(world: World) -> None:
    """Not before the interval has passed; staff still needs the number afterwards."""
    world.telephone.results = [BUSY, BUSY]

    waiting = await world.place_due()
    too_early = await world.claim()
    world.now += LIMITS.interval
    failed = await world.place_due()

    assert (waiting.status, waiting.reason, waiting.attempts) == (OutboundCallStatus.SCHEDULED, "busy", 1)
    assert too_early == []
    assert (failed.status, failed.attempts, failed.number) == (OutboundCallStatus.FAILED, 2, "+4930123456")
    assert world.telephone.closed == [ROOM, LATER_ROOM]


async def test_refused_call_is_final(world: World) -> None:
    """Whoever declines is not called again."""
    world.telephone.results = [REFUSED]

    call = await world.place_due()

    assert (call.status, call.reason) == (OutboundCallStatus.FAILED, "declined")
    assert world.finished == [("1", OutboundCallStatus.FAILED)]


@pytest.mark.parametrize("available", [True, False])
async def test_call_that_was_not_dialled_has_no_attempt_less(world: World, *, available: bool) -> None:
    """LiveKit is away, or has no SIP worker."""
    world.telephone.available, world.telephone.results = available, [NOT_DIALLED]

    call = await world.place_due()

    assert (call.status, call.attempts, call.next_attempt_at) == (
        OutboundCallStatus.SCHEDULED,
        0,
        DUE + LIMITS.interval,
    )
    assert len(world.telephone.dialled) == int(available)


async def test_call_that_is_too_late_is_not_made(world: World) -> None:
    """The service was down at its time."""
    world.now += LIMITS.max_delay + timedelta(seconds=1)

    call = await world.place_due()

    assert (call.status, call.reason, world.telephone.dialled) == (OutboundCallStatus.FAILED, "too_late", [])


async def test_claimed_call_of_a_dead_process_is_placed_by_another(world: World) -> None:
    """It died before it dialled, which is certain."""
    world.telephone.results = [ANSWERED]
    await world.claim("dead")
    held = await world.claim()
    world.now += LEASE

    call = await world.place_due()

    assert (held, call.status, world.telephone.dialled) == ([], OutboundCallStatus.ANSWERED, [ROOM])


@pytest.mark.parametrize(
    ("callee", "status", "spoken"),
    [
        ("guest", OutboundCallStatus.ANSWERED, [f"{ROOM} wake_up_call"]),
        (None, OutboundCallStatus.UNKNOWN, []),
        ("somebody else", OutboundCallStatus.UNKNOWN, []),
    ],
)
async def test_call_without_known_outcome_is_never_dialled_again(
    world: World, callee: str | None, status: OutboundCallStatus, spoken: list[str]
) -> None:
    """Who is in the room decides, after the telephone has stopped ringing."""
    world.telephone.results = [UNCLEAR]
    unclear = await world.place_due()
    held = await world.claim()
    world.now += LEASE
    world.telephone.callee = callee

    call = await world.place_due()

    assert (unclear.status, held) == (OutboundCallStatus.DIALLING, [])
    assert (call.status, world.telephone.spoken) == (status, spoken)
    assert world.telephone.dialled == [ROOM]


async def test_call_is_not_answered_before_the_guest_was_spoken_to(world: World) -> None:
    """A process that dies in between leaves the guest to the next one, which does not dial again."""

    def die() -> None:
        raise ProcessLookupError

    world.telephone.results, world.telephone.on_speak = [ANSWERED], die
    with pytest.raises(ProcessLookupError):
        await world.place_due()
    interrupted = await world.stored()
    world.now += LEASE
    world.telephone.callee, world.telephone.on_speak = "guest", lambda: None

    call = await world.place_due()

    assert (interrupted.status, call.status) == (OutboundCallStatus.DIALLING, OutboundCallStatus.ANSWERED)
    assert (world.telephone.dialled, world.telephone.spoken) == ([ROOM], [f"{ROOM} wake_up_call"])


async def test_outcome_is_looked_for_again_while_livekit_is_away(world: World) -> None:
    """Until it is too late to help the guest: then staff has to know."""
    world.telephone.results = [UNCLEAR]
    await world.place_due()
    world.telephone.available = False
    world.now += LEASE
    again = await world.place_due()
    world.now = DUE + LIMITS.max_delay + timedelta(seconds=1)

    call = await world.place_due()

    assert (again.status, call.status) == (OutboundCallStatus.DIALLING, OutboundCallStatus.UNKNOWN)
    assert world.telephone.dialled == [ROOM]


async def test_process_whose_claim_was_taken_over_does_not_dial(world: World) -> None:
    """It was suspended longer than its lease."""
    world.telephone.results = [ANSWERED]
    [suspended] = await world.claim("suspended")
    world.now += LEASE
    await world.place_due()

    await world.placement.place(suspended)

    assert world.telephone.dialled == [ROOM]


async def test_call_of_an_erased_guest_is_not_counted(world: World) -> None:
    """The data subject's rights come first: the row is gone while the telephone rings."""
    [call] = await world.claim()
    await world.calls.delete_for("pseudonym-1")

    await world.placement.place(call)

    assert (world.finished, world.telephone.dialled) == ([], [])
