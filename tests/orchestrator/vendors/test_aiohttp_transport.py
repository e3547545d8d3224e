"""Connections to a vendor: reuse, the ends of a body, limits, and what happens if the vendor misbehaves."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

import httpx
import pytest

from orchestrator.vendors.aiohttp_transport import AiohttpTransport

OK = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"
INCOMPLETE = b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nok"
TIMEOUT_SECONDS = 20.0
Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class Vendor:
    """A server that sends the given bytes to each request.

    Args:
        responses: what it sends, one after the other; the last one again and again.
        closes: whether it closes the connection after each response.
    """

    def __init__(self, *responses: bytes, closes: bool = False) -> None:
        self._responses = list(responses)
        self._closes = closes
        self.connections = 0
        self.disconnects = False
        self.requests: list[bytes] = []
        self.asked = asyncio.Event()
        self.writers: list[asyncio.StreamWriter] = []
        self.ended = asyncio.Event()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection."""
        self.connections += 1
        self.writers.append(writer)
        with suppress(OSError, asyncio.IncompleteReadError):
            while True:
                self.requests.append(await reader.readuntil(b"\r\n\r\n"))
                self.asked.set()
                if self.disconnects:
                    break
                writer.write(self._responses.pop(0) if len(self._responses) > 1 else self._responses[0])
                if self._closes:
                    break
        self.ended.set()


@asynccontextmanager
async def running(serve: Serve) -> AsyncIterator[str]:
    """Run a server as long as the block and yield its URL."""
    connections: set[asyncio.Task[None]] = set()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task: asyncio.Task[None] | None = asyncio.current_task()
        assert task
        connections.add(task)
        try:
            await serve(reader, writer)
        finally:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
        # the clients have closed their connections
        if connections:
            await asyncio.wait(connections)


@asynccontextmanager
async def pooled(**limits: int) -> AsyncIterator[httpx.AsyncClient]:
    """A client with such a pool."""
    options: dict[str, int] = {"max_connections": 5, "max_keepalive_connections": 5} | limits
    transport = AiohttpTransport(httpx.Limits(**options, keepalive_expiry=60.0))
    async with httpx.AsyncClient(transport=transport, timeout=TIMEOUT_SECONDS) as client:
        yield client


async def get(*responses: bytes, closes: bool = False) -> httpx.Response:
    """The response to one request that the vendor responds to with these bytes."""
    async with running(Vendor(*responses, closes=closes).serve) as url, pooled() as client:
        return await client.get(url)


async def test_connection_is_used_again_after_the_whole_response() -> None:
    """Two requests, one connection."""
    vendor = Vendor(OK)
    async with running(vendor.serve) as url, pooled() as client:
        texts = [(await client.get(url)).text for _ in range(2)]
    assert (texts, vendor.connections) == (["ok", "ok"], 1)


async def test_post_is_sent_with_its_body_and_headers() -> None:
    """The request is HTTP/1.1 with the path, the query and Content-Length."""
    vendor = Vendor(OK)
    async with running(vendor.serve) as url, pooled() as client:
        await client.post(f"{url}/a", params={"b": "c d"}, json={"e": 1}, headers={"x-f": "g"})
    head = vendor.requests[0].lower()
    assert head.startswith(b"post /a?b=c+d http/1.1\r\nhost: 127.0.0.1")
    assert b"\r\nx-f: g\r\n" in head
    assert b"\r\ncontent-length: 7\r\n" in head


@pytest.mark.parametrize(
    "response",
    [
        b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok",
        b"HTTP/1.0 200 OK\r\ncontent-length: 2\r\n\r\nok",
        OK + b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nevil",
    ],
    ids=["close", "1.0", "second response"],
)
async def test_connection_is_not_used_again_after_such_a_response(response: bytes) -> None:
    """The next request has a connection of its own, and gets its own response."""
    vendor = Vendor(response, OK)
    async with running(vendor.serve) as url, pooled() as client:
        texts = [(await client.get(url)).text for _ in range(2)]
    assert (texts, vendor.connections) == (["ok", "ok"], 2)


async def test_connection_that_the_vendor_closed_while_idle_is_replaced() -> None:
    """The request after it does not fail."""
    vendor, other = Vendor(OK), Vendor(OK)
    async with running(vendor.serve) as url, running(other.serve) as other_url, pooled() as client:
        await client.get(url)
        vendor.writers[0].close()
        await vendor.writers[0].wait_closed()
        # the event loop sees the end of the idle connection while it serves another one
        await client.get(other_url)
        assert (await client.get(url)).text == "ok"
    assert vendor.connections == 2


@pytest.mark.parametrize(
    ("response", "text"),
    [
        (
            b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\nx-t: 1\r\n\r\n",
            "abc",
        ),
        (b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nlink: x\r\n\r\n" + OK, "ok"),
        (b"HTTP/1.1 204 No Content\r\n\r\n", ""),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n", ""),
    ],
    ids=["chunked", "informational", "204", "empty"],
)
async def test_body_ends_as_http_says(response: bytes, text: str) -> None:
    """The body is complete, without chunk sizes, and the headers are those of the final response."""
    received = await get(response)
    assert (received.text, received.is_success) == (text, True)
    assert not {"link", "x-t"} & received.headers.keys()


async def test_body_without_length_ends_with_the_connection() -> None:
    """As in HTTP/1.0."""
    assert (await get(b"HTTP/1.1 200 OK\r\n\r\nall of it", closes=True)).text == "all of it"


@pytest.mark.parametrize(
    "response",
    [
        b"",
        b"HTTP/1.1 200 O",
        b"HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nok",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n",
        b"SSH-2.0-OpenSSH\r\n",
        b"HTTP/1.1 200 OK\r\nx: " + b"a" * 100_000,
        OK + b"garbage",
    ],
    ids=["nothing", "half a head", "short", "no last chunk", "not http", "long head", "garbage"],
)
async def test_broken_response_is_a_protocol_error(response: bytes) -> None:
    """It never passes for a complete one."""
    with pytest.raises(httpx.RemoteProtocolError):
        await get(response, closes=True)


@pytest.mark.parametrize("header", ["a\r\nx-injected: 1", "a\nb", "a\0b"])
async def test_line_break_in_a_header_is_not_sent(header: str) -> None:
    """It would end the header."""
    vendor = Vendor(OK)
    async with running(vendor.serve) as url, pooled() as client:
        with pytest.raises(httpx.LocalProtocolError):
            await client.get(url, headers={"x-a": header})
    assert vendor.requests == []


async def test_vendor_that_sends_nothing_is_a_read_timeout() -> None:
    """The wait for bytes is limited, and the connection is closed."""
    vendor = Vendor(b"")
    async with running(vendor.serve) as url, pooled() as client:
        with pytest.raises(httpx.ReadTimeout):
            await client.get(url, timeout=httpx.Timeout(TIMEOUT_SECONDS, read=0.05))
        async with asyncio.timeout(TIMEOUT_SECONDS):
            await vendor.ended.wait()


async def test_cancelled_request_closes_its_connection_and_frees_its_place() -> None:
    """The next request of a pool of one connection is served."""
    vendor = Vendor(b"", OK)
    async with running(vendor.serve) as url, pooled(max_connections=1) as client:
        request = asyncio.create_task(client.get(url))
        async with asyncio.timeout(TIMEOUT_SECONDS):
            await vendor.asked.wait()
            request.cancel()
            await asyncio.wait([request])
            await vendor.ended.wait()
            assert (await client.get(url)).text == "ok"


async def test_no_free_connection_is_a_timeout() -> None:
    """A response that is not complete holds its connection."""
    async with (
        running(Vendor(INCOMPLETE).serve) as url,
        pooled(max_connections=1) as client,
        client.stream("GET", url),
    ):
        with pytest.raises(httpx.ConnectTimeout):
            await client.get(url, timeout=httpx.Timeout(TIMEOUT_SECONDS, connect=0.05, pool=0.05))


async def test_response_that_is_closed_early_closes_the_connection() -> None:
    """The rest of its body would be read as the next response."""
    vendor = Vendor(INCOMPLETE, OK)
    async with running(vendor.serve) as url, pooled() as client:
        async with client.stream("GET", url):
            pass
        assert (await client.get(url)).text == "ok"
    assert vendor.connections == 2


async def test_vendor_waits_for_a_slow_reader() -> None:
    """What is buffered is bounded, and nothing is lost."""
    size = 20 * 1024 * 1024
    drained = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n" % size + bytes(size))
        await writer.drain()
        drained.set()

    async with running(serve) as url, pooled() as client, client.stream("GET", url) as response:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await drained.wait()
        assert sum([len(chunk) async for chunk in response.aiter_raw()]) == size


async def test_closed_port_is_a_connect_error() -> None:
    """Like a host that is not known."""
    async with pooled() as client:
        with pytest.raises(httpx.ConnectError):
            await client.get("http://127.0.0.1:1")


async def test_other_schemes_are_not_supported() -> None:
    """Only http and https."""
    async with pooled() as client:
        with pytest.raises(httpx.UnsupportedProtocol):
            await client.get("ftp://127.0.0.1")


async def test_vendor_that_is_no_tls_server_is_a_connect_error() -> None:
    """The handshake fails."""

    async def serve(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(OK)

    async with running(serve) as url, pooled() as client:
        with pytest.raises(httpx.ConnectError):
            await client.get(url.replace("http", "https"))


async def test_request_is_sent_once_although_the_vendor_disconnects() -> None:
    """The call policy repeats requests; aiohttp would do so too, on a connection that was used before."""
    vendor = Vendor(OK)
    async with running(vendor.serve) as url, pooled() as client:
        await client.get(url)
        vendor.disconnects = True
        with pytest.raises(httpx.RemoteProtocolError):
            await client.get(url)
    assert len(vendor.requests) == 2


async def test_cookies_of_a_vendor_are_not_sent_by_the_transport() -> None:
    """Requests of all guests share the connections."""
    vendor = Vendor(b"HTTP/1.1 200 OK\r\nset-cookie: a=b\r\ncontent-length: 2\r\n\r\nok")
    transport = AiohttpTransport(httpx.Limits())
    async with running(vendor.serve) as url:
        for _ in range(2):
            response = await transport.handle_async_request(httpx.Request("GET", url))
            await response.aread()
        await transport.aclose()
    assert b"cookie" not in vendor.requests[1].lower()
