"""A circuit breaker decides like a reference model, for any order of calls that overlap, results, resets and time."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from hypothesis import given
from hypothesis import strategies as st

from orchestrator.resilience.circuit_breaker import CircuitBreaker
from orchestrator.resilience.errors import CallRejectedError, OutageError
from tests.orchestrator.clock import Clock

THRESHOLD, RESET_SECONDS = 2, 10
ACTIONS = st.lists(
    st.tuples(
        st.sampled_from(["start", "start", "succeed", "fail", "reject", "cancel", "reset", "wait"]),
        st.integers(0, 12),
    ),
    min_size=10,
    max_size=40,
)
"""What happens, and to which of the running calls, or for how many seconds."""


@dataclass
class Model:
    """The documented behaviour: outages in a row open the circuit, and one probe at a time decides after a time."""

    now: int = 0
    failures: int = 0
    opened_at: int | None = None
    probe: int | None = None
    period: int = 0
    periods: dict[int, int] = field(default_factory=dict)

    def state(self) -> str:
        """Return the state."""
        if self.opened_at is None:
            return "closed"
        return "open" if self.now < self.opened_at + RESET_SECONDS else "half_open"

    def start(self, call: int) -> bool:
        """Start a call; return whether it is let through."""
        if self.state() == "open" or (self.state() == "half_open" and self.probe is not None):
            return False
        self.periods[call] = self.period
        if self.state() == "half_open":
            self.probe = call
        return True

    def finish(self, call: int, result: str) -> None:
        """Take note of a result, unless the circuit has changed since the call began."""
        if self.periods[call] != self.period:
            return
        if result == "cancel":
            self.probe = None if self.probe == call else self.probe
        elif result != "fail":
            self.failures = 0
            if self.opened_at is not None:
                self.move(None)
        else:
            self.failures += 1
            if self.opened_at is not None or self.failures >= THRESHOLD:
                self.move(self.now)

    def move(self, opened_at: int | None) -> None:
        """Open or close the circuit."""
        self.opened_at, self.probe, self.period = opened_at, None, self.period + 1


@dataclass
class Calls:
    """Calls through a breaker, each of which runs until it gets its result."""

    breaker: CircuitBreaker
    results: dict[int, asyncio.Future[str]] = field(default_factory=dict)
    tasks: dict[int, asyncio.Task[None]] = field(default_factory=dict)

    async def start(self, call: int) -> bool:
        """Start a call; return whether it was let through."""

        async def attempt() -> None:
            self.results[call] = asyncio.get_running_loop().create_future()
            result = await self.results[call]
            if result != "succeed":
                raise OutageError if result == "fail" else LookupError

        self.tasks[call] = asyncio.create_task(self.breaker.run(attempt))
        await asyncio.sleep(0)
        if call not in self.results:
            [error] = await asyncio.gather(self.tasks.pop(call), return_exceptions=True)
            assert isinstance(error, CallRejectedError)
        return call in self.results

    async def finish(self, call: int, result: str) -> None:
        """Let a call end."""
        if result == "cancel":
            self.tasks[call].cancel()
        else:
            self.results[call].set_result(result)
        await asyncio.gather(self.tasks.pop(call), return_exceptions=True)


@given(ACTIONS)
def test_breaker_decides_like_the_model(actions: list[tuple[str, int]]) -> None:
    """The state, the number of failures, and which calls are let through."""

    async def play() -> None:
        model, clock = Model(), Clock()
        breaker = CircuitBreaker("pms", failure_threshold=THRESHOLD, reset_timeout=RESET_SECONDS, clock=clock)
        calls = Calls(breaker)
        for number, (action, value) in enumerate(actions):
            running = sorted(calls.tasks)
            if action == "start":
                assert await calls.start(number) == model.start(number)
            elif action == "wait":
                model.now += value
                clock.now += value
            elif action == "reset":
                breaker.reset()
                model.failures = 0
                model.move(None)
            elif running:
                call = running[value % len(running)]
                await calls.finish(call, action)
                model.finish(call, action)
            status = breaker.status()
            assert (status.state, status.failures) == (model.state(), model.failures)
        for call in sorted(calls.tasks):
            await calls.finish(call, "cancel")

    asyncio.run(play())
