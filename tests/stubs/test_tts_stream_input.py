"""The TTS vendor's WebSocket: audio for text, and an error message before the vendor closes."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from orchestrator.resilience.policy import NO_RETRY
from orchestrator.vendors.errors import AccessDenied
from orchestrator.vendors.tts.client import TtsClient
from provider_verification.stubs.engine.server import run_stubs

KEY = "stub-tts-key"


@pytest.fixture
def tts() -> Iterator[str]:
    """The stub's base URL."""
    with run_stubs(["tts"]) as urls:
        yield urls["tts"]


@pytest.fixture
async def http(tts: str) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the stub that sends a valid API key."""
    async with httpx.AsyncClient(base_url=tts, headers={"xi-api-key": KEY}) as client:
        yield client


async def stream(*texts: str) -> AsyncIterator[str]:
    """Yield a text in parts."""
    for text in texts:
        yield text


async def exchange(tts: str, *messages: Any, query: str = "", key: str = KEY) -> tuple[list[Any], int | None]:
    """Send messages; return all responses and the close code."""
    url = f"ws{tts.removeprefix('http')}/v1/text-to-speech/concierge/stream-input?{query}"
    responses = []
    async with connect(url, additional_headers={"xi-api-key": key}) as socket:
        for message in messages:
            await socket.send(message if isinstance(message, str) else json.dumps(message))
        try:
            while True:
                responses.append(json.loads(await socket.recv()))
        except ConnectionClosed as closed:
            return responses, closed.rcvd.code if closed.rcvd else None


async def test_client_receives_audio_with_alignment(tts: str, http: httpx.AsyncClient) -> None:
    """Each chunk has audio and the times of its characters, which count against the quota; there is no violation."""
    client = TtsClient(base_url=tts, api_key=lambda: KEY, http=http, policy=NO_RETRY)

    async with client.stream_input(
        stream("Good", "evening."), voice_id="concierge", with_times=True
    ) as chunks:
        received = [chunk async for chunk in chunks]

    assert ["".join(chunk.alignment.chars) for chunk in received if chunk.alignment] == ["Good ", "evening. "]
    assert [chunk.audio[:2] for chunk in received] == [b"\xff\xfb", b"\xff\xfb"]
    assert (await http.get("/_stub/violations")).json() == []
    [entry] = (await http.get("/_stub/requests")).json()
    assert entry["exercised"] == [
        "a piece of live speech",
        "a piece of live speech with times",
        "the end of live speech",
    ]
    subscription = (await http.get("/v1/user/subscription")).json()
    assert subscription["character_count"] == len("Good evening. ")


async def test_client_raises_vendor_error_code(tts: str, http: httpx.AsyncClient) -> None:
    """The client's error has the vendor's own code."""
    quota = {"state": "a quota", "params": {"remaining": 2}}
    (await http.post("/_stub/states", json=quota)).raise_for_status()
    client = TtsClient(base_url=tts, api_key=lambda: KEY, http=http, policy=NO_RETRY)

    with pytest.raises(AccessDenied) as error:
        async with client.stream_input(stream("Good"), voice_id="concierge") as chunks:
            await anext(chunks)

    assert error.value.code == "quota_exceeded"


async def test_text_is_buffered_to_the_requested_chunk_length(tts: str) -> None:
    """Audio is generated for at least 50 characters, as the client asked, or at the end of the text."""
    first = {"text": " ", "generation_config": {"chunk_length_schedule": [50]}}
    thirty = {"text": "x" * 29 + " "}

    responses, code = await exchange(
        tts, first, thirty, thirty, thirty, {"text": ""}, query="sync_alignment=true"
    )

    lengths = [len(response["alignment"]["chars"]) for response in responses[:-1]]
    assert (lengths, responses[-1], code) == ([60, 30], {"isFinal": True, "audio": None}, 1000)


@pytest.mark.parametrize(
    ("messages", "query", "key", "error"),
    [
        (["{"], "", KEY, "invalid_message"),
        ([[]], "", KEY, "invalid_message"),
        ([{"text": "Good "}], "", KEY, "invalid_message"),
        ([{"text": " "}, {"text": "Good"}], "", KEY, "invalid_message"),
        ([], "inactivity_timeout=181", KEY, "invalid_message"),
        ([], "inactivity_timeout=0", KEY, "input_timeout_exceeded"),
        ([{"text": " "}], "", "wrong", "invalid_api_key"),
    ],
)
async def test_error_message_precedes_policy_violation_close(
    tts: str, messages: list[Any], query: str, key: str, error: str
) -> None:
    """The vendor sends an error message and closes with 1008."""
    responses, code = await exchange(tts, *messages, query=query, key=key)

    assert ([response["error"] for response in responses], code) == ([error], 1008)


async def test_invalid_message_is_recorded_as_violation(tts: str, http: httpx.AsyncClient) -> None:
    """The violation has the location, the rule and the schema pointer."""
    await exchange(tts, {"text": " "}, {"text": "Good"})

    [violation] = (await http.get("/_stub/violations")).json()
    assert violation["kind"] == "rejected"
    assert (violation["operation"], violation["where"]) == ("streamInput", "message.text")
    assert (violation["rule"], violation["documented"]) == (
        "pattern",
        "schemas/tts/live.json#/$defs/SendText",
    )
