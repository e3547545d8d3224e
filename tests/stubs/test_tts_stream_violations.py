"""What the TTS vendor's stub records of messages and parameters on its WebSocket."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import pytest
from websockets.exceptions import InvalidStatus

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


@pytest.mark.parametrize(("name", "in_header"), [("headers.xi-api-key", True), ("message.xi_api_key", False)])
async def test_wrong_key_is_a_violation_without_the_key(
    tts: str, http: httpx.AsyncClient, name: str, *, in_header: bool
) -> None:
    """The violation says where the key was, and nothing contains it."""
    first = FIRST if in_header else {**FIRST, "xi_api_key": "a-wrong-key"}

    responses, code = await exchange(tts, first, key="a-wrong-key" if in_header else None)

    assert (responses[0]["error"], code) == ("invalid_api_key", 1008)
    violations = (await http.get("/_stub/violations")).json()
    assert [(entry["kind"], entry["where"], entry["rule"]) for entry in violations] == [
        ("rejected", name, "invalid_api_key")
    ]
    assert "a-wrong-key" not in json.dumps(violations)


async def test_credential_in_invalid_message_is_not_recorded(tts: str, http: httpx.AsyncClient) -> None:
    """The sample of a violation masks the key."""
    await exchange(tts, {"text": "Good", "xi_api_key": KEY}, key=None)

    [violation] = (await http.get("/_stub/violations")).json()
    assert violation["sent"] == '{"text": "Good", "xi_api_key": "(secret)"}'


async def test_unknown_query_parameter_is_reported_as_ignored(tts: str, http: httpx.AsyncClient) -> None:
    """The vendor ignores it."""
    _, code = await exchange(tts, FIRST, {"text": ""}, query="modelid=x")

    [violation] = (await http.get("/_stub/violations")).json()
    assert (violation["kind"], violation["where"], code) == ("unknown_parameter", "query.modelid", 1000)
    assert violation["count"] == 1


@pytest.mark.parametrize(("query", "first", "code", "place"), [
    ("single_use_token=x", None, 501, "query.single_use_token"),
    ("authorization=x", None, 501, "query.authorization"),
    ("", {**FIRST, "authorization": "Bearer x"}, 4501, "message.authorization"),
])  # fmt: skip
async def test_other_credentials_are_not_modelled(
    tts: str, http: httpx.AsyncClient, query: str, first: Any, code: int, place: str
) -> None:
    """A single-use token and a bearer token are no mistakes: the handshake gets 501, a message the close code 4501."""
    if first is None:
        with pytest.raises(InvalidStatus) as denied:
            await exchange(tts, query=query, key=None)
        received = denied.value.response.status_code
    else:
        received = (await exchange(tts, first, key=None))[1] or 0

    [violation] = (await http.get("/_stub/violations")).json()
    assert (received, violation["kind"], violation["where"]) == (code, "not_modelled", place)


async def test_unknown_fields_of_messages_are_reported_as_ignored(tts: str, http: httpx.AsyncClient) -> None:
    """As in bodies: the vendor answers as without them. A field of any message may be in each."""
    first = {**FIRST, "voice_setings": SETTINGS, "voice_settings": {**SETTINGS, "pitch": 2}}

    responses, code = await exchange(
        tts, first, {"text": "Good", "context_id": "1"}, {"text": "", "flush": True}
    )

    violations = (await http.get("/_stub/violations")).json()
    assert [(entry["kind"], entry["where"]) for entry in violations] == [
        ("unknown_field", "message.voice_setings"),
        ("unknown_field", "message.voice_settings.pitch"),
        ("unknown_field", "message.context_id"),
    ]
    assert violations[2]["requires"] == "streamInput has no such field"
    assert (len(responses), code) == (2, 1000)


async def test_invalid_message_is_recorded_as_violation(tts: str, http: httpx.AsyncClient) -> None:
    """The violation has the location, the rule and the schema pointer."""
    await exchange(tts, FIRST, {"text": 5})

    [violation] = (await http.get("/_stub/violations")).json()
    assert violation["kind"] == "rejected"
    assert (violation["operation"], violation["where"]) == ("streamInput", "message.text")
    assert (violation["rule"], violation["documented"]) == ("type", "schemas/tts/live.json#/$defs/SendText")
