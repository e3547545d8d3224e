"""A program: uses vendors' clients as the service does, with instrumented models. Its argument is the record's folder.

It is a process of its own, because the instrumentation of the vendors' models cannot be undone.
"""

from __future__ import annotations

import asyncio
import json
import sys
from contextlib import suppress
from pathlib import Path

import httpx

from contract_usage.instrumentation import install
from contract_usage.usage_log import UsageLog
from orchestrator.resilience.policy import NO_RETRY
from orchestrator.vendors.errors import NO_DETAILS, VendorError
from orchestrator.vendors.http_client import VendorHttpClient, VendorRequest
from orchestrator.vendors.livekit.client import LiveKitClient
from orchestrator.vendors.livekit.models import StartedEgress
from orchestrator.vendors.livekit.tokens import AccessTokenFactory
from orchestrator.vendors.livekit.webhooks import parse_event
from orchestrator.vendors.tts.client import SpeechRequest, TtsClient
from orchestrator.vendors.vault.client import VaultClient

URL = "http://vendor.example"
CALLER = {"identity": "caller", "kind": "SIP"}
LINE = {"audio_base64": "AAAA"}
VERSION = {"version": 1}
RESPONSES: dict[str, tuple[int, object]] = {
    "/twirp/livekit.RoomService/ListParticipants": (200, {"participants": [CALLER]}),
    "/twirp/livekit.RoomService/DeleteRoom": (404, {"code": "not_found", "msg": "in words"}),
    "/twirp/livekit.Egress/StartRoomCompositeEgress": (200, {"egress_id": "EG_1"}),
    "/twirp/livekit.RoomService/CreateRoom": (200, {"name": "call-1"}),
    "/v1/text-to-speech/V1/stream": (401, {"detail": {"status": "quota_exceeded", "message": "in words"}}),
    "/v1/text-to-speech/V1/stream/with-timestamps": (200, LINE),
    "/v1/secret/data/hotels/muc": (200, {"data": {"data": {"KEY": "x", "OTHER": "y"}, "metadata": VERSION}}),
    "/v1/auth/token/renew-self": (200, {"auth": "no object"}),
}


def respond(request: httpx.Request) -> httpx.Response:
    """Respond as the vendor whose path it is."""
    status, body = RESPONSES[request.url.path]
    return httpx.Response(status, json=body)


async def use_livekit(http: httpx.AsyncClient) -> None:
    """Read the identity of a participant; delete a room that does not exist."""
    tokens = AccessTokenFactory("key", "a-secret-of-at-least-32-characters")
    livekit = LiveKitClient(base_url=URL, tokens=tokens, http=http, policy=NO_RETRY)
    [caller] = (await livekit.list_participants("call-1")).participants
    assert caller.identity == "caller"
    with suppress(VendorError):
        await livekit.delete_room("call-2")


async def use_tts(http: httpx.AsyncClient) -> None:
    """Synthesize beyond the quota; stream a text with timestamps."""
    tts = TtsClient(base_url=URL, api_key=lambda: "key", http=http, policy=NO_RETRY)
    hello = SpeechRequest(text="Hello", voice_id="V1", language_code="en")
    with suppress(VendorError):
        async with tts.stream(hello):
            pass
    async with tts.stream_with_timestamps(hello) as chunks:
        async for chunk in chunks:
            assert chunk.audio_base64 == "AAAA"


async def use_vault(http: httpx.AsyncClient) -> None:
    """Read one value of a secret; a response that is not valid has no fields."""
    vault = VaultClient(base_url=URL, http=http, policy=NO_RETRY)
    secret = await vault.read_secret("token", "hotels/muc")
    assert secret.data["KEY"] == "x"
    with suppress(VendorError):
        await vault.renew_self("token")


async def parse_later(http: httpx.AsyncClient) -> None:
    """Parse a response after another request with the same name in the client got one."""
    client = VendorHttpClient(
        vendor="livekit", base_url=URL, http=http, policy=NO_RETRY, parse_error=lambda _: NO_DETAILS
    )
    first, _second = [
        await client.send(VendorRequest(operation="rooms", method="POST", path=f"/twirp/livekit.{name}"))
        for name in ("Egress/StartRoomCompositeEgress", "RoomService/CreateRoom")
    ]
    assert client.parse_json(StartedEgress, first).egress_id == "EG_1"


async def main() -> None:
    """Use the clients, and parse a webhook."""
    async with httpx.AsyncClient(transport=httpx.MockTransport(respond)) as http:
        await asyncio.gather(use_livekit(http), use_tts(http), use_vault(http), parse_later(http))
    event = {
        "event": "room_finished",
        "id": "EV_1",
        "createdAt": "1",
        "room": {"sid": "RM_1", "name": "call-1"},
    }
    assert parse_event(json.dumps(event).encode()).id == "EV_1"


if __name__ == "__main__":
    install(UsageLog(Path(sys.argv[1])))
    asyncio.run(main())
