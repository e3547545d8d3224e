"""The event loop with virtual time."""

from __future__ import annotations

import asyncio
import socket
import time

import pytest

from fault_injection.virtual_time import VirtualTimeLoop


def test_delay_takes_virtual_time_only() -> None:
    """An hour passes at once."""
    started = time.monotonic()

    async def sleep() -> float:
        await asyncio.sleep(3600)
        return asyncio.get_running_loop().time()

    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        assert runner.run(sleep()) == pytest.approx(3600)
    assert time.monotonic() - started < 60


def test_shorter_timeout_ends_longer_delay() -> None:
    """Timers fire in their order."""

    async def sleep() -> float:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(2):
                await asyncio.sleep(5)
        return asyncio.get_running_loop().time()

    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        assert runner.run(sleep()) == pytest.approx(2)


def test_clock_stands_still_while_sockets_are_ready() -> None:
    """A round trip over loopback takes no virtual time."""

    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(await reader.readline())
        writer.close()

    async def round_trip() -> float:
        server = await asyncio.start_server(echo, "127.0.0.1", 0)
        async with server, asyncio.timeout(1):
            reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
            writer.write(b"line\n")
            assert await reader.readline() == b"line\n"
            writer.close()
        return asyncio.get_running_loop().time()

    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        assert runner.run(round_trip()) == 0.0


def test_invalid_names_do_not_resolve() -> None:
    """No DNS server is asked."""

    async def resolve() -> None:
        await asyncio.get_running_loop().getaddrinfo("vendor.invalid", 80)

    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner, pytest.raises(socket.gaierror):
        runner.run(resolve())
