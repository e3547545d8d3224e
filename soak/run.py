"""The phases of a soak."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from local_stack.stack import ADMIN
from soak.calls import CallGenerator
from soak.faults import FaultPlan, Server
from soak.invariants import find_violations
from soak.memory import measure_memory
from soak.observe import find_personal_data, find_stub_defects, observe
from soak.responses import ResponseChecker
from soak.world import World, run_world
from tests.integration.error_recovery.kill_rounds import figures, run_rounds
from tests.integration.telephone_system import Event, Load, TelephoneSystem

PATIENCE_SECONDS = 120.0
"""Time in which every event must be acknowledged, and a call be normal again, after the last fault."""
REQUEST_TIMEOUT_SECONDS = 60.0
CALLS_AT_ONCE = 6
PROGRESS_SECONDS = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """The size of a soak.

    Attributes:
        seed: of the calls and the faults.
        minutes: of random faults.
        kill_rounds: kills of Redis and PostgreSQL in turn, before the random faults.
        memory_calls: calls without a fault whose memory is measured.
    """

    seed: int
    minutes: float
    kill_rounds: int
    memory_calls: int


@dataclass(slots=True)
class Result:
    """What a soak has found.

    Attributes:
        violations: all violated invariants; none means success.
        figures: what was measured, by phase.
    """

    violations: list[str] = field(default_factory=list)
    figures: dict[str, Any] = field(default_factory=dict)


class Soak:
    """One soak.

    Args:
        options: its size.
        world: what runs.
        http: a client of the service with the credentials of an administrator.
        checker: has checked every response of that client.
        report: prints a line of progress.
    """

    def __init__(
        self,
        options: Options,
        world: World,
        http: httpx.AsyncClient,
        checker: ResponseChecker,
        report: Callable[[str], None],
    ) -> None:
        self._options = options
        self._world = world
        self._http = http
        self._checker = checker
        self._report = report
        self._calls = CallGenerator(options.seed, world.add_guest)
        self._telephone = TelephoneSystem(http)
        self._started_at = time.monotonic()

    async def run(self) -> Result:
        """Run all phases, and check the invariants when all faults are over."""
        result = Result()
        await self._run_kill_rounds(result)
        await self._measure_memory(result)
        await self._run_faults(result)
        result.violations += await self._find_recovery_problems()
        observed = await observe(self._world, self._http, self._calls.phones)
        result.violations += find_violations(self._telephone.calls, observed)
        result.violations += self._checker.problems
        result.violations += find_stub_defects(self._world)
        result.violations += find_personal_data(self._world.service.log, self._calls.personal_data)
        result.figures["calls"] = len(self._telephone.calls)
        result.figures["calls_acknowledged"] = len(self._telephone.complete)
        result.figures["responses_by_status"] = dict(sorted(self._checker.statuses.items()))
        return result

    def _load(self) -> Load:
        return Load(self._telephone, self._calls.next_call, CALLS_AT_ONCE, patience=PATIENCE_SECONDS)

    async def _run_kill_rounds(self, result: Result) -> None:
        servers: dict[str, Server] = {"redis": self._world.redis, "postgresql": self._world.postgresql}
        with self._progress("kill rounds"):
            async with self._load():
                rounds = await run_rounds(self._http, self._telephone, servers, self._options.kill_rounds)
        result.figures["kill_rounds"] = figures(self._telephone, rounds)

    async def _measure_memory(self, result: Result) -> None:
        with self._progress("memory"):
            memory = await measure_memory(
                self._http, self._telephone, self._calls.next_call, self._options.memory_calls
            )
        result.figures["memory"] = memory.figures
        result.violations += memory.violations

    async def _run_faults(self, result: Result) -> None:
        plan = FaultPlan(self._options.seed, self._world)
        with self._progress("random faults", lambda: ", ".join(sorted(plan.active))):
            async with self._load():
                await plan.run(self._options.minutes * 60)
        result.figures["faults"] = dict(sorted(plan.counts.items()))

    async def _find_recovery_problems(self) -> list[str]:
        """Place calls until one gets no warning at all."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            call = await self._telephone.run_call(_whole_call(self._calls))
            if call.is_complete and not any(response["warnings"] for response in call.acknowledged):
                return []
        return [f"no call without a warning within {PATIENCE_SECONDS:.0f} s after the last fault"]

    @contextmanager
    def _progress(self, phase: str, detail: Callable[[], str] = str) -> Iterator[None]:
        task = asyncio.create_task(self._report_progress(phase, detail))
        try:
            yield
        finally:
            task.cancel()

    async def _report_progress(self, phase: str, detail: Callable[[], str]) -> None:
        while True:
            calls = self._telephone.calls
            running = sum(call.is_running for call in calls)
            seconds = time.monotonic() - self._started_at
            self._report(
                f"{seconds // 60:02.0f}:{seconds % 60:02.0f} {phase}: {len(calls)} calls, {running} running, "
                f"{len(self._telephone.complete)} acknowledged, {self._checker.statuses[503]} times 503, "
                f"{len(self._checker.problems)} bad responses  {detail()}"
            )
            await asyncio.sleep(PROGRESS_SECONDS)


def _whole_call(calls: CallGenerator) -> Sequence[Event]:
    """Return a call of a known guest, because the number of an unknown caller needs many requests to the PMS."""
    while True:
        events = calls.next_call()
        if "reservation_id" in events[0]["metadata"]:
            return events


async def run_soak(options: Options, folder: Path, report: Callable[[str], None]) -> Result:
    """Run a soak in a world of its own; its log stays in the folder."""
    with run_world(folder) as world:
        checker = ResponseChecker()
        async with httpx.AsyncClient(
            base_url=world.service.url,
            timeout=REQUEST_TIMEOUT_SECONDS,
            limits=httpx.Limits(max_connections=None),
            event_hooks={"response": [checker]},
        ) as http:
            login = await http.post("/auth/login", json={"email": ADMIN[0], "password": ADMIN[1]})
            http.headers["Authorization"] = f"Bearer {login.raise_for_status().json()['access_token']}"
            return await Soak(options, world, http, checker, report).run()
