"""What a client sees of the fault proxy, as bytes."""

from __future__ import annotations

import asyncio

import pytest

from fault_injection.http_messages import RawMessage
from fault_injection.proxy import HOST, FaultProxy, Toxic, ToxicName
from fault_injection.virtual_time import VirtualTimeLoop

REQUEST = b"POST /rooms HTTP/1.1\r\nhost: vendor\r\ncontent-length: 2\r\n\r\n{}"
HEAD = b"HTTP/1.1 200 OK\r\n"
RESPONSE = RawMessage(HEAD + b"content-length: 10\r\n\r\n", b"0123456789")


async def _forward(_: RawMessage) -> RawMessage | None:
    return RESPONSE


async def _receive(toxic: Toxic | None) -> tuple[bytes, float]:
    """Return what the client receives until the connection is closed, and when."""
    proxy = FaultProxy(_forward)
    await proxy.start()
    await proxy.inject(toxic)
    reader, writer = await asyncio.open_connection(HOST, proxy.port)
    writer.write(REQUEST)
    writer.write_eof()
    try:
        return await reader.read(), asyncio.get_running_loop().time()
    finally:
        writer.close()
        await proxy.stop()


def receive(name: ToxicName | None, seconds: float = 0.0) -> tuple[bytes, float]:
    """Return what a client receives under a toxic, and the virtual time in seconds."""
    toxic = Toxic(name=name, seconds=seconds) if name else None
    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        return runner.run(_receive(toxic))


@pytest.mark.parametrize(
    ("toxic", "received"),
    [
        (None, HEAD + b"content-length: 10\r\n\r\n0123456789"),
        ("limit_data", HEAD + b"content-length: 10\r\n\r\n01234"),
        ("content_length_too_long", HEAD + b"content-length: 11\r\n\r\n0123456789"),
        ("content_length_too_short", HEAD + b"content-length: 5\r\n\r\n0123456789"),
        ("EMPTY_RESPONSE", b""),
        ("timeout", b""),
    ],
)
def test_response_is_damaged(toxic: ToxicName | None, received: bytes) -> None:
    """The client receives exactly these bytes."""
    assert receive(toxic)[0] == received


@pytest.mark.parametrize("toxic", ["reset_peer", "reset_in_headers", "reset_in_body"])
def test_connection_is_reset(toxic: ToxicName) -> None:
    """The client gets a TCP reset."""
    with pytest.raises(ConnectionResetError):
        receive(toxic)


@pytest.mark.parametrize(
    ("toxic", "seconds"), [("latency", 3.0), ("slow_close", 3.0), ("slicer", 9.0), ("slicer_in_body", 9.0)]
)
def test_response_is_complete_and_late(toxic: ToxicName, seconds: float) -> None:
    """The client receives all of the body; slices come each after a delay."""
    received, time = receive(toxic, 3.0)

    assert received.endswith(b"0123456789")
    assert time == pytest.approx(seconds)
