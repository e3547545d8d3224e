"""Load over raw keep-alive connections, so cheap that the server is the bottleneck."""

from __future__ import annotations

import asyncio
import time
from urllib.parse import urlsplit

CONNECTIONS = 8


def requests_per_second(url: str, request: bytes, seconds: float) -> float:
    """Return how many of these requests per second a server responds to with 200.

    Raises:
        AssertionError: if it responds with another status.
    """
    parts = urlsplit(url)
    return asyncio.run(_run_connections(str(parts.hostname), parts.port or 80, request, seconds))


async def _run_connections(host: str, port: int, request: bytes, seconds: float) -> float:
    deadline = time.perf_counter() + seconds
    started = time.perf_counter()
    counts = await asyncio.gather(
        *(_run_connection(host, port, request, deadline) for _ in range(CONNECTIONS))
    )
    return sum(counts) / (time.perf_counter() - started)


async def _run_connection(host: str, port: int, request: bytes, deadline: float) -> int:
    reader, writer = await asyncio.open_connection(host, port)
    count = 0
    while time.perf_counter() < deadline:
        # not drained, because a request is smaller than any send buffer
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 200"):
            raise AssertionError(head.decode("latin-1"))
        length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
        await reader.readexactly(length)
        count += 1
    writer.close()
    return count
