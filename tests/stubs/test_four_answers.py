"""Each request is answered, rejected, ignored in part, or not modelled by the stub: the four are never confused."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import jwt
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from provider_verification.stubs.engine.app import StubApp
from provider_verification.stubs.engine.server import run_apps, run_stubs
from provider_verification.stubs.engine.vendor_index import VendorIndex
from provider_verification.stubs.sdk import (
    NotModelled,
    StubDefinition,
    StubRequest,
    StubResponse,
    WebSocketSession,
    ok,
    with_warning,
)
from provider_verification.stubs.vendors.livekit.state import API_KEY, API_SECRET
from provider_verification.stubs.vendors.mews.state import ACCESS_TOKEN, CLIENT_TOKEN
from provider_verification.stubs.vendors.vault.state import ROOT_TOKEN
from tests.stubs.example_vendor import KEY, ExampleState, make_app, make_stub

INDEX: dict[str, Any] = {
    "GET /items/{itemId}": {"query": ["currency", "expand"]},
    "POST /items": {
        "query": [],
        "body": {"id": None, "price": None, "colour": None, "supplier": {"name": None}},
    },
    "DELETE /items/{id}": {"query": []},
    "GET /orders/{id}": {"query": []},
    "WEBSOCKET /prices/{id}": {"query": ["format"]},
}
ITEM = {"id": "b", "price": 1}
DEADLINE_SECONDS = 20.0


def make_shop(folder: Path, stub: StubDefinition[ExampleState] | None = None) -> StubApp:
    """Return the example vendor's stub with an index of what the vendor has."""
    (folder / "index.json").write_text(json.dumps(INDEX))
    return make_app(folder, stub)


def client_of(app: StubApp, headers: Mapping[str, str] = KEY) -> httpx.AsyncClient:
    """Return a client of a stub without a network."""
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://shop", headers=headers)


async def violations_of(client: httpx.AsyncClient) -> list[tuple[str, str, str]]:
    """Return kind, operation and location of each violation."""
    violations = (await client.get("/_stub/violations")).json()
    return [(violation["kind"], violation["operation"], violation["where"]) for violation in violations]


@pytest.mark.parametrize("headers", [KEY, {}], ids=["credential", "no credential"])
@pytest.mark.parametrize(("method", "path", "name"), [
    ("GET", "/orders/7", "GET /orders/{id}"), ("DELETE", "/items/a", "DELETE /items/{id}"),
])  # fmt: skip
async def test_operation_that_the_stub_lacks_is_501(
    tmp_path: Path, method: str, path: str, name: str, headers: dict[str, str]
) -> None:
    """The body names the stub and the operation; without a credential too, because some operations need none."""
    async with client_of(make_shop(tmp_path), headers) as shop:
        response = await shop.request(method, path)

        assert response.status_code == 501
        assert {key: response.json()[key] for key in ("stub", "lacks", "code")} == {
            "stub": "shop",
            "lacks": f"the operation {name}",
            "code": "not_modelled",
        }
        assert await violations_of(shop) == [("not_modelled", name, "request")]


@pytest.mark.parametrize(("method", "path", "status"), [
    ("GET", "/nothing", 404), ("PUT", "/orders/7", 405), ("PUT", "/items/a", 405),
])  # fmt: skip
async def test_operation_that_the_vendor_lacks_is_rejected_by_the_vendor(
    tmp_path: Path, method: str, path: str, status: int
) -> None:
    """A path that neither schemas nor index have is unknown; a path with other methods takes only those."""
    async with client_of(make_shop(tmp_path)) as shop:
        response = await shop.request(method, path)

        assert response.status_code == status
        assert await violations_of(shop) == [("rejected", f"{method} {path}", "request")]


async def test_parameter_that_the_stub_lacks_is_501(tmp_path: Path) -> None:
    """The vendor has `expand`, the schemas do not."""
    async with client_of(make_shop(tmp_path)) as shop:
        response = await shop.get("/items/a", params={"expand": "supplier"})

        assert (response.status_code, response.json()["lacks"]) == (
            501,
            "the query parameter 'expand' of getItem",
        )
        assert await violations_of(shop) == [("not_modelled", "getItem", "query.expand")]


async def test_parameter_that_the_vendor_lacks_is_ignored_and_recorded(tmp_path: Path) -> None:
    """The vendor answers as without the parameter."""
    async with client_of(make_shop(tmp_path)) as shop:
        response = await shop.get("/items/a", params={"expnad": "supplier"})

        assert (response.status_code, response.json()) == (200, {"id": "a", "price": 5})
        assert ("unknown_parameter", "getItem", "query.expnad") in await violations_of(shop)


async def test_parameter_that_the_stub_declares_harmless_is_accepted(tmp_path: Path) -> None:
    """It is neither 501 nor a violation."""
    stub = make_stub()
    stub.harmless["getItem"] = frozenset({"query.expand"})
    async with client_of(make_shop(tmp_path, stub)) as shop:
        response = await shop.get("/items/a", params={"expand": "supplier"})

        assert response.status_code == 200
        assert await violations_of(shop) == [("not_in_pacts", "getItem", "query")]


@pytest.mark.parametrize(("fields", "status", "kind", "location"), [
    ({"colour": "red"}, 501, "not_modelled", "body.colour"),
    ({"supplier": {"name": "x"}}, 501, "not_modelled", "body.supplier"),
    ({"color": "red"}, 400, "rejected", "body"),
])  # fmt: skip
async def test_body_field_is_501_only_if_the_vendor_has_it(
    tmp_path: Path, fields: dict[str, Any], status: int, kind: str, location: str
) -> None:
    """The schema of the body allows no other field: without the index the vendor's own fields would be rejected."""
    async with client_of(make_shop(tmp_path)) as shop:
        response = await shop.post("/items", json={**ITEM, **fields})

        assert response.status_code == status
        assert await violations_of(shop) == [(kind, "addItem", location)]


def test_two_descriptions_of_an_operation_are_added(tmp_path: Path) -> None:
    """What is written by hand adds to what the specs have; a description without fields takes none away."""
    (tmp_path / "index.json").write_text(json.dumps(INDEX))
    documented = {
        "POST /items": {"query": ["dry"], "body": {"supplier": {"city": None}, "tags": None}},
        "GET /items/{id}": {"query": ["lang"]},
    }
    (tmp_path / "documented.json").write_text(json.dumps({"operations": documented}))

    index = VendorIndex(tmp_path)

    created, read = index.find("POST", "/items"), index.find("GET", "/items/{anything}")
    assert created is not None
    assert read is not None
    assert created.query == {"dry"}
    assert created.body == {
        "id": None,
        "price": None,
        "colour": None,
        "supplier": {"name": None, "city": None},
        "tags": None,
    }
    assert read.query == {"currency", "expand", "lang"}
    assert read.body is None


async def test_gap_that_an_operation_raises_is_501(tmp_path: Path) -> None:
    """An operation knows best which values it does not model."""
    stub = make_stub()

    def get_item(_state: ExampleState, _request: StubRequest) -> StubResponse:
        raise NotModelled("the header X-Currency", ("header", "x-currency"))

    stub.operations["getItem"] = get_item
    async with client_of(make_shop(tmp_path, stub)) as shop:
        response = await shop.get("/items/a")

        assert (response.status_code, response.json()["lacks"]) == (501, "the header X-Currency")
        assert await violations_of(shop) == [("not_modelled", "getItem", "header.x-currency")]


async def test_warning_of_an_operation_is_recorded_and_not_sent(tmp_path: Path) -> None:
    """The response is the vendor's."""
    stub = make_stub()

    def get_item(state: ExampleState, _request: StubRequest) -> StubResponse:
        return with_warning(ok(state.items["a"]), "slow", "read the list instead", ("query",))

    stub.operations["getItem"] = get_item
    async with client_of(make_shop(tmp_path, stub)) as shop:
        response = await shop.get("/items/a")

        assert (response.status_code, response.json()) == (200, {"id": "a", "price": 5})
        assert ("warning", "getItem", "query") in await violations_of(shop)


def test_websocket_that_the_stub_lacks_is_denied_with_501(tmp_path: Path) -> None:
    """The handshake gets the response that HTTP requests get."""
    with run_apps([make_shop(tmp_path)]) as servers:
        url = servers.urls["shop"]
        with pytest.raises(InvalidStatus) as raised, connect(f"{url.replace('http', 'ws', 1)}/prices/7"):
            pass
        [violation] = httpx.get(f"{url}/_stub/violations").json()

    assert raised.value.response.status_code == 501
    assert json.loads(raised.value.response.body or b"")["lacks"] == "the operation WEBSOCKET /prices/{id}"
    assert (violation["kind"], violation["operation"]) == ("not_modelled", "WEBSOCKET /prices/{id}")


def test_handshake_with_something_that_the_stub_lacks_is_denied_with_501(tmp_path: Path) -> None:
    """The check of a handshake may find a gap, too."""
    stub = make_stub()

    def check(_state: Any, query: Mapping[str, str]) -> None:
        raise NotModelled(f"the codec {query['codec']}", ("query", "codec"))

    @stub.websocket("prices", "/prices/{id}", messages="item.json", check_handshake=check)
    async def prices(_session: WebSocketSession) -> None:
        return

    with run_apps([make_shop(tmp_path, stub)]) as servers:
        url = servers.urls["shop"]
        with (
            pytest.raises(InvalidStatus) as raised,
            connect(f"{url.replace('http', 'ws', 1)}/prices/7?codec=opus"),
        ):
            pass
        [violation] = httpx.get(f"{url}/_stub/violations").json()

    assert raised.value.response.status_code == 501
    assert (violation["kind"], violation["operation"], violation["where"]) == (
        "not_modelled",
        "prices",
        "query.codec",
    )


def test_parameter_of_a_websocket_that_the_vendor_lacks_is_recorded(tmp_path: Path) -> None:
    """The connection is served as without it; `format` is in the index."""
    stub = make_stub()

    @stub.websocket("prices", "/prices/{id}", messages="item.json")
    async def prices(session: WebSocketSession) -> None:
        await session.close()

    with run_apps([make_shop(tmp_path, stub)]) as servers:
        url = servers.urls["shop"]
        with connect(f"{url.replace('http', 'ws', 1)}/prices/7?format=x&fromat=y") as socket:
            received_until_close(socket)
        violations = httpx.get(f"{url}/_stub/violations").json()

    assert socket.close_code == 1000
    assert [(violation["kind"], violation["where"]) for violation in violations] == [
        ("unknown_parameter", "query.fromat")
    ]


def received_until_close(socket: ClientConnection) -> list[str | bytes]:
    """Return the messages that come before the server closes the connection."""
    messages = []
    with suppress(ConnectionClosed):
        while True:
            messages.append(socket.recv(timeout=DEADLINE_SECONDS))
    return messages


@pytest.mark.parametrize(("error", "code"), [(NotModelled("binary audio"), 4501), (KeyError("x"), 1011)])
def test_websocket_handler_that_cannot_go_on_closes_the_connection(
    tmp_path: Path, error: Exception, code: int
) -> None:
    """4501 for what the stub lacks, 1011 for a defect; never a traceback or silence."""
    stub = make_stub()

    @stub.websocket("prices", "/prices/{id}", messages="item.json")
    async def prices(_session: WebSocketSession) -> None:
        raise error

    with run_apps([make_shop(tmp_path, stub)]) as servers:
        url = servers.urls["shop"]
        with connect(f"{url.replace('http', 'ws', 1)}/prices/7") as socket:
            messages = received_until_close(socket)
        defects = httpx.get(f"{url}/_stub/defects").json()
        violations = httpx.get(f"{url}/_stub/violations").json()

    assert socket.close_code == code
    assert [json.loads(message)["lacks"] for message in messages] == (
        ["binary audio"] if code == 4501 else []
    )
    assert [defect["message"] for defect in defects] == (["KeyError('x')"] if code == 1011 else [])
    assert [violation["requires"] for violation in violations] == (
        ["the stub lacks binary audio"] if code == 4501 else []
    )


@pytest.fixture(scope="module")
def vendors() -> Iterator[dict[str, httpx.Client]]:
    """Clients of all stubs, with a credential that may do everything."""
    with run_stubs(["apaleo", "livekit", "mews", "tts", "vault"]) as urls:
        clients = {vendor: httpx.Client(base_url=url, timeout=30.0) for vendor, url in urls.items()}
        clients["tts"].headers["xi-api-key"] = "stub-tts-key"
        clients["vault"].headers["X-Vault-Token"] = ROOT_TOKEN
        yield clients
        for client in clients.values():
            client.close()


@pytest.fixture
def apaleo(vendors: dict[str, httpx.Client]) -> httpx.Client:
    """A client of Apaleo's stub with a new token and without earlier violations."""
    client = vendors["apaleo"]
    client.post("/_stub/reset").raise_for_status()
    token = client.post("/_stub/states", json={"state": "an access token"}).json()["token"]
    client.headers["Authorization"] = f"Bearer {token}"
    return client


def kinds_of(client: httpx.Client) -> list[tuple[str, str]]:
    """Return kind and location of each violation, without what no pact describes."""
    violations = client.get("/_stub/violations").json()
    return [
        (violation["kind"], violation["where"])
        for violation in violations
        if violation["kind"] != "not_in_pacts"
    ]


@pytest.mark.parametrize(("vendor", "method", "path", "body"), [
    ("apaleo", "GET", "/booking/v1/blocks", None),
    ("apaleo", "GET", "/fiscalization/v1/nothing", None),
    ("mews", "POST", "/api/connector/v1/bills/getAll", {"ClientToken": CLIENT_TOKEN, "AccessToken": ACCESS_TOKEN}),
    ("tts", "GET", "/v1/dubbing", None), ("tts", "POST", "/v1/speech-to-speech/concierge", {}),
    ("livekit", "POST", "/twirp/livekit.Connector/DialWhatsAppCall", {}), ("livekit", "GET", "/rtc/validate", None),
    ("vault", "LIST", "/v1/sys/namespaces/", None), ("vault", "GET", "/v1/sys/rekey/recovery-key-backup", None),
    ("vault", "POST", "/v1/sys/mounts/transit", {"type": "transit"}),
    ("vault", "GET", "/v1/transit/keys/x", None),
])  # fmt: skip
def test_vendor_operation_is_501_or_unknown(
    vendors: dict[str, httpx.Client], vendor: str, method: str, path: str, body: Any
) -> None:
    """The vendors' own indexes decide: what they have is 501, anything else their 404."""
    if vendor == "apaleo":
        token = vendors["apaleo"].post("/_stub/states", json={"state": "an access token"}).json()["token"]
        vendors["apaleo"].headers["Authorization"] = f"Bearer {token}"

    response = vendors[vendor].request(method, path, json=body)

    expected = 404 if path in {"/fiscalization/v1/nothing", "/v1/transit/keys/x"} else 501
    assert response.status_code == expected, response.text


BOOKING: dict[str, Any] = {
    "booker": {"lastName": "Muster"},
    "reservations": [
        {
            "arrival": "2027-05-10", "departure": "2027-05-11", "adults": 1, "channelCode": "Direct",
            "timeSlices": [{"ratePlanId": "MUC-FLEX_DBL"}],
        }
    ],
}  # fmt: skip


def test_made_up_fields_of_a_booking_are_ignored_and_recorded(apaleo: httpx.Client) -> None:
    """The vendor accepts the booking, so does the stub; each field is named with its place."""
    [stay] = BOOKING["reservations"]
    body = {**BOOKING, "nonsense": 1, "reservations": [{**stay, "unitGroupId": "MUC-DBL"}]}

    response = apaleo.post("/booking/v1/bookings", json=body)

    assert response.status_code == 201
    assert kinds_of(apaleo) == [
        ("unknown_field", "body.reservations[0].unitGroupId"),
        ("unknown_field", "body.nonsense"),
    ]


def test_field_of_a_newer_booking_spec_is_not_modelled(apaleo: httpx.Client) -> None:
    """The spec of 2021 lacks it, the vendor's own n8n node sends it."""
    [stay] = BOOKING["reservations"]
    body = {**BOOKING, "reservations": [{**stay, "externalReferences": {"a": "b"}}]}

    response = apaleo.post("/booking/v1/bookings", json=body)

    assert (response.status_code, kinds_of(apaleo)) == (
        501,
        [("not_modelled", "body.reservations[0].externalReferences")],
    )


def test_repeated_booking_without_idempotency_key_is_a_warning(apaleo: httpx.Client) -> None:
    """Two bookings are made, as at the vendor; with a key there is one, and no warning."""
    first = apaleo.post("/booking/v1/bookings", json=BOOKING)
    second = apaleo.post("/booking/v1/bookings", json=BOOKING)

    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json()["id"] != second.json()["id"]
    assert kinds_of(apaleo) == [("warning", "header.idempotency-key")]


def test_repeated_booking_with_idempotency_key_is_no_warning(apaleo: httpx.Client) -> None:
    """The key does what it is for."""
    for _ in range(2):
        apaleo.post(
            "/booking/v1/bookings", json=BOOKING, headers={"Idempotency-Key": "k-1"}
        ).raise_for_status()

    assert kinds_of(apaleo) == []


def test_field_that_livekit_ignores_is_recorded_in_both_spellings(vendors: dict[str, httpx.Client]) -> None:
    """LiveKit reads `emptyTimeout` and `empty_timeout`, and ignores what it does not know."""
    client = vendors["livekit"]
    client.post("/_stub/reset").raise_for_status()
    token = jwt.encode({"iss": API_KEY, "video": {"roomCreate": True}}, API_SECRET, algorithm="HS256")

    response = client.post(
        "/twirp/livekit.RoomService/CreateRoom",
        json={"name": "call-1", "emptyTimeout": 60, "departure_timeout": 5, "emptyTimeuot": 60},
        headers={"Authorization": f"Bearer {token}"},
    )

    assert response.status_code == 200
    assert kinds_of(client) == [("unknown_field", "body.emptyTimeuot")]
