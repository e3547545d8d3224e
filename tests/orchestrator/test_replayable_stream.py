"""A stream that several readers read from its start while it is being written."""

from __future__ import annotations

import asyncio

import pytest

from orchestrator.replayable_stream import ReplayableStream


async def test_every_reader_gets_all_items() -> None:
    """One that reads from the start on, and one that comes after the end."""
    stream: ReplayableStream[int] = ReplayableStream()

    async def read() -> list[int]:
        return [item async for item in stream]

    reading = asyncio.create_task(read())
    for item in (1, 2):
        await asyncio.sleep(0)
        stream.put(item)
    stream.end()

    assert (await reading, await read()) == ([1, 2], [1, 2])


async def test_error_follows_the_items() -> None:
    """A reader that waits for the start only does not get it."""
    stream: ReplayableStream[int] = ReplayableStream()
    stream.put(1)
    stream.end(LookupError("broken off"))
    reader = aiter(stream)

    await stream.wait_for_start()
    first = await anext(reader)
    with pytest.raises(LookupError):
        await anext(reader)

    assert first == 1


async def test_error_before_the_first_item_is_raised_by_the_wait() -> None:
    """Nothing has started."""
    stream: ReplayableStream[int] = ReplayableStream()
    stream.end(LookupError("refused"))

    with pytest.raises(LookupError):
        await stream.wait_for_start()
