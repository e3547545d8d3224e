"""The TTS vendor's socket: audio for what was said, and a reason before it hangs up."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from orchestrator.resilience.policy import NO_RETRY
from orchestrator.vendors.errors import RequestRejected
from orchestrator.vendors.tts.client import TtsClient
from provider_verification.stubs.engine.server import run_stubs

KEY = "stub-tts-key"


@pytest.fixture
def tts() -> Iterator[str]:
    """The stub's address."""
    with run_stubs(["tts"]) as urls:
        yield urls["tts"]


@pytest.fixture
async def http(tts: str) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the stub that knows the key."""
    async with httpx.AsyncClient(base_url=tts, headers={"xi-api-key": KEY}) as client:
        yield client


async def words(*texts: str) -> AsyncIterator[str]:
    """A text as it is written."""
    for text in texts:
        yield text


async def talk(tts: str, *messages: Any, query: str = "", key: str = KEY) -> tuple[list[Any], int | None]:
    """Send messages; all that was answered, and the code of the end."""
    url = f"ws{tts.removeprefix('http')}/v1/text-to-speech/concierge/stream-input?{query}"
    answers = []
    async with connect(url, additional_headers={"xi-api-key": key}) as socket:
        for message in messages:
            await socket.send(message if isinstance(message, str) else json.dumps(message))
        try:
            while True:
                answers.append(json.loads(await socket.recv()))
        except ConnectionClosed as closed:
            return answers, closed.rcvd.code if closed.rcvd else None


async def test_our_client_is_understood(tts: str, http: httpx.AsyncClient) -> None:
    """Each piece is audio with the times of its characters; the characters are used up, and nothing was refused."""
    client = TtsClient(base_url=tts, api_key=KEY, http=http, policy=NO_RETRY)

    async with client.stream_input(words("Good", "evening."), voice_id="concierge") as pieces:
        heard = [piece async for piece in pieces]

    assert ["".join(piece.alignment.chars) for piece in heard if piece.alignment] == ["Good ", "evening. "]
    assert [piece.audio[:2] for piece in heard] == [b"\xff\xfb", b"\xff\xfb"]
    assert (await http.get("/_stub/violations")).json() == []
    plan = (await http.get("/v1/user/subscription")).json()
    assert plan["character_count"] == len("Good evening. ")


async def test_our_client_reads_a_refusal(tts: str, http: httpx.AsyncClient) -> None:
    """By the vendor's own code."""
    quota = {"state": "a quota", "params": {"remaining": 2}}
    (await http.post("/_stub/states", json=quota)).raise_for_status()
    client = TtsClient(base_url=tts, api_key=KEY, http=http, policy=NO_RETRY)

    with pytest.raises(RequestRejected) as refused:
        async with client.stream_input(words("Good"), voice_id="concierge") as pieces:
            await anext(pieces)

    assert refused.value.code == "quota_exceeded"


async def test_text_waits_until_there_is_enough(tts: str) -> None:
    """Fifty characters as the caller asked, or the end."""
    first = {"text": " ", "generation_config": {"chunk_length_schedule": [50]}}
    thirty = {"text": "x" * 29 + " "}

    answers, code = await talk(tts, first, thirty, thirty, thirty, {"text": ""}, query="sync_alignment=true")

    lengths = [len(answer["alignment"]["chars"]) for answer in answers[:-1]]
    assert (lengths, answers[-1], code) == ([60, 30], {"isFinal": True, "audio": None}, 1000)


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
async def test_the_vendor_says_why_it_hangs_up(
    tts: str, messages: list[Any], query: str, key: str, error: str
) -> None:
    """A last message, and the code of a policy violation."""
    answers, code = await talk(tts, *messages, query=query, key=key)

    assert ([answer["error"] for answer in answers], code) == ([error], 1008)


async def test_a_wrong_message_is_a_violation(tts: str, http: httpx.AsyncClient) -> None:
    """Where, which rule, and where it is documented."""
    await talk(tts, {"text": " "}, {"text": "Good"})

    (noted,) = (await http.get("/_stub/violations")).json()
    assert (noted["kind"], noted["operation"], noted["where"], noted["rule"], noted["documented"]) == (
        "rejected", "streamInput", "message.text", "pattern", "schemas/tts/live.json#/$defs/SendText",
    )  # fmt: skip
