"""The delivery of alerts to one channel."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from orchestrator.alerting.alert import Alert, Condition
from orchestrator.alerting.delivery import AlertDelivery
from orchestrator.alerting.slack import SlackChannel
from orchestrator.resilience.policy import CallPolicy

NEVER = 3600.0
POLICY = CallPolicy(
    total_timeout=NEVER,
    attempt_timeout=NEVER,
    max_attempts=3,
    backoff_initial=0.001,
    backoff_max=0.002,
    jitter=0,
)
Respond = Callable[[], Awaitable[int]]
UNREPRESENTABLE_RETRY_AFTER = ("9" * 400, "Thu, 01 Jan 99999999999999999999 00:00:00 GMT")


def alert(name: str, *, firing: bool) -> Alert:
    """Build an alert."""
    return Alert(Condition(name, "error", f"{name} failed"), firing, datetime.now(UTC), "")


def responding(*statuses: int) -> Respond:
    """Return a receiver that sends these statuses, and 200 after them."""
    remaining = list(statuses)

    async def respond() -> int:
        return remaining.pop(0) if remaining else 200

    return respond


class Channel:
    """A delivery and what it sent.

    Args:
        respond: returns the status of the next response.
        repeat_interval: of the delivery, in seconds.
        policy: of the delivery.
        headers: of every response.
    """

    def __init__(
        self,
        respond: Respond,
        repeat_interval: float = NEVER,
        policy: CallPolicy = POLICY,
        headers: dict[str, str] | None = None,
    ) -> None:
        self.sent: list[str] = []
        self.outcomes: asyncio.Queue[str] = asyncio.Queue()

        async def handle(request: httpx.Request) -> httpx.Response:
            body: dict[str, Any] = json.loads(request.content)
            self.sent.append(body["text"].splitlines()[0])
            return httpx.Response(await respond(), headers=headers)

        self._http = httpx.AsyncClient(transport=httpx.MockTransport(handle))
        self.delivery = AlertDelivery(
            SlackChannel("http://slack.example/hook", "host", "test"),
            self._http,
            policy,
            repeat_interval,
            lambda _, outcome: self.outcomes.put_nowait(outcome),
        )

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Deliver as long as the block runs."""
        task = asyncio.create_task(self.delivery.run_forever())
        yield
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        await self._http.aclose()


async def test_condition_that_ended_before_its_report_is_not_reported() -> None:
    """Only the other condition is."""
    channel = Channel(responding())
    for name, firing in (("a", True), ("a", False), ("b", True)):
        channel.delivery.publish(alert(name, firing=firing))

    async with channel.running():
        await channel.outcomes.get()

    assert channel.sent == ["ALERT (error): b failed"]


async def test_same_state_is_reported_once() -> None:
    """A second alert of the same kind is dropped; the end is reported without a delay."""
    channel = Channel(responding())
    async with channel.running():
        for firing in (True, True, False, False):
            channel.delivery.publish(alert("a", firing=firing))
            await asyncio.sleep(0.01)  # the worker takes each alert, which changes nothing for the duplicates
        channel.delivery.publish(alert("b", firing=True))
        outcomes = [await channel.outcomes.get() for _ in range(3)]

    assert channel.sent == ["ALERT (error): a failed", "RESOLVED: a failed", "ALERT (error): b failed"]
    assert outcomes == ["delivered"] * 3


async def test_queue_holds_one_alert_per_condition() -> None:
    """A receiver hangs while a condition comes and goes; afterwards it gets the latest state."""
    accepting, arrived = asyncio.Event(), asyncio.Event()

    async def hang() -> int:
        arrived.set()
        await accepting.wait()
        return 200

    channel = Channel(hang)
    async with channel.running():
        channel.delivery.publish(alert("a", firing=True))
        await arrived.wait()
        for number in range(1001):
            channel.delivery.publish(alert("a", firing=number % 2 == 1))
        accepting.set()
        for _ in range(2):
            await channel.outcomes.get()

    assert channel.sent == ["ALERT (error): a failed", "RESOLVED: a failed"]


async def test_condition_that_begins_again_is_reported_after_the_interval() -> None:
    """It is not forgotten."""
    channel = Channel(responding(), repeat_interval=0.05)
    async with channel.running():
        for firing in (True, False, True):
            channel.delivery.publish(alert("a", firing=firing))
            assert await channel.outcomes.get() == "delivered"

    assert channel.sent[2] == "ALERT (error): a failed"


@pytest.mark.parametrize("status", [429, 500, 503])
async def test_attempts_are_bounded(status: int) -> None:
    """Three attempts, then none until the interval has passed; the condition's end is sent nevertheless."""
    channel = Channel(responding(*[status] * 3))
    async with channel.running():
        channel.delivery.publish(alert("a", firing=True))
        outcomes = [await channel.outcomes.get()]
        sent = len(channel.sent)
        # the receiver may have shown the alert although its response was lost
        channel.delivery.publish(alert("a", firing=False))
        outcomes.append(await channel.outcomes.get())

    assert (outcomes, sent) == (["undelivered", "delivered"], 3)
    assert channel.sent[3:] == ["RESOLVED: a failed"]


async def test_undelivered_alert_is_delivered_after_the_interval() -> None:
    """A receiver that is away for a while misses nothing."""
    channel = Channel(responding(503, 503, 503), repeat_interval=0.05)
    async with channel.running():
        channel.delivery.publish(alert("a", firing=True))
        outcomes = [await channel.outcomes.get() for _ in range(2)]

    assert (outcomes, len(channel.sent)) == (["undelivered", "delivered"], 4)


async def test_occurrence_is_forgotten_after_its_report() -> None:
    """What is known of conditions does not grow with each that has happened once."""
    channel = Channel(responding(200, 400))
    async with channel.running():
        for name in ("a", "b", "a"):
            condition = Condition(name, "critical", f"{name} happened", is_occurrence=True)
            channel.delivery.publish(
                Alert(condition, firing=True, changed_at=datetime.now(UTC), correlation_id="")
            )
            await channel.outcomes.get()

    assert channel.sent == [f"ALERT (critical): {name} happened" for name in ("a", "b", "a")]


@pytest.mark.parametrize("status", [302, 400, 404])
async def test_rejected_alert_is_not_sent_again(status: int) -> None:
    """One attempt; its end, of which the receiver knows nothing, is not sent either."""
    channel = Channel(responding(status))
    async with channel.running():
        for name, firing in (("a", True), ("a", False), ("b", True)):
            channel.delivery.publish(alert(name, firing=firing))
            if firing:
                await channel.outcomes.get()

    assert channel.sent == ["ALERT (error): a failed", "ALERT (error): b failed"]


async def test_receiver_that_never_responds_is_given_up() -> None:
    """After the total time-out of the policy."""

    async def hang() -> int:
        await asyncio.Event().wait()
        raise AssertionError("unreachable")

    channel = Channel(hang, policy=CallPolicy(total_timeout=0.05))
    async with channel.running():
        channel.delivery.publish(alert("a", firing=True))

        assert await channel.outcomes.get() == "undelivered"


@pytest.mark.parametrize("value", UNREPRESENTABLE_RETRY_AFTER)
async def test_unrepresentable_retry_after_does_not_end_the_delivery(value: str) -> None:
    """The next alert arrives."""
    channel = Channel(responding(429, 429, 429), headers={"Retry-After": value})
    async with channel.running():
        for name in ("a", "b"):
            channel.delivery.publish(alert(name, firing=True))
            await channel.outcomes.get()

    assert channel.sent[3:] == ["ALERT (error): b failed"]


async def test_unexpected_error_counts_as_undelivered() -> None:
    """Whatever it is, the delivery goes on with the next alert."""
    failures = [ZeroDivisionError()]

    async def respond() -> int:
        if failures:
            raise failures.pop()
        return 200

    channel = Channel(respond)
    async with channel.running():
        outcomes = []
        for name in ("a", "b"):
            channel.delivery.publish(alert(name, firing=True))
            outcomes.append(await channel.outcomes.get())

    assert outcomes == ["undelivered", "delivered"]
