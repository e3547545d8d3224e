"""The TTS stream: the first byte is passed on at once, and nothing is held back or kept."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest

from orchestrator.resilience.policy import NO_RETRY
from orchestrator.vendors.errors import RequestRejected, VendorUnavailable
from orchestrator.vendors.tts.client import SpeechRequest, TtsClient

HELLO = SpeechRequest(text="Hello", voice_id="v1")


class Vendor(httpx.AsyncBaseTransport):
    """A vendor that says one piece, and the next only when it is told to."""

    def __init__(self, *, status: int = 200, breaks: bool = False) -> None:
        self.go_on = asyncio.Event()
        self.closed = False
        self._status = status
        self._breaks = breaks

    async def handle_async_request(self, _: httpx.Request) -> httpx.Response:
        """Answer with a stream."""
        return httpx.Response(self._status, stream=_Stream(self), headers={"content-type": "audio/mpeg"})

    async def pieces(self) -> AsyncIterator[bytes]:
        """The audio."""
        yield b"first"
        await self.go_on.wait()
        if self._breaks:
            raise httpx.ReadError("connection reset")
        yield b"second"


class _Stream(httpx.AsyncByteStream):
    def __init__(self, vendor: Vendor) -> None:
        self._vendor = vendor

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self._vendor.pieces()

    async def aclose(self) -> None:
        self._vendor.closed = True


def client(vendor: Vendor) -> TtsClient:
    """A client of that vendor."""
    http = httpx.AsyncClient(transport=vendor)
    return TtsClient(base_url="http://tts.test", api_key="key", http=http, policy=NO_RETRY)


async def test_the_first_piece_comes_before_the_second_is_sent() -> None:
    """A caller hears the greeting begin while the vendor still speaks."""
    vendor = Vendor()

    async with client(vendor).stream(HELLO) as pieces:
        first = await asyncio.wait_for(anext(pieces), timeout=5)
        vendor.go_on.set()
        rest = [piece async for piece in pieces]

    assert (first, rest) == (b"first", [b"second"])


async def test_a_caller_who_hangs_up_closes_the_stream() -> None:
    """Leaving the block early gives the connection back."""
    vendor = Vendor()

    async with client(vendor).stream(HELLO) as pieces:
        await anext(pieces)

    assert vendor.closed


async def test_a_vendor_that_breaks_off_is_unavailable() -> None:
    """What was said is kept, the error is ours."""
    vendor = Vendor(breaks=True)
    vendor.go_on.set()
    heard: list[bytes] = []

    async def listen() -> None:
        async with client(vendor).stream(HELLO) as pieces:
            while True:
                heard.append(await anext(pieces))

    with pytest.raises(VendorUnavailable):
        await listen()

    assert heard == [b"first"]


async def test_a_refusal_comes_before_the_first_piece() -> None:
    """The error is raised on entering, and the connection is given back."""
    vendor = Vendor(status=400)
    vendor.go_on.set()

    with pytest.raises(RequestRejected):
        async with client(vendor).stream(HELLO):
            pass

    assert vendor.closed
