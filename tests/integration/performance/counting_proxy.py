"""A proxy on a Unix socket that counts the round trips and the commands of a data server's clients."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from tests.integration.performance.wire_protocols import CommandReader

CHUNK_BYTES = 65_536
START_TIMEOUT_SECONDS = 120.0


@dataclass(frozen=True, slots=True)
class Traffic:
    """What clients sent.

    Attributes:
        round_trips: how often a client sent something and then waited for a reply.
        commands: commands of Redis, or statements of SQL; a pipeline is one round trip of several.
    """

    round_trips: int
    commands: int

    def __sub__(self, earlier: Traffic) -> Traffic:
        return Traffic(self.round_trips - earlier.round_trips, self.commands - earlier.commands)


class CountingProxy:
    """Forwards all connections unchanged.

    Args:
        target: the socket of the data server.
        create_reader: returns the reader of one connection's commands.
    """

    def __init__(self, target: Path, create_reader: Callable[[], CommandReader]) -> None:
        self._target = target
        self._create_reader = create_reader
        self._round_trips = self._commands = 0

    def traffic(self) -> Traffic:
        """Return everything since the start.

        A request of the service is counted completely when its response arrives: the service waits for the replies,
        which pass through here after the commands were counted.
        """
        return Traffic(self._round_trips, self._commands)

    async def serve_connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Forward one connection until either side closes it."""
        server_reader, server_writer = await asyncio.open_unix_connection(str(self._target))
        connection = _Connection(self._create_reader())

        def count(content: bytes) -> None:
            round_trips, commands = connection.count(content)
            self._round_trips += round_trips
            self._commands += commands

        try:
            await asyncio.gather(
                _forward(reader, server_writer, count),
                _forward(server_reader, writer, connection.note_reply),
            )
        finally:
            server_writer.close()
            writer.close()


class _Connection:
    """Counts the round trips of one connection."""

    def __init__(self, reader: CommandReader) -> None:
        self._reader = reader
        self._is_waiting = False

    def count(self, content: bytes) -> tuple[int, int]:
        """Return how many round trips begin with what the client sends, and how many commands end."""
        messages = self._reader.feed(content)
        begins = bool(messages) and not self._is_waiting
        self._is_waiting |= bool(messages)
        return int(begins), sum(messages)

    def note_reply(self, _content: bytes) -> None:
        self._is_waiting = False


async def _forward(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, note: Callable[[bytes], None]
) -> None:
    with suppress(ConnectionError):
        while content := await reader.read(CHUNK_BYTES):
            note(content)
            writer.write(content)
            await writer.drain()
    writer.close()


@contextmanager
def counting_proxy(
    listener: Path, target: Path, create_reader: Callable[[], CommandReader]
) -> Iterator[CountingProxy]:
    """Run a proxy in a thread as long as the block.

    Args:
        listener: the path of the socket that clients connect to.
        target: the socket of the data server.
        create_reader: returns the reader of one connection's commands.
    """
    proxy = CountingProxy(target, create_reader)
    started, stopping = threading.Event(), asyncio.Event()
    loops: list[asyncio.AbstractEventLoop] = []

    async def serve() -> None:
        loops.append(asyncio.get_running_loop())
        server = await asyncio.start_unix_server(proxy.serve_connection, str(listener))
        started.set()
        # the connections are cancelled by asyncio.run
        await stopping.wait()
        server.close()

    thread = threading.Thread(target=lambda: asyncio.run(serve()), daemon=True)
    thread.start()
    try:
        assert started.wait(START_TIMEOUT_SECONDS), "the proxy did not start"
        yield proxy
    finally:
        for loop in loops:
            loop.call_soon_threadsafe(stopping.set)
        thread.join(START_TIMEOUT_SECONDS)
