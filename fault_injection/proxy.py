"""A TCP proxy on loopback in front of one vendor: injects the faults that HTTP cannot express.

The names of the faults are those of WireMock and Toxiproxy where they have one.
"""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from fault_injection.http_messages import RawMessage, read_message

HOST = "127.0.0.1"
GARBAGE = bytes(range(128, 192))
SLICES = 3

Forward = Callable[[RawMessage], Awaitable[RawMessage | None]]
ToxicName = Literal[
    "plain_text_in_tls",
    "reset_peer",
    "reset_in_headers",
    "reset_in_body",
    "timeout",
    "latency",
    "slicer",
    "slicer_in_body",
    "limit_data",
    "content_length_too_long",
    "content_length_too_short",
    "MALFORMED_RESPONSE_CHUNK",
    "RANDOM_DATA_THEN_CLOSE",
    "EMPTY_RESPONSE",
    "slow_close",
    "stall_in_body",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Toxic:
    """What the proxy does to the next exchanges.

    Args:
        name: the fault.
        seconds: the delay of `latency` and `slow_close`, or between two slices.
        times: how many exchanges get the fault; None for all.
    """

    name: ToxicName
    seconds: float = 0.0
    times: int | None = None


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request that reached the proxy, and the vendor's response unless the request was not forwarded."""

    request: RawMessage
    response: RawMessage | None
    time: float


class FaultProxy:
    """Forwards connections to a vendor, and damages the responses as its toxic says.

    Args:
        forward: sends a request to the vendor and returns its response, or None if there is none.

    Attributes:
        exchanges: every request since the last call of `inject`.
        connections: how many connections were accepted since then.
    """

    def __init__(self, forward: Forward) -> None:
        self._forward = forward
        self._server: asyncio.Server | None = None
        self._toxic: Toxic | None = None
        self._used = 0
        self._matching: list[tuple[Callable[[RawMessage], bool], Toxic]] = []
        self._tasks: dict[asyncio.Task[None], asyncio.StreamWriter] = {}
        self.exchanges: list[Exchange] = []
        self.connections = 0

    async def start(self, listener: socket.socket | None = None) -> None:
        """Listen on a socket that is bound already, or on a free port."""
        if listener is None:
            listener = socket.create_server((HOST, 0))
        self._server = await asyncio.start_server(self._serve, sock=listener)

    @property
    def port(self) -> int:
        """The port that the proxy listens on."""
        assert self._server is not None, "the proxy is not started"  # noqa: S101 - a mistake of the caller
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    async def stop(self) -> None:
        """Stop listening and close all connections."""
        if self._server is not None:
            self._server.close()
        await self.close_connections()

    async def close_connections(self) -> None:
        """Close all connections, so that the next request of a client opens a new one."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def inject(self, toxic: Toxic | None) -> None:
        """Apply a toxic, or none, to the exchanges that follow, on new connections."""
        await self.close_connections()
        self._toxic, self._used = toxic, 0
        self.exchanges.clear()
        self.connections = 0

    def clear(self) -> None:
        """End every toxic for the exchanges that follow, on the connections that are open."""
        self._toxic = None
        self._matching.clear()

    def inject_matching(self, matches: Callable[[RawMessage], bool], toxic: Toxic) -> None:
        """Apply a toxic to the requests that match, on the connections that are open too."""
        self._matching.append((matches, toxic))

    def _next_toxic(self, request: RawMessage) -> Toxic | None:
        for matches, matching in self._matching:
            if matches(request):
                return matching
        toxic = self._toxic
        if toxic is None or (toxic.times is not None and self._used >= toxic.times):
            return None
        self._used += 1
        return toxic

    def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # asyncio sets it only if the listener names the protocol; without it the kernel holds a slice back
        writer.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        task = asyncio.create_task(self._serve_connection(reader, writer))
        self._tasks[task] = writer
        task.add_done_callback(self._tasks.pop)

    async def _serve_connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            if self._toxic and self._toxic.name == "plain_text_in_tls":
                await reader.read(1)
                writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
                return
            while request := await read_message(reader):
                if not await self._exchange(request, reader, writer):
                    return
        except ConnectionError:
            return  # the client gave up
        finally:
            writer.close()

    async def _exchange(
        self, request: RawMessage, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> bool:
        """Run one exchange; return whether the connection stays open."""
        toxic = self._next_toxic(request)
        now = asyncio.get_running_loop().time()
        if toxic and toxic.name == "reset_peer":
            self.exchanges.append(Exchange(request, None, now))
            _reset(writer)
            return False
        response = await self._forward(request)
        self.exchanges.append(Exchange(request, response, now))
        if response is None:
            return False
        client = _Client(reader, writer)
        if toxic is None:
            return await client.send(response.to_bytes())
        return await client.send_damaged(response, toxic)


def _head(response: RawMessage, content_length: int, *headers: str) -> bytes:
    return response.with_framing(f"content-length: {content_length}", *headers)


def _half_body(response: RawMessage) -> bytes:
    return _head(response, len(response.body)) + response.body[: len(response.body) // 2]


RESETS: Mapping[ToxicName, Callable[[RawMessage], bytes]] = {
    "reset_in_headers": lambda response: response.head[: len(response.head) // 2],
    "reset_in_body": _half_body,
}
"""What is sent before a reset."""
TRUNCATIONS: Mapping[ToxicName, Callable[[RawMessage], bytes]] = {
    "limit_data": _half_body,
    "content_length_too_long": lambda response: _head(response, len(response.body) + 1) + response.body,
    "content_length_too_short": lambda response: _head(response, len(response.body) // 2) + response.body,
    "MALFORMED_RESPONSE_CHUNK": lambda response: (
        response.with_framing("transfer-encoding: chunked") + GARBAGE + b"\r\n"
    ),
    "RANDOM_DATA_THEN_CLOSE": lambda _: GARBAGE,
    "EMPTY_RESPONSE": lambda _: b"",
}
"""What is sent before the connection is closed."""


def forward_over_tcp(port: int) -> Forward:
    """Return a function that sends requests to a vendor on loopback, each on a connection of its own."""

    async def forward(request: RawMessage) -> RawMessage | None:
        reader, writer = await asyncio.open_connection(HOST, port)
        try:
            writer.write(request.to_bytes())
            return await read_message(reader)
        finally:
            writer.close()

    return forward


class _Client:
    """The client's side of an exchange; each method returns whether the connection stays open."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    async def send(self, content: bytes) -> bool:
        self._writer.write(content)
        await self._writer.drain()
        return True

    async def send_damaged(self, response: RawMessage, toxic: Toxic) -> bool:
        if toxic.name in RESETS:
            await self._send_and_reset(RESETS[toxic.name](response))
            return False
        if toxic.name in TRUNCATIONS:
            await self.send(TRUNCATIONS[toxic.name](response))
            return False
        return await self._send_slowly(response, toxic)

    async def _send_slowly(self, response: RawMessage, toxic: Toxic) -> bool:
        if toxic.name == "latency":
            await asyncio.sleep(toxic.seconds)
            return await self.send(response.to_bytes())
        if toxic.name == "slicer":
            return await self._send_slices(response.to_bytes(), toxic.seconds)
        if toxic.name == "slicer_in_body":
            await self.send(_head(response, len(response.body)))
            return await self._send_slices(response.body, toxic.seconds)
        if toxic.name == "slow_close":
            await self.send(_head(response, len(response.body), "connection: close") + response.body)
            await asyncio.sleep(toxic.seconds)
            return False
        if toxic.name == "stall_in_body":
            await self.send(_half_body(response))
        # this and `timeout`: until the client gives up
        await self._reader.read()
        return False

    async def _send_slices(self, content: bytes, pause: float) -> bool:
        size = max(1, -(-len(content) // SLICES))
        for start in range(0, len(content), size):
            await asyncio.sleep(pause)
            await self.send(content[start : start + size])
        return True

    async def _send_and_reset(self, content: bytes) -> None:
        await self.send(content)
        # the client reads what was sent before the reset discards it
        await asyncio.sleep(0.01)
        _reset(self._writer)


def _reset(writer: asyncio.StreamWriter) -> None:
    # with a linger time of zero the kernel sends RST; `abort` alone sends an orderly FIN
    linger = struct.pack("ii", 1, 0)
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    writer.transport.abort()
