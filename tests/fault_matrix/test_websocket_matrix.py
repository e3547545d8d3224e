"""Live speech over a WebSocket under every fault of the catalogue that applies to one."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from http import HTTPStatus
from typing import Any

import httpx
import pytest
from websockets.asyncio.server import ServerConnection, serve
from websockets.http11 import Request, Response

from fault_injection.catalogue import FAULTS, Fault, SocketFault, Target
from fault_injection.results import Cell, Reaction, save_cells
from fault_injection.virtual_time import VirtualTimeLoop
from orchestrator.vendors.errors import VendorError
from orchestrator.vendors.tts.client import TtsClient
from tests.fault_matrix.client_runner import POLICY

SOCKET_FAULTS = [fault for fault in FAULTS if fault.target is Target.WEBSOCKET]
AUDIO_MESSAGE = json.dumps({"audio": base64.b64encode(b"audio").decode()})
FINAL_MESSAGE = json.dumps({"isFinal": True})


class Vendor:
    """A vendor that sends a piece of audio for each text, until its fault."""

    def __init__(self, fault: SocketFault | None) -> None:
        self._fault = fault
        self.connections = 0

    def reject(self, connection: ServerConnection, _request: Request) -> Response | None:
        """Reject the handshake if the fault says so."""
        self.connections += 1
        if self._fault and self._fault.name == "reject":
            return connection.respond(HTTPStatus(self._fault.code), "")
        return None

    async def serve(self, socket: ServerConnection) -> None:
        """Send audio."""
        await socket.recv()
        await socket.recv()
        await socket.send(AUDIO_MESSAGE)
        match self._fault:
            case SocketFault("close", code):
                await socket.close(code)
            case SocketFault("reset"):
                socket.transport.abort()
            case SocketFault("stall"):
                await socket.wait_closed()
            case SocketFault("malformed"):
                await socket.send("{")
            case _:
                await socket.send(FINAL_MESSAGE)


async def text() -> AsyncIterator[str]:
    """The text to speak."""
    yield "Good evening."


async def speak(fault: SocketFault | None) -> tuple[list[bytes], VendorError | None, float, int]:
    """Return the audio, the error, the virtual time in seconds, and the number of connections."""
    vendor, audio, error = Vendor(fault), list[bytes](), None
    async with (
        serve(vendor.serve, "127.0.0.1", 0, process_request=vendor.reject, close_timeout=1) as server,
        httpx.AsyncClient() as http,
    ):
        port = next(iter(server.sockets)).getsockname()[1]
        client = TtsClient(
            base_url=f"http://127.0.0.1:{port}", api_key=lambda: "key", http=http, policy=POLICY
        )
        started = asyncio.get_running_loop().time()
        try:
            async with client.stream_input(text(), voice_id="concierge") as chunks:
                async for chunk in chunks:
                    audio.append(chunk.audio)
                    received_at = asyncio.get_running_loop().time()
        except VendorError as raised:
            error = raised
        seconds = asyncio.get_running_loop().time() - (received_at if audio else started)
    return audio, error, seconds, vendor.connections


def run(fault: SocketFault | None) -> tuple[list[bytes], VendorError | None, float, int]:
    """Run `speak` in virtual time."""
    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        return runner.run(speak(fault))


def test_undisturbed_speech_is_complete() -> None:
    """Without a fault the audio arrives."""
    audio, error, _, _ = run(None)

    assert (audio, error) == ([b"audio"], None)


@pytest.mark.parametrize("fault", SOCKET_FAULTS, ids=lambda fault: fault.name)
def test_fault_is_reported_in_time(fault: Fault) -> None:
    """What was received is kept, the right error is raised within the timeout, and nothing is repeated."""
    assert isinstance(fault.injection, SocketFault)
    audio, error, seconds, connections = run(fault.injection)

    save_cells("client", f"tts socket {fault.name}", [_cell(fault, audio, error, seconds)])
    assert type(error).__name__ == fault.raises
    assert getattr(error, "status", None) == fault.status
    assert audio == ([] if fault.injection.name == "reject" else [b"audio"])
    assert connections == 1
    assert seconds <= POLICY.attempt_timeout + 1.5  # the closing handshake takes at most a second more


def _cell(fault: Fault, audio: list[bytes], error: VendorError | None, seconds: float) -> Cell:
    facts: dict[str, Any] = {
        "Error": type(error).__name__,
        "Outcome": str(error),
        "Pieces of audio": len(audio),
        "Duration (virtual)": f"{seconds:.3f} s",
    }
    ok = type(error).__name__ == fault.raises
    reaction = Reaction.DEADLINE if fault.raises == "VendorTimeout" else Reaction.FAILED
    return {
        "matrix": "client",
        "section": "tts",
        "row": "live speech over a WebSocket",
        "request": "GET /v1/text-to-speech/{voice_id}/stream-input",
        "fault": fault.name,
        "reaction": reaction if ok else Reaction.FINDING,
        "problems": [] if ok else [f"{fault.raises} is expected, not {type(error).__name__}"],
        "facts": facts,
        "log": [],
    }
