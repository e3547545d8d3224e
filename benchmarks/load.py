"""A load over raw keep-alive connections: cheap enough that the server is what is measured."""

from __future__ import annotations

import asyncio
import time
from urllib.parse import urlsplit

CONNECTIONS = 8


def requests_per_second(url: str, request: bytes, seconds: float) -> float:
    """How many of these requests a server answers with 200 in a second.

    Raises:
        AssertionError: it answered with anything else.
    """
    parts = urlsplit(url)
    return asyncio.run(_all(str(parts.hostname), parts.port or 80, request, seconds))


async def _all(host: str, port: int, request: bytes, seconds: float) -> float:
    ends = time.perf_counter() + seconds
    started = time.perf_counter()
    counts = await asyncio.gather(*(_one(host, port, request, ends) for _ in range(CONNECTIONS)))
    return sum(counts) / (time.perf_counter() - started)


async def _one(host: str, port: int, request: bytes, ends: float) -> int:
    reader, writer = await asyncio.open_connection(host, port)
    count = 0
    while time.perf_counter() < ends:
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 200"):
            raise AssertionError(head.decode("latin-1"))
        length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
        await reader.readexactly(length)
        count += 1
    writer.close()
    return count
