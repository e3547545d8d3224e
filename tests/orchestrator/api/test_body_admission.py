"""A request gives its place back only while its body does not arrive."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from starlette.types import Message, Receive, Scope, Send

from orchestrator.api.middleware.admission import AdmissionMiddleware
from orchestrator.observability.metrics import Metrics
from orchestrator.resilience.admission import AdmissionController, AdmissionLimits

BODY: Message = {"type": "http.request", "body": b"{}", "more_body": False}
SCOPE: Scope = {"type": "http", "path": "/webhook/call-event", "client": ("192.0.2.1", 1)}
LIMITS = AdmissionLimits(in_progress=1, in_progress_per_client=1, waiting=1, max_wait=2)


class Body:
    """A body whose arrival the test decides."""

    def __init__(self) -> None:
        self.arrived = asyncio.Event()
        self.was_cancelled = False

    async def receive(self) -> Message:
        """Return the body as soon as it has arrived."""
        try:
            await self.arrived.wait()
        except asyncio.CancelledError:
            self.was_cancelled = True
            raise
        return BODY


async def serve(receive: Receive, requests: AdmissionController) -> tuple[Message, int]:
    """What the application receives, and how many requests are in progress then."""
    received: list[tuple[Message, int]] = []

    async def app(_scope: Scope, receive: Receive, _send: Send) -> None:
        received.append((await receive(), requests.in_progress()))

    async def send(_: Message) -> None:
        raise AssertionError("the application sends nothing")

    websockets = AdmissionController(LIMITS)
    await AdmissionMiddleware(app, requests, websockets, Metrics())(SCOPE, receive, send)
    return received[0]


async def run_until_suspended(served: Awaitable[tuple[Message, int]]) -> asyncio.Future[tuple[Message, int]]:
    """A request that has run until it waits for its body."""
    task = asyncio.ensure_future(served)
    await asyncio.sleep(0)
    return task


async def test_body_that_has_arrived_is_read_without_giving_the_place_back() -> None:
    """The request ends in its first turn, so nobody takes the place in between."""
    body, requests = Body(), AdmissionController(LIMITS)
    body.arrived.set()

    task = await run_until_suspended(serve(body.receive, requests))

    assert (task.done(), task.result(), requests.in_progress()) == (True, (BODY, 1), 0)


async def test_place_is_free_until_the_body_arrives() -> None:
    """The request takes it again before it goes on."""
    body, requests = Body(), AdmissionController(LIMITS)

    task = await run_until_suspended(serve(body.receive, requests))
    waiting = requests.in_progress()
    body.arrived.set()

    assert (waiting, await task, requests.in_progress()) == (0, (BODY, 1), 0)


async def test_body_that_is_cancelled_ends_what_waits_for_it() -> None:
    """Otherwise the server would keep the coroutine, and a place that is not taken be given back."""
    body, requests = Body(), AdmissionController(LIMITS)

    task = await run_until_suspended(serve(body.receive, requests))
    task.cancel()
    await asyncio.wait([task])

    assert (task.cancelled(), body.was_cancelled, requests.in_progress()) == (True, True, 0)


async def test_error_of_the_receiver_reaches_the_application() -> None:
    """Such as that of a body that does not arrive in time."""
    failing: list[Callable[[], Awaitable[Message]]] = []

    async def late() -> Message:
        await asyncio.sleep(0)
        raise TimeoutError

    async def early() -> Message:
        raise TimeoutError

    failing += [late, early]
    outcomes = await asyncio.gather(
        *(serve(receive, AdmissionController(LIMITS)) for receive in failing), return_exceptions=True
    )

    assert [type(outcome) for outcome in outcomes] == [TimeoutError, TimeoutError]
