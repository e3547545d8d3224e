"""What tests of the TTS vendor's WebSocket send."""

from __future__ import annotations

import json
from typing import Any

from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from provider_verification.stubs.vendors.tts.state import API_KEY as KEY

FIRST = {"text": " "}
SETTINGS = {"stability": 0.5, "similarity_boost": 0.75}


async def exchange(
    tts: str, *messages: Any, query: str = "", key: str | None = KEY, voice: str = "concierge"
) -> tuple[list[Any], int | None]:
    """Send messages; return all responses and the close code."""
    url = f"ws{tts.removeprefix('http')}/v1/text-to-speech/{voice}/stream-input?{query}"
    responses = []
    async with connect(url, additional_headers={"xi-api-key": key} if key else {}) as socket:
        for message in messages:
            await socket.send(message if isinstance(message, str | bytes) else json.dumps(message))
        try:
            while True:
                responses.append(json.loads(await socket.recv()))
        except ConnectionClosed as closed:
            return responses, closed.rcvd.code if closed.rcvd else None
