"""Valid credentials with hostile values: every stub responds with the vendor's error, never with a defect."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from websockets.asyncio.client import connect

from provider_verification.stubs.engine.server import run_stubs
from provider_verification.stubs.vendors.mews.state import ACCESS_TOKEN, CLIENT_TOKEN
from provider_verification.stubs.vendors.tts.state import API_KEY as TTS_API_KEY
from tests.stubs.hostile_vendor import (
    DEEP_JSON,
    DEEP_OBJECT,
    HOSTILE_TEXTS,
    HOSTILE_VALUES,
    Vendor,
)
from tests.thoroughness import choose

HOSTILE_QUERY_TEXTS = [text for text in HOSTILE_TEXTS if text.isprintable() and len(text) < 10_000] + [
    "\0",
    "a\0b",
]
texts = st.sampled_from(HOSTILE_TEXTS) | st.text(max_size=20)
values = st.sampled_from(HOSTILE_VALUES) | st.lists(texts, max_size=2)
QUICK = settings(
    max_examples=choose(8, 25),
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture(scope="module")
def vendors() -> Iterator[dict[str, Vendor]]:
    """All stubs."""
    with run_stubs(["apaleo", "livekit", "mews", "tts", "vault"]) as urls:
        stubs = {name: Vendor(name, url) for name, url in urls.items()}
        yield stubs
        for stub in stubs.values():
            stub.http.close()


LIVEKIT_METHODS = (
    "RoomService/CreateRoom", "RoomService/ListRooms", "RoomService/UpdateParticipant", "RoomService/SendData",
    "AgentDispatchService/CreateDispatch", "SIP/CreateSIPInboundTrunk", "SIP/ListSIPInboundTrunk",
    "SIP/CreateSIPParticipant", "SIP/TransferSIPParticipant",
)  # fmt: skip
LIVEKIT_FIELDS = (
    "room", "name", "names", "metadata", "identity", "nonce", "data", "attributes", "trunk", "sip_trunk_id", "trunk_ids",
    "numbers", "page", "room_name", "sip_call_to", "participant_identity", "transfer_to", "ringing_timeout", "headers",
)  # fmt: skip
BODIES: dict[str, list[tuple[str, str, dict[str, Any]]]] = {
    "apaleo": [
        (
            "POST",
            "/booking/v1/bookings",
            {
                "booker": {"lastName": "Muster"},
                "reservations": [
                    {
                        "arrival": "2027-05-10", "departure": "2027-05-11", "adults": 1, "channelCode": "Direct",
                        "timeSlices": [{"ratePlanId": "MUC-FLEX_DBL"}],
                    }
                ],
            },
        ),
        (
            "PUT",
            "/booking/v1/reservation-actions/R-1/amend",
            {
                "arrival": "2027-05-10", "departure": "2027-05-11", "adults": 1,
                "timeSlices": [{"ratePlanId": "MUC-FLEX_DBL"}],
            },
        ),
        ("PUT", "/booking/v1/reservation-actions/R-1/book-service", {"serviceId": "MUC-BREAKFAST"}),
    ],
    "mews": [
        (
            "POST",
            f"/api/connector/v1/{path}",
            {
                "ClientToken": CLIENT_TOKEN, "AccessToken": ACCESS_TOKEN, "Client": "test 1",
                "Limitation": {"Count": 10, "Cursor": None}, name: ["5f0a1c2e-0000-4000-8000-000000000001"],
            },
        )
        for path, name in (
            ("reservations/getAll/2023-06-06", "ReservationIds"), ("customers/getAll", "CustomerIds"),
            ("reservations/cancel", "ReservationIds"),
        )
    ],
    "tts": [("POST", "/v1/text-to-speech/concierge", {"text": "Good evening.", "model_id": "eleven_flash_v2_5"})],
    "vault": [
        ("POST", "/v1/secret/data/app/db", {"data": {"a": 1}, "options": {"cas": 0}}),
        ("POST", "/v1/secret/delete/app/db", {"versions": [1]}),
        ("POST", "/v1/auth/approle/login", {"role_id": "a", "secret_id": "b"}),
        ("POST", "/v1/auth/token/renew-self", {"increment": "1h"}),
    ],
}  # fmt: skip
ALL_BODIES = [(vendor, *request) for vendor, requests in BODIES.items() for request in requests]
QUERIES: list[tuple[str, str, dict[str, str]]] = [
    ("apaleo", "/booking/v1/reservations", {"pageNumber": "1", "pageSize": "10", "status": "Confirmed", "textSearch": "a"}),
    (
        "apaleo",
        "/booking/v1/offers",
        {"propertyId": "MUC", "arrival": "2027-05-10", "departure": "2027-05-11", "adults": "1"},
    ),
    ("apaleo", "/availability/v1/unit-groups", {"propertyId": "MUC", "from": "2027-05-10", "to": "2027-05-11"}),
    ("apaleo", "/booking/v1/bookings", {"textSearch": "a", "pageNumber": "1"}),
    ("tts", "/v2/voices", {"page_size": "10", "next_page_token": "1", "search": "a"}),
    ("tts", "/v1/history", {"page_size": "10", "start_after_history_item_id": "item-000001", "voice_id": "a"}),
    ("vault", "/v1/secret/data/app/db", {"version": "1"}),
    ("vault", "/v1/secret/metadata/app", {"list": "true"}),
    ("vault", "/v1/sys/health", {"standbyok": "true", "activecode": "200"}),
]  # fmt: skip


def replace_leaf(value: Any, index: int, replacement: Any) -> Any:
    """A copy of a JSON value with one of its leaves replaced, the one at `index`."""
    position = iter(range(len(list(leaves(value)))))

    def copy(part: Any) -> Any:
        if isinstance(part, dict):
            return {name: copy(item) for name, item in part.items()}
        if isinstance(part, list):
            return [copy(item) for item in part]
        return replacement if next(position) == index else part

    return copy(value)


def leaves(value: Any) -> Iterator[Any]:
    """The values of a JSON value that are neither objects nor arrays."""
    if isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            yield from leaves(item)
    else:
        yield value


@pytest.mark.parametrize(("vendor", "method", "path", "body"), ALL_BODIES, ids=lambda value: str(value)[:40])
def test_hostile_value_in_body_gets_vendor_response(
    vendors: dict[str, Vendor], vendor: str, method: str, path: str, body: dict[str, Any]
) -> None:
    """Each value of a valid body is replaced by hostile values: by all, or by another third of them than the next value."""
    stub = vendors[vendor]
    stub.reset()
    step = choose(min(3, len(list(leaves(body)))), 1)

    for index in range(len(list(leaves(body)))):
        for value in HOSTILE_VALUES[index % step :: step]:
            stub.send_json(method, path, replace_leaf(body, index, value))


@pytest.mark.parametrize(("vendor", "path", "query"), QUERIES, ids=lambda value: str(value)[:40])
def test_hostile_value_in_query_gets_vendor_response(
    vendors: dict[str, Vendor], vendor: str, path: str, query: dict[str, str]
) -> None:
    """Each parameter of a valid query is replaced by each hostile text that a URL can contain."""
    stub = vendors[vendor]
    stub.reset()

    for name in query:
        for text in HOSTILE_QUERY_TEXTS:
            stub.send("GET", path, params={**query, name: text})


@pytest.mark.parametrize("method", LIVEKIT_METHODS)
def test_hostile_field_of_twirp_method_gets_twirp_response(vendors: dict[str, Vendor], method: str) -> None:
    """A field of the room `call-1` has a hostile value."""
    stub = vendors["livekit"]
    stub.reset()

    @QUICK
    @given(st.dictionaries(st.sampled_from(LIVEKIT_FIELDS), values, max_size=3))
    def holds(fields: dict[str, Any]) -> None:
        stub.send_json("POST", f"/twirp/livekit.{method}", {"room": "call-1", **fields})

    holds()


DEEP_REQUESTS = [
    *((vendor, requests[0][0], requests[0][1]) for vendor, requests in BODIES.items()),
    ("livekit", "POST", "/twirp/livekit.RoomService/CreateRoom"),
]


@pytest.mark.parametrize("content", [DEEP_JSON, DEEP_OBJECT], ids=["arrays", "objects"])
@pytest.mark.parametrize(("vendor", "method", "path"), DEEP_REQUESTS, ids=lambda value: str(value)[:40])
def test_deeply_nested_json_is_rejected(
    vendors: dict[str, Vendor], vendor: str, method: str, path: str, content: str
) -> None:
    """A hundred thousand brackets are a client error."""
    stub = vendors[vendor]
    stub.reset()

    assert 400 <= stub.send_json(method, path, content).status_code < 500


@pytest.mark.parametrize(
    "content", ["\\ud800", DEEP_JSON, '{"text": "\\ud800 "}', "{", "\0"], ids=lambda value: value[:12]
)
async def test_hostile_websocket_message_gets_error_message(vendors: dict[str, Vendor], content: str) -> None:
    """The vendor names the error and closes the connection."""
    vendors["tts"].reset()
    url = str(vendors["tts"].http.base_url).replace("http", "ws", 1).rstrip("/")
    path = "/v1/text-to-speech/concierge/stream-input"

    async with connect(f"{url}{path}", additional_headers={"xi-api-key": TTS_API_KEY}) as socket:
        await socket.send(content)
        error = json.loads(await socket.recv())

    assert error["error"] == "invalid_input_message"


@pytest.mark.parametrize("token", ["\udcff", "x" * 20_000, "a.b.c", "Bearer", "eyJhbGciOiJIUzI1NiJ9.e30.x"])
@pytest.mark.parametrize("vendor", ["apaleo", "livekit", "tts", "vault"])
def test_hostile_credential_is_rejected(vendors: dict[str, Vendor], vendor: str, token: str) -> None:
    """Bytes that are not UTF-8, a long text, and texts that only look like a token."""
    path = {"apaleo": "/booking/v1/reservations", "tts": "/v1/models", "vault": "/v1/auth/token/lookup-self"}
    value = f"Bearer {token}" if vendor in {"apaleo", "livekit"} else token
    name = {"tts": "xi-api-key", "vault": "X-Vault-Token"}.get(vendor, "Authorization")
    stub = vendors[vendor]
    method = "POST" if vendor == "livekit" else "GET"

    response = stub.http.request(
        method,
        path.get(vendor, "/twirp/livekit.RoomService/ListRooms"),
        headers=[
            (name.encode(), value.encode("utf-8", "surrogateescape")),
            (b"Content-Type", b"application/json"),
        ],
        content=b"{}" if vendor == "livekit" else None,
    )

    assert response.status_code == (403 if vendor == "vault" else 401), response.text[:300]


@pytest.mark.parametrize("field", ["primaryGuest", "comment", "travelPurpose"])
def test_patched_reservation_can_be_read_back(vendors: dict[str, Vendor], field: str) -> None:
    """Apaleo's JSON Patch either rejects a value or stores one that the reservation's schema allows."""
    stub = vendors["apaleo"]
    stub.reset()
    state = {"state": "a reservation", "params": {"id": "R-1"}}
    stub.http.post("/_stub/states", json=state).raise_for_status()
    path = "/booking/v1/reservations/R-1"

    @QUICK
    @given(values | st.fixed_dictionaries({"lastName": values}, optional={"email": values, "phone": values}))
    def holds(value: Any) -> None:
        stub.send_json("PATCH", path, [{"op": "replace", "path": f"/{field}", "value": value}])
        stub.send("GET", path)
        stub.send("GET", "/booking/v1/reservations", params={"textSearch": "muster"})

    holds()


@pytest.mark.parametrize("operation", ["add", "replace"])
def test_patch_without_value_is_rejected(vendors: dict[str, Vendor], operation: str) -> None:
    """RFC 6902 requires a value for both."""
    stub = vendors["apaleo"]
    stub.reset()
    state = {"state": "a reservation", "params": {"id": "R-1"}}
    stub.http.post("/_stub/states", json=state).raise_for_status()
    change = {"op": operation, "path": "/comment"}

    assert stub.send_json("PATCH", "/booking/v1/reservations/R-1", [change]).status_code == 422
