"""How long a transfer waits for a telephone to be answered; sockets are real, time is virtual."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import cast

import pytest

from fault_injection.virtual_time import VirtualTimeLoop
from orchestrator.calls.ports import DependencyUnavailableError
from orchestrator.container.vendors import create_vendor_services
from orchestrator.observability.metrics import Metrics
from orchestrator.settings import load_settings
from orchestrator.state.memory import InMemoryStateStore
from orchestrator.telephony.livekit import LiveKitTelephony
from tests.orchestrator.dummy_settings import DUMMY_VENDOR_SETTINGS

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"
RINGING_SECONDS = 45
SETTINGS = {
    "PMS_KIND": "memory",
    "LIVEKIT_API_SECRET": "s" * 32,
    "TRANSFER_RINGING_SECONDS": str(RINGING_SECONDS),
}


@asynccontextmanager
async def _livekit(response_seconds: float) -> AsyncIterator[str]:
    """Serve a LiveKit that responds after some seconds; yield its address."""
    handlers: set[asyncio.Task[None]] = set()

    async def respond(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        handlers.add(cast("asyncio.Task[None]", asyncio.current_task()))
        try:
            await reader.readuntil(b"\r\n\r\n")
            await asyncio.sleep(response_seconds)
            writer.write(ANSWER)
        finally:
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()

    server = await asyncio.start_server(respond, "127.0.0.1", 0)
    yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    server.close()
    for handler in handlers:
        handler.cancel()
    await asyncio.gather(*handlers, return_exceptions=True)


async def _use_telephony(
    use: Callable[[LiveKitTelephony], Awaitable[None]], response_seconds: float
) -> tuple[Exception | None, float]:
    """Use a LiveKit that responds after some seconds; return the error, if any, and how long it took."""
    time, error = asyncio.get_running_loop().time, None
    async with _livekit(response_seconds) as url:
        settings = load_settings({**DUMMY_VENDOR_SETTINGS, **SETTINGS, "LIVEKIT_URL": url})
        vendors = create_vendor_services(lambda: settings, InMemoryStateStore(), Metrics(), lambda *_: None)
        started = time()
        try:
            await use(vendors.telephony)
        except DependencyUnavailableError as unavailable:
            error = unavailable
        seconds = time() - started
        for pool in vendors.http_pools.values():
            await pool.aclose()
    return error, seconds


async def _transfer(telephony: LiveKitTelephony) -> None:
    await telephony.transfer_caller("call-1", "caller", "tel:+4930000000")


async def _close_room(telephony: LiveKitTelephony) -> None:
    await telephony.close_room("call-1")


@pytest.mark.parametrize(
    ("use", "response_seconds", "is_answered", "limit"),
    [
        (_transfer, RINGING_SECONDS, True, RINGING_SECONDS),
        (_transfer, RINGING_SECONDS + 60, False, RINGING_SECONDS + 10),
        (_close_room, RINGING_SECONDS, False, 5),
    ],
    ids=["answered at last", "no response", "another request"],
)
def test_transfer_is_waited_for_as_long_as_the_telephone_rings(
    use: Callable[[LiveKitTelephony], Awaitable[None]],
    response_seconds: float,
    limit: float,
    *,
    is_answered: bool,
) -> None:
    """And a little longer, for the response; every other request to LiveKit has the ordinary deadline."""
    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        error, seconds = runner.run(_use_telephony(use, response_seconds))

    assert (error is None) is is_answered
    assert limit - 3 <= seconds <= limit + 1
