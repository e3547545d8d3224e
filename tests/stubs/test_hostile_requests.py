"""Any bytes, parameters, headers and token claims: the vendor's answer or the stub's own, and the next request is answered."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import Any
from urllib.parse import quote

import jwt
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from livekit.protocol.room import ListRoomsRequest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from provider_verification.stubs.engine.openapi import SCHEMAS
from provider_verification.stubs.engine.server import run_stubs
from provider_verification.stubs.vendors.livekit.state import API_KEY, API_SECRET
from tests.stubs.hostile_vendor import HOSTILE_TEXTS, HOSTILE_VALUES, Vendor
from tests.thoroughness import choose

VENDORS = ("apaleo", "livekit", "mews", "tts", "vault")
TIMEOUT_SECONDS = 20.0
FEW = settings(max_examples=choose(15, 40), suppress_health_check=list(HealthCheck))
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
SHORT_TEXTS = [text for text in HOSTILE_TEXTS if len(text) < 1_000]
URL_TEXTS = [text for text in SHORT_TEXTS if not any("\ud800" <= character <= "\udfff" for character in text)]
HEADER_NAMES = (
    "Content-Type", "Idempotency-Key", "Authorization", "xi-api-key", "X-Vault-Token", "X-Vault-Wrap-TTL", "X-Vault-Namespace",
    "X-Correlation-ID", "Accept", "Prefer", "X-Twirp-Timeout-Ms", "User-Agent",
)  # fmt: skip
MEDIA_TYPES = (
    "application/json", "application/x-www-form-urlencoded", "application/protobuf", "application/merge-patch+json",
    "multipart/form-data; boundary=x", "text/plain", "\xff", "",
)  # fmt: skip

texts = st.sampled_from(URL_TEXTS) | st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
json_values = st.recursive(
    st.sampled_from([value for value in HOSTILE_VALUES if not isinstance(value, str) or len(value) < 1_000])
    | texts,
    lambda children: st.lists(children, max_size=3) | st.dictionaries(texts, children, max_size=3),
    max_leaves=8,
)
header_values = st.sampled_from(MEDIA_TYPES) | st.text(
    st.characters(min_codepoint=32, max_codepoint=255, exclude_characters="\x7f"), max_size=12
)


def read_operations(vendor: str) -> list[tuple[str, str, list[str]]]:
    """Return method, path template and query parameters of everything that the stub models or the vendor has."""
    document = json.loads((SCHEMAS / vendor / "openapi.json").read_text(encoding="utf-8"))
    modelled: list[tuple[str, str, list[str]]] = [
        (method.removeprefix("x-method-").upper(), path, [])
        for path, item in document["paths"].items()
        for method in item
        if method != "parameters"
    ]
    entries: dict[str, Any] = {}
    for name in ("index.json", "documented.json"):
        file = SCHEMAS / vendor / name
        if file.exists():
            content = json.loads(file.read_text(encoding="utf-8"))
            entries |= content.get("operations", content)
    indexed = [(*name.split(" ", 1), entry["query"]) for name, entry in entries.items()]
    return [*modelled, *((method, path, query) for method, path, query in indexed if method != "WEBSOCKET")]


def fill(template: str, value: str) -> str:
    """Return a path of a template with the same text for each parameter."""
    parts = [quote(value, safe="") if part.startswith("{") else part for part in template.split("/")]
    return "/".join(parts)


@st.composite
def requests(draw: st.DrawFn, operations: list[tuple[str, str, list[str]]]) -> dict[str, Any]:
    """Return any request: mostly to an operation of the vendor, with hostile values everywhere."""
    method, template, parameters = draw(st.sampled_from(operations))
    names = st.sampled_from([*parameters, "expand", "page_size", "from", "list", "access_token"]) | texts
    queries = st.dictionaries(names, texts, max_size=4)
    fields = sorted({"data", "text", "name", "room", "versions", "reservations", "ClientToken"})
    objects = st.dictionaries(st.sampled_from(fields) | texts, json_values, max_size=4)
    json_bodies = (objects | json_values).map(lambda value: json.dumps(value).encode())
    headers = draw(st.dictionaries(st.sampled_from(HEADER_NAMES), header_values, max_size=3))
    return {
        "method": draw(st.just(method) | st.sampled_from(METHODS)),
        "path": draw(
            texts.map(lambda text: fill(template, text)) | texts.map(lambda text: "/" + quote(text))
        ),
        "params": draw(queries),
        "content": draw(st.binary(max_size=40) | json_bodies | st.just(b"[" * 3_000) | st.just(b"{" * 200)),
        "headers": {
            "Content-Type": b"application/json",
            **{name: value.strip().encode("latin-1") for name, value in headers.items()},
        },
    }


@pytest.fixture(scope="module")
def vendors() -> Iterator[dict[str, Vendor]]:
    """All stubs."""
    with run_stubs(VENDORS) as urls:
        stubs = {name: Vendor(name, url) for name, url in urls.items()}
        yield stubs
        for stub in stubs.values():
            stub.http.close()


@pytest.mark.parametrize("vendor", VENDORS)
def test_any_request_gets_an_answer_of_the_vendors_kind(vendors: dict[str, Vendor], vendor: str) -> None:
    """No defect, no bare error, no closed connection, and the server goes on."""
    stub = vendors[vendor]
    stub.reset()
    stub.http.timeout = TIMEOUT_SECONDS

    @FEW
    @given(requests(read_operations(vendor)))
    def holds(request: dict[str, Any]) -> None:
        stub.send(**request)

    holds()

    assert stub.http.get("/_stub/health").json() == {"vendor": vendor}
    assert stub.http.get("/_stub/defects").json() == []


def test_any_claims_of_a_token_get_an_answer_of_livekit(vendors: dict[str, Vendor]) -> None:
    """The grants, times and registered claims have any JSON value; the signature is right."""
    stub = vendors["livekit"]
    stub.reset()
    names = (
        "sip",
        "video",
        "exp",
        "nbf",
        "iat",
        "iss",
        "sub",
        "aud",
        "jti",
        "kind",
        "metadata",
        "attributes",
        "sha256",
    )
    grants = st.dictionaries(
        st.sampled_from(["admin", "call", "roomList", "roomAdmin", "room"]), json_values, max_size=2
    )

    @FEW
    @given(
        st.dictionaries(st.sampled_from(names), json_values | grants, max_size=3),
        st.sampled_from(["ListRooms", "CreateRoom"]),
    )
    def holds(claims: dict[str, Any], method: str) -> None:
        payload = json.dumps({"iss": API_KEY, "exp": int(time.time()) + 60, **claims}).encode()
        token = jwt.api_jws.encode(payload, API_SECRET, algorithm="HS256")
        response = stub.http.post(
            f"/twirp/livekit.RoomService/{method}", json={}, headers={"Authorization": f"Bearer {token}"}
        )
        assert response.status_code in {200, 400, 401}, response.text

    holds()

    assert stub.http.get("/_stub/defects").json() == []


@pytest.mark.parametrize(
    "message",
    [b"\xff\xfe", b"", "", "{", "[" * 50_000, '{"text": "\\ud800"}', "null", "[]", "1e999"],
    ids=lambda message: repr(message)[:12],
)
def test_any_websocket_message_gets_an_error_and_a_close_code(
    vendors: dict[str, Vendor], message: str | bytes
) -> None:
    """The connection is closed by the vendor's rules, and other connections go on."""
    stub = vendors["tts"]
    stub.reset()
    url = str(stub.http.base_url).replace("http", "ws", 1).rstrip("/")
    headers = {"xi-api-key": stub.http.headers["xi-api-key"]}

    with connect(f"{url}/v1/text-to-speech/concierge/stream-input", additional_headers=headers) as socket:
        socket.send(message)
        with suppress(ConnectionClosed):
            while True:
                socket.recv(timeout=TIMEOUT_SECONDS)

    assert socket.close_code == 1008
    assert stub.http.get("/_stub/defects").json() == []
    assert stub.http.get("/_stub/health").status_code == 200


@pytest.mark.parametrize(
    ("first", "last", "status", "count"),
    [
        ("2027-01-01", "2031-12-31", 200, 1826),
        ("1970-01-01", "2199-12-31", 422, None),
        ("0001-01-01", "9999-01-01", 422, None),
        ("2027-01-01", "9999-12-31", 422, None),
    ],
)
def test_availability_is_bounded_by_the_interval_and_the_page(
    vendors: dict[str, Vendor], first: str, last: str, status: int, count: int | None
) -> None:
    """The longest interval is that of a stay, and only the nights of the page are computed."""
    stub = vendors["apaleo"]
    stub.reset()
    query = {"propertyId": "MUC", "from": first, "to": last, "pageSize": "2"}

    response = stub.send("GET", "/availability/v1/unit-groups", params=query)

    assert (response.status_code, response.json().get("count")) == (status, count)
    assert len(response.json().get("timeSlices", ())) == (2 if status == 200 else 0)


@pytest.mark.parametrize(("names", "status"), [(20_000, 200), (20_001, 501)])
def test_number_of_protobuf_values_is_limited(vendors: dict[str, Vendor], names: int, status: int) -> None:
    """A message of some megabytes would keep the stub busy for seconds."""
    stub = vendors["livekit"]
    stub.reset()
    content = ListRoomsRequest(names=["a"] * names).SerializeToString()
    headers = {"Content-Type": "application/protobuf"}

    response = stub.send("POST", "/twirp/livekit.RoomService/ListRooms", content=content, headers=headers)

    assert response.status_code == status
