"""The TTS stream: each chunk is passed on immediately, and the connection is released."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest

from orchestrator.resilience.policy import NO_RETRY
from orchestrator.vendors.errors import RequestRejected, VendorUnavailable
from orchestrator.vendors.tts.client import SpeechRequest, TtsClient

HELLO = SpeechRequest(text="Hello", voice_id="v1", language_code="en")


class StreamingVendor(httpx.AsyncBaseTransport):
    """A vendor that sends one chunk, and the next only after `resume` is set."""

    def __init__(self, *, status: int = 200, breaks_off: bool = False) -> None:
        self.resume = asyncio.Event()
        self.closed = False
        self._status = status
        self._breaks_off = breaks_off

    async def handle_async_request(self, _: httpx.Request) -> httpx.Response:
        """Respond with a stream."""
        return httpx.Response(self._status, stream=_Stream(self), headers={"content-type": "audio/mpeg"})

    async def chunks(self) -> AsyncIterator[bytes]:
        """Give the chunks of audio."""
        yield b"first"
        await self.resume.wait()
        if self._breaks_off:
            raise httpx.ReadError("connection reset")
        yield b"second"


class _Stream(httpx.AsyncByteStream):
    def __init__(self, vendor: StreamingVendor) -> None:
        self._vendor = vendor

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self._vendor.chunks()

    async def aclose(self) -> None:
        self._vendor.closed = True


def create_client(vendor: StreamingVendor) -> TtsClient:
    """A client of this vendor."""
    http = httpx.AsyncClient(transport=vendor)
    return TtsClient(base_url="http://tts.test", api_key=lambda: "key", http=http, policy=NO_RETRY)


async def test_first_chunk_arrives_before_second_is_sent() -> None:
    """Playback can start while the vendor still synthesizes."""
    vendor = StreamingVendor()

    async with create_client(vendor).stream(HELLO) as chunks:
        first = await asyncio.wait_for(anext(chunks), timeout=5)
        vendor.resume.set()
        rest = [chunk async for chunk in chunks]

    assert (first, rest) == (b"first", [b"second"])


async def test_leaving_block_early_closes_stream() -> None:
    """The connection is released when a caller hangs up."""
    vendor = StreamingVendor()

    async with create_client(vendor).stream(HELLO) as chunks:
        await anext(chunks)

    assert vendor.closed


async def test_broken_stream_raises_vendor_unavailable() -> None:
    """The chunks received before the error are kept."""
    vendor = StreamingVendor(breaks_off=True)
    vendor.resume.set()
    received: list[bytes] = []

    async def listen() -> None:
        async with create_client(vendor).stream(HELLO) as chunks:
            while True:
                received.append(await anext(chunks))

    with pytest.raises(VendorUnavailable):
        await listen()

    assert received == [b"first"]


async def test_rejected_request_raises_on_entering_block() -> None:
    """The error is raised before the first chunk, and the connection is released."""
    vendor = StreamingVendor(status=400)
    vendor.resume.set()

    with pytest.raises(RequestRejected):
        async with create_client(vendor).stream(HELLO):
            pass

    assert vendor.closed
