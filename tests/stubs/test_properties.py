"""Whatever a schema allows, a stub answers as documented; whatever it forbids, a stub refuses."""

from __future__ import annotations

import asyncio
import json
import time
from typing import Any

import httpx
import jsonschema_rs
import jwt
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from provider_verification.stubs.engine.app import StubApp
from provider_verification.stubs.engine.registry import create_stub_app
from provider_verification.stubs.vendors.livekit.state import API_KEY, API_SECRET
from provider_verification.stubs.vendors.mews.state import ACCESS_TOKEN, CLIENT_TOKEN
from provider_verification.stubs.vendors.vault.state import ROOT_TOKEN
from tests.stubs.request_strategies import load_operations, requests

VENDORS = ("apaleo", "livekit", "mews", "tts", "vault")
MEWS_TOKENS = {"ClientToken": CLIENT_TOKEN, "AccessToken": ACCESS_TOKEN}
"""Mews wants its credentials in the body: where the body has any, these are right."""
IDS = ["R-1", "concierge", "MUC", "call-1", "app/db", "MUC-101"]
ALL = [(vendor, *operation) for vendor in VENDORS for operation in load_operations(vendor)]
VALIDATED_OPERATIONS = [one for one in ALL if one[0] in {"apaleo", "mews", "tts"} and "requestBody" in one[3]]
"""Operations whose bodies are held to the schema as they came; LiveKit and Vault read many spellings first."""

STATES: dict[str, list[tuple[str, dict[str, Any]]]] = {
    "apaleo": [("a reservation", {"id": "R-1", "unit": "MUC-101"})],
    "livekit": [("a caller in a room", {"room": "call-1", "identity": "guest", "phone": "+49301"})],
    "mews": [("a reservation", {"id": "5f0a1c2e-0000-4000-8000-000000000001", "state": "Confirmed"})],
    "tts": [],
    "vault": [("a secret", {"path": "app/db", "data": {"a": 1}})],
}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=8,
)
QUICK = settings(
    max_examples=12,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
)


def name_of(part: Any) -> str:
    """A part of an operation in a test's name."""
    return str(part["operationId"]) if isinstance(part, dict) else str(part)


def send(app: StubApp, request: dict[str, Any]) -> httpx.Response:
    """Send a request to a stub in a known state, with a credential that may do everything."""

    async def sent() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://stub") as client:
            await client.post("/_stub/reset")
            token = ""
            for state, params in [*STATES[app.vendor], ("an access token", {})]:
                change = {"state": state, "params": params}
                answer = await client.post("/_stub/states", json=change)
                token = answer.json().get("token", token)
            headers = credential(app.vendor, token, request["body"])
            if request["media_type"]:
                headers["Content-Type"] = request["media_type"]
            if app.vendor == "mews" and isinstance(request["body"], dict):
                request["body"] |= {
                    name: MEWS_TOKENS[name] for name in MEWS_TOKENS if name in request["body"]
                }
            content = None if request["body"] is None else encoded(request)
            return await client.request(
                request["method"], request["path"], params=request["query"], headers=headers, content=content
            )

    return asyncio.run(sent())


def encoded(request: dict[str, Any]) -> bytes:
    """The body as its media type wants it."""
    if "form" in request["media_type"]:
        return str(httpx.QueryParams(request["body"])).encode()
    return json.dumps(request["body"]).encode()


def credential(vendor: str, token: str, body: Any) -> dict[str, str]:
    """The headers of somebody who may do everything."""
    if vendor == "tts":
        return {"xi-api-key": "stub-tts-key"}
    if vendor == "vault":
        return {"X-Vault-Token": ROOT_TOKEN}
    if vendor == "apaleo":
        return {"Authorization": f"Bearer {token}"}
    if vendor == "mews":
        return {}
    about = body if isinstance(body, dict) else {}
    video: dict[str, Any] = dict.fromkeys(("roomCreate", "roomList", "roomAdmin", "roomRecord"), True)
    video["room"] = about.get("room") or about.get("room_name") or ""
    claims = {
        "iss": API_KEY,
        "exp": int(time.time()) + 3600,
        "video": video,
        "sip": {"admin": True, "call": True},
    }
    return {"Authorization": f"Bearer {jwt.encode(claims, API_SECRET, algorithm='HS256')}"}


@pytest.fixture(scope="module")
def apps() -> dict[str, StubApp]:
    """All stubs."""
    return {vendor: create_stub_app(vendor) for vendor in VENDORS}


@pytest.mark.parametrize(("vendor", "method", "path", "operation"), ALL, ids=name_of)
def test_what_is_allowed_gets_a_documented_answer(
    apps: dict[str, StubApp], vendor: str, method: str, path: str, operation: dict[str, Any]
) -> None:
    """No crash, no answer that breaks the contract, no status that is not documented."""

    @QUICK
    @given(requests(method, path, operation, IDS))
    def holds(request: dict[str, Any]) -> None:
        answer = send(apps[vendor], request)

        assert b"stub_defect" not in answer.content, answer.text
        assert str(answer.status_code) in {*operation["responses"], "400", "404", "405", "422"}

    holds()


@pytest.mark.parametrize(("vendor", "method", "path", "operation"), VALIDATED_OPERATIONS, ids=name_of)
def test_what_is_forbidden_is_refused(
    apps: dict[str, StubApp], vendor: str, method: str, path: str, operation: dict[str, Any]
) -> None:
    """A body that breaks the schema never gets a success."""
    media_type, body = next(iter(operation["requestBody"]["content"].items()))
    validator = jsonschema_rs.validator_for(body["schema"])

    @QUICK
    @given(requests(method, path, operation, IDS), JSON)
    def holds(request: dict[str, Any], instead: Any) -> None:
        if validator.is_valid(instead) or "form" in media_type:
            return
        answer = send(apps[vendor], {**request, "body": instead})

        assert 400 <= answer.status_code < 500, answer.text

    holds()
