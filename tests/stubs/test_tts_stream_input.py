"""The TTS vendor's WebSocket: audio for text, and an error message before the vendor closes."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from orchestrator.resilience.policy import NO_RETRY
from orchestrator.vendors.errors import AccessDenied
from orchestrator.vendors.tts.client import TtsClient
from provider_verification.stubs.engine.server import run_stubs
from provider_verification.stubs.vendors.tts.state import API_KEY as KEY
from tests.stubs.tts_stream_calls import FIRST, SETTINGS, exchange


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
    ("messages", "query", "error"),
    [
        (["{"], "", "invalid_input_message"),
        ([[]], "", "invalid_input_message"),
        ([b'{"text": " "}'], "", "invalid_input_message"),
        (['{"text": "\\ud800"}'], "", "invalid_input_message"),
        ([FIRST, '{"text": "Good \\udfff "}'], "", "invalid_input_message"),
        (["[" * 100_000], "", "invalid_input_message"),
        (['{"text": " ", "voice_settings": ' + '{"a":' * 50_000 + "1" + "}" * 50_001], "", "invalid_input_message"),
        ([{"text": "Good "}], "", "invalid_input_message"),
        ([FIRST, {"text": 5}], "", "invalid_input_message"),
        ([FIRST, {"flush": True}], "", "invalid_input_message"),
        ([{**FIRST, "voice_settings": SETTINGS}, {"text": "A ", "voice_settings": {"stability": 0.6}}], "", "invalid_input_message"),
        ([FIRST, {"text": "A ", "voice_settings": SETTINGS}], "", "invalid_input_message"),
        ([FIRST, {"text": "A ", "generator_config": {"chunk_length_schedule": [50]}}], "", "invalid_input_message"),
        ([{**FIRST, "voice_settings": {"stability": 1.5}}], "", "invalid_voice_settings"),
        ([{**FIRST, "pronunciation_dictionary_locators": [{"pronunciation_dictionary_id": "x", "version_id": "1"}]}], "", "pronunciation_dictionary_not_found"),
        ([], "output_format=mp3_1", "invalid_output_format"),
        ([], "model_id=eleven_monolingual_v1", "model_not_found"),
        ([], "model_id=eleven_multilingual_v2&language_code=de", "unsupported_language"),
        ([], "inactivity_timeout=181", "invalid_parameters"),
        ([], "inactivity_timeout=-1", "invalid_parameters"),
        ([], "sync_alignment=maybe", "invalid_parameters"),
        ([], "apply_text_normalization=never", "invalid_parameters"),
        ([], "seed=4294967296", "invalid_parameters"),
        ([], "inactivity_timeout=0", "input_timeout_exceeded"),
    ],
)  # fmt: skip
async def test_error_message_precedes_policy_violation_close(
    tts: str, messages: list[Any], query: str, error: str
) -> None:
    """The vendor sends an error message and closes with 1008; the next connection is served."""
    responses, code = await exchange(tts, *messages, query=query)

    assert ([response["error"] for response in responses], code) == ([error], 1008)
    assert set(responses[0]) == {"message", "error", "code"}
    assert (await exchange(tts, FIRST, {"text": ""}))[1] == 1000


@pytest.mark.parametrize("name", ["xi_api_key", "xi-api-key"])
async def test_key_in_first_message_is_accepted(tts: str, http: httpx.AsyncClient, name: str) -> None:
    """The vendor's AsyncAPI document has both spellings."""
    responses, code = await exchange(
        tts, {**FIRST, name: KEY}, {"text": "Good", "flush": True}, {"text": ""}, key=None
    )

    assert (len(responses), code) == (2, 1000)
    assert (await http.get("/_stub/violations")).json() == []


async def test_first_message_of_the_sdk_is_accepted(tts: str, http: httpx.AsyncClient) -> None:
    """The vendor's own SDK sends `null` for settings that are not given, and repeats nothing."""
    first = {
        "text": " ",
        "try_trigger_generation": True,
        "voice_settings": None,
        "generation_config": {"chunk_length_schedule": [50]},
    }

    responses, code = await exchange(
        tts, first, {"text": "Good ", "try_trigger_generation": True}, {"text": ""}
    )

    assert (len(responses), code) == (2, 1000)
    assert (await http.get("/_stub/violations")).json() == []


async def test_repeated_settings_and_words_without_blank_are_accepted(
    tts: str, http: httpx.AsyncClient
) -> None:
    """Settings may be repeated unchanged, and a text need not end with a blank: the vendor's document only recommends it."""
    settings = {"voice_settings": SETTINGS}
    responses, code = await exchange(
        tts,
        {**FIRST, **settings},
        {"text": "Good", "voice_settings": {**SETTINGS, "speed": None}},
        {"text": "ness", **settings},
        {"text": ""},
        query="sync_alignment=true",
    )

    assert ("".join(responses[0]["alignment"]["chars"]), code) == ("Goodness", 1000)
    assert (await http.get("/_stub/violations")).json() == []


async def test_auto_mode_sends_audio_for_each_text(tts: str) -> None:
    """`auto_mode` disables the buffer."""
    responses, _ = await exchange(
        tts, FIRST, {"text": "Good "}, {"text": "evening. "}, {"text": ""}, query="auto_mode=true"
    )

    assert [bool(response["audio"]) for response in responses] == [True, True, False]


async def test_unknown_voice_closes_with_its_id(tts: str) -> None:
    """The reason of the close frame has at most 123 bytes, however long the id."""
    responses, code = await exchange(tts, FIRST, voice="%C3%BC" * 200)

    assert (responses[0]["error"], code) == ("voice_id_does_not_exist", 1008)


async def test_model_without_websocket_denies_the_handshake(tts: str, http: httpx.AsyncClient) -> None:
    """The handshake gets 400 and the vendor's error, which is a violation."""
    url = f"ws{tts.removeprefix('http')}/v1/text-to-speech/concierge/stream-input?model_id=eleven_v3"
    with pytest.raises(InvalidStatus) as error:
        await connect(url, additional_headers={"xi-api-key": KEY})

    response = error.value.response
    assert response.status_code == 400
    assert json.loads(response.body or b"")["detail"]["code"] == "unsupported_model"
    [violation] = (await http.get("/_stub/violations")).json()
    assert (violation["operation"], violation["where"]) == ("streamInput", "query.model_id")
    [request] = (await http.get("/_stub/requests")).json()
    assert (request["operation"], request["status"]) == ("streamInput", 400)


async def test_voice_of_another_plan_is_refused(tts: str, http: httpx.AsyncClient) -> None:
    """As over HTTP, before any text is sent."""
    state = {"state": "a voice of a paid plan", "params": {"voice_id": "celebrity"}}
    (await http.post("/_stub/states", json=state)).raise_for_status()

    responses, code = await exchange(tts, {"text": " "}, voice="celebrity")

    assert ([response["error"] for response in responses], code) == (["paid_plan_required"], 1008)
