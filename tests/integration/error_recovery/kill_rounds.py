"""Rounds in which a data server is killed with SIGKILL and started again while calls are running."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import httpx

from tests.integration.call_events import call_ended, call_interaction, call_started
from tests.integration.ids import IdFactory
from tests.integration.telephone_system import Event, PlacedCall, TelephoneSystem
from tests.integration.waiting import DEADLINE_SECONDS

CALLS_BETWEEN_KILLS = 3
"""Calls that have to be acknowledged before the next kill: the load, and the proof of a recovery."""
POLL_SECONDS = 0.02


class Server(Protocol):
    """A server that keeps its data when it is killed."""

    def kill(self) -> None:
        """Kill it with SIGKILL."""

    def start(self) -> None:
        """Start it again, and wait until it responds."""


@dataclass(frozen=True, slots=True)
class Round:
    """One kill.

    Attributes:
        server: the name of the killed server.
        recovery_seconds: from the kill until the service was ready again.
    """

    server: str
    recovery_seconds: float


async def run_rounds(
    http: httpx.AsyncClient, telephone: TelephoneSystem, servers: Mapping[str, Server], count: int
) -> list[Round]:
    """Kill the servers in turn, `count` times in all, and wait after each kill until calls are acknowledged again."""
    rounds = []
    for name in itertools.islice(itertools.cycle(servers), count):
        await _wait_for_calls(telephone, CALLS_BETWEEN_KILLS)
        killed_at = time.monotonic()
        await asyncio.to_thread(servers[name].kill)
        await asyncio.to_thread(servers[name].start)
        await _wait_until_ready(http)
        rounds.append(Round(name, time.monotonic() - killed_at))
    await _wait_for_calls(telephone, CALLS_BETWEEN_KILLS)
    return rounds


def numbered_calls(names: IdFactory, phone: str, reservation_id: str) -> Callable[[], list[Event]]:
    """Return a function that returns the events of another call; the calls differ in their duration."""
    numbers = itertools.count(1)

    def new_call() -> list[Event]:
        call_id = names.call()
        return [
            call_started(call_id, phone, reservation_id=reservation_id),
            call_interaction(call_id, "greeting", second=1),
            call_interaction(call_id, "guest_info_request", second=2),
            call_ended(call_id, next(numbers)),
        ]

    return new_call


def find_record_errors(calls: Iterable[PlacedCall], records: Iterable[Mapping[str, Any]]) -> list[str]:
    """Return what is lost, doubled or wrong in the records of calls that were acknowledged, interactions included."""
    records_of: dict[str, list[Mapping[str, Any]]] = {}
    for record in records:
        records_of.setdefault(record["call_id"], []).append(record)
    errors = []
    for call in calls:
        call_records = records_of.get(call.call_id, [])
        if len(call_records) != 1:
            errors.append(f"{call.call_id}: {len(call_records)} records")
            continue
        [record] = call_records
        if record["duration"] != call.events[-1]["duration"]:
            errors.append(f"{call.call_id}: duration {record['duration']} of another event")
        expected = [
            (event["interaction_type"], response["outcome"])
            for event, response in zip(call.events[1:-1], call.acknowledged[1:-1], strict=True)
        ]
        recorded = [(item["type"], item["outcome"]) for item in record["interactions"]]
        if recorded != expected:
            errors.append(f"{call.call_id}: interactions {recorded}, acknowledged {expected}")
    return errors


def figures(telephone: TelephoneSystem, rounds: list[Round]) -> dict[str, Any]:
    """Return the figures of the rounds for the report of the tests."""
    seconds: dict[str, list[float]] = {}
    for kill in rounds:
        seconds.setdefault(kill.server, []).append(kill.recovery_seconds)
    return {
        "rounds": len(rounds),
        "calls_acknowledged": len(telephone.complete),
        "calls_not_acknowledged": len(telephone.calls) - len(telephone.complete),
        "events_answered_503": telephone.statuses[503],
        "recovery_seconds": {
            name: {"median": round(sorted(values)[len(values) // 2], 2), "longest": round(max(values), 2)}
            for name, values in seconds.items()
        },
    }


async def _wait_for_calls(telephone: TelephoneSystem, count: int) -> None:
    target = len(telephone.complete) + count
    deadline = time.monotonic() + DEADLINE_SECONDS
    while len(telephone.complete) < target:
        assert time.monotonic() < deadline, f"no call was acknowledged within {DEADLINE_SECONDS:.0f} s"
        await asyncio.sleep(POLL_SECONDS)


async def _wait_until_ready(http: httpx.AsyncClient) -> None:
    deadline = time.monotonic() + DEADLINE_SECONDS
    while (await http.get("/readyz")).status_code != 200:
        assert time.monotonic() < deadline, f"not ready within {DEADLINE_SECONDS:.0f} s"
        await asyncio.sleep(POLL_SECONDS)
