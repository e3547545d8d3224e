"""Property-based tests: valid requests get documented responses, invalid bodies are rejected."""

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

from provider_verification.stubs.control.provider_states import set_up_state
from provider_verification.stubs.engine.app import StubApp
from provider_verification.stubs.engine.registry import create_stub_app
from provider_verification.stubs.vendors.livekit.state import API_KEY, API_SECRET
from provider_verification.stubs.vendors.mews.state import ACCESS_TOKEN, CLIENT_TOKEN
from provider_verification.stubs.vendors.vault.state import ROOT_TOKEN
from tests.stubs.request_strategies import list_operations, load_operation, requests
from tests.thoroughness import choose

VENDORS = ("apaleo", "livekit", "mews", "tts", "vault")
MEWS_TOKENS = {"ClientToken": CLIENT_TOKEN, "AccessToken": ACCESS_TOKEN}
"""Mews takes its credentials in the body: a body that has any gets these."""
IDS = ["R-1", "concierge", "MUC", "call-1", "app/db", "MUC-101"]
SECOND_METHODS = ("Put", "Post")
"""Suffixes of operations of Vault that are another operation under a second method."""

ALL_OPERATIONS = [
    (vendor, method, path, operation["operationId"])
    for vendor in VENDORS
    for method, path, operation in list_operations(vendor)
    if not operation["operationId"].endswith(SECOND_METHODS)
]
VALIDATED_OPERATIONS = [
    (vendor, method, path, operation["operationId"])
    for vendor in ("apaleo", "mews", "tts")
    for method, path, operation in list_operations(vendor)
    if "requestBody" in operation
]
"""Operations whose bodies are validated as received; LiveKit and Vault convert several encodings first."""

STATES: dict[str, list[tuple[str, dict[str, Any]]]] = {
    "apaleo": [("a reservation", {"id": "R-1", "unit": "MUC-101"}), ("an access token", {})],
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
HYPOTHESIS_SETTINGS = settings(
    max_examples=choose(4, 12),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
)


def send(app: StubApp, request: dict[str, Any]) -> httpx.Response:
    """Send a request with all permissions to a stub in a known state."""
    headers = credential_headers(app.vendor, reset(app), request["body"])
    if request["media_type"]:
        headers["Content-Type"] = request["media_type"]
    if app.vendor == "mews" and isinstance(request["body"], dict):
        request["body"] |= {name: MEWS_TOKENS[name] for name in MEWS_TOKENS if name in request["body"]}
    content = None if request["body"] is None else encode_body(request)

    async def send_request() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://stub") as client:
            return await client.request(
                request["method"], request["path"], params=request["query"], headers=headers, content=content
            )

    return asyncio.run(send_request())


def reset(app: StubApp) -> str:
    """Put a stub into the known state; return an access token, or an empty text if the vendor has none."""
    runtime = app.runtime
    runtime.reset()
    values: dict[str, Any] = {}
    for state, params in STATES[app.vendor]:
        values |= set_up_state(runtime.definition.states[state], runtime.state, params)
    return str(values.get("token", ""))


def encode_body(request: dict[str, Any]) -> bytes:
    """Return the body as a form or as JSON, by its media type."""
    if "form" in request["media_type"]:
        return str(httpx.QueryParams(request["body"])).encode()
    return json.dumps(request["body"]).encode()


def credential_headers(vendor: str, token: str, body: Any) -> dict[str, str]:
    """Return the headers of a client with all permissions."""
    if vendor == "tts":
        return {"xi-api-key": "stub-tts-key"}
    if vendor == "vault":
        return {"X-Vault-Token": ROOT_TOKEN}
    if vendor == "apaleo":
        return {"Authorization": f"Bearer {token}"}
    if vendor == "mews":
        return {}
    fields = body if isinstance(body, dict) else {}
    video: dict[str, Any] = dict.fromkeys(("roomCreate", "roomList", "roomAdmin", "roomRecord"), True)
    video["room"] = fields.get("room") or fields.get("room_name") or ""
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


@pytest.mark.parametrize(("vendor", "method", "path", "operation_id"), ALL_OPERATIONS)
def test_valid_request_gets_documented_response(
    apps: dict[str, StubApp], vendor: str, method: str, path: str, operation_id: str
) -> None:
    """The stub does not crash, its response conforms to the schemas, and the status is documented.

    What the stub does not model is 501; `default` in the schemas documents any status.
    """
    operation = load_operation(vendor, operation_id)

    @HYPOTHESIS_SETTINGS
    @given(requests(method, path, operation, IDS))
    def property_holds(request: dict[str, Any]) -> None:
        response = send(apps[vendor], request)

        assert b"stub_defect" not in response.content, response.text
        documented = {*operation["responses"], "400", "404", "405", "422", "501"}
        assert str(response.status_code) in documented or "default" in documented

    property_holds()


@pytest.mark.parametrize(("vendor", "method", "path", "operation_id"), VALIDATED_OPERATIONS)
def test_invalid_body_is_rejected(
    apps: dict[str, StubApp], vendor: str, method: str, path: str, operation_id: str
) -> None:
    """A body that violates its schema gets a 4xx."""
    operation = load_operation(vendor, operation_id)
    media_type, body = next(iter(operation["requestBody"]["content"].items()))
    validator = jsonschema_rs.validator_for(body["schema"])

    @HYPOTHESIS_SETTINGS
    @given(requests(method, path, operation, IDS), JSON)
    def property_holds(request: dict[str, Any], invalid_body: Any) -> None:
        if validator.is_valid(invalid_body) or "form" in media_type:
            return
        response = send(apps[vendor], {**request, "body": invalid_body})

        assert 400 <= response.status_code < 500, response.text

    property_holds()
