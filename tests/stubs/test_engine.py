"""The stub engine: validation of requests and responses, state, and the control API."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest

from provider_verification.stubs.engine.app import StubApp
from provider_verification.stubs.engine.http_limits import MAX_BODY_BYTES
from provider_verification.stubs.sdk import StubDefinition, StubRequest, StubResponse, VendorHooks
from tests.stubs.example_vendor import KEY, ExampleState, make_app, make_stub

ITEM = {"id": "b", "price": 2}


async def violations(shop: httpx.AsyncClient) -> list[dict[str, Any]]:
    """Return the recorded violations; the example vendor has no pacts, so `not_in_pacts` is left out."""
    entries: list[dict[str, Any]] = (await shop.get("/_stub/violations")).json()
    return [entry for entry in entries if entry["kind"] != "not_in_pacts"]


async def test_created_item_can_be_read(shop: httpx.AsyncClient) -> None:
    """The stub is stateful: an item that was added can be read."""
    await shop.post("/items", json=ITEM)

    assert (await shop.get("/items/b")).json() == ITEM


@pytest.mark.parametrize(
    ("method", "path", "options", "status", "error"),
    [
        ("GET", "/nowhere", {}, 404, "unknown_route"),
        ("DELETE", "/items", {}, 405, "wrong_method"),
        ("GET", "/items/a", {"headers": {"X-Api-Key": "wrong"}}, 401, "unauthenticated"),
        ("GET", "/items/a", {"params": {"currency": "XXX"}}, 400, "invalid"),
        ("GET", "/items/a", {"params": [("currency", "EUR"), ("currency", "USD")]}, 400, "invalid"),
        ("POST", "/items", {"content": b"{}", "headers": {"Content-Type": "text/plain"}}, 415, "media_type"),
        (
            "POST",
            "/items",
            {"content": b"{", "headers": {"Content-Type": "application/json"}},
            400,
            "malformed",
        ),
        ("POST", "/items", {"json": {"id": "b"}}, 400, "invalid"),
        ("POST", "/items", {"json": {"id": "b", "price": 0}}, 400, "invalid"),
        ("POST", "/items", {"json": {**ITEM, "color": "red"}}, 400, "invalid"),
        ("POST", "/items", {"content": b" " * (MAX_BODY_BYTES + 1)}, 400, "too_large"),
    ],
)
async def test_invalid_request_is_rejected_and_recorded(
    shop: httpx.AsyncClient, method: str, path: str, options: dict[str, Any], status: int, error: str
) -> None:
    """A rejection has the vendor's own error body and is one violation."""
    response = await shop.request(method, path, **options)

    assert (response.status_code, response.json()["error"]) == (status, error)
    assert [violation["count"] for violation in await violations(shop)] == [1]


async def test_violation_has_location_rule_and_schema_pointer(shop: httpx.AsyncClient) -> None:
    """A violation names the operation, the field, the rule, and the place in the schemas."""
    await shop.post("/items", json={"id": "b"})

    [violation] = await violations(shop)

    assert (violation["operation"], violation["where"]) == ("addItem", "body.price")
    assert violation["rule"] == "required"
    assert violation["documented"].endswith("openapi.json#/paths/~1items/post/requestBody")


async def test_unknown_query_parameter_is_accepted_and_recorded(shop: httpx.AsyncClient) -> None:
    """The vendor ignores an unknown query parameter; the stub records it."""
    response = await shop.get("/items/a", params={"colour": "red"})

    entries = [(violation["kind"], violation["where"]) for violation in await violations(shop)]
    assert response.status_code == 200
    assert entries == [("unknown_parameter", "query.colour")]


@pytest.mark.parametrize(
    ("response", "location"),
    [
        (StubResponse(200, {"id": "a"}), "/"),
        (StubResponse(200, {"id": "a", "price": "5"}), "/price"),
        (StubResponse(200, {"id": "a", "price": 5, "color": "red"}), "/"),
        (StubResponse(418, {}), "status"),
        (StubResponse(200), "body"),
        (StubResponse(200, b"x", media_type="text/plain"), "content-type"),
    ],
)
async def test_invalid_response_is_replaced_by_500(
    app: StubApp, shop: httpx.AsyncClient, response: StubResponse, location: str
) -> None:
    """A response that violates the schemas is never sent: the 500 and the defect name the location."""
    app.runtime.state.response = response

    received = await shop.get("/items/a")

    assert (received.status_code, received.json()["stub_defect"]["where"]) == (500, location)
    defects = (await shop.get("/_stub/defects")).json()
    assert [defect["where"] for defect in defects] == [location]


async def test_response_without_required_header_is_replaced_by_500(
    app: StubApp, shop: httpx.AsyncClient
) -> None:
    """Required response headers are part of the contract."""
    app.runtime.state.sends_location = False

    response = await shop.post("/items", json=ITEM)

    assert (response.status_code, response.json()["stub_defect"]["where"]) == (500, "header location")


async def test_incomplete_request_is_ignored(app: StubApp, shop: httpx.AsyncClient) -> None:
    """A client that disconnects in the middle of the body gets no response, and nothing is recorded."""
    messages = iter(
        [{"type": "http.request", "body": b'{"id": "b"', "more_body": True}, {"type": "http.disconnect"}]
    )
    sent: list[Any] = []
    scope: dict[str, Any] = {
        "type": "http",
        "method": "POST",
        "path": "/items",
        "query_string": b"",
        "headers": [],
        "server": None,
    }

    async def receive() -> Any:
        return next(messages)

    async def send(message: Any) -> None:
        sent.append(message)

    await app(scope, receive, send)

    assert (sent, (await shop.get("/_stub/requests")).json(), await violations(shop)) == ([], [], [])


def test_missing_operation_is_an_error_at_start(tmp_path: Path) -> None:
    """A stub that lacks an operation of the schemas does not start."""
    stub: StubDefinition[ExampleState] = StubDefinition(
        state_factory=ExampleState, hooks=VendorHooks(error_response=lambda _: StubResponse(500)), env_vars={}
    )

    with pytest.raises(LookupError, match="shop: the stub does not implement addItem, getItem"):
        make_app(tmp_path, stub)


def test_undocumented_operation_is_an_error_at_start(tmp_path: Path) -> None:
    """A stub with an operation that the schemas do not have does not start."""
    stub = make_stub()
    stub.operation("stealItem")(lambda _state, _request: StubResponse(204))

    with pytest.raises(LookupError, match="does not have stealItem"):
        make_app(tmp_path, stub)


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (b"[" * 100 + b"]" * 100, "invalid"),
        (b"[" * 101 + b"]" * 101, "malformed"),
        (b'{"id": "' + b"[" * 200 + b'", "price": 0}', "invalid"),
        (b'["\\"' + b"{" * 200 + b'\\\\", 1]', "invalid"),
        (b"[" + b"[]," * 200 + b"[]]", "invalid"),
        (b'["' + b'\\"' * 100_000 + b"[" * 200, "malformed"),
    ],
    ids=["deep", "too deep", "text", "escaped text", "wide", "unterminated text"],
)
async def test_depth_of_json_is_limited(shop: httpx.AsyncClient, body: bytes, error: str) -> None:
    """Only brackets that are open at the same time count, not those of a text; the check is linear in the length."""
    response = await shop.post("/items", content=body, headers={"Content-Type": "application/json"})

    assert (response.status_code, response.json()["error"]) == (400, error)


async def test_body_of_an_operation_that_takes_none_is_not_read(shop: httpx.AsyncClient) -> None:
    """Whatever it is, the response is that of the operation."""
    response = await shop.request("GET", "/items/a", content=b"[" * 3_000)

    assert response.status_code == 200


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"[" + b"1," * 19_998 + b"1]", 400),
        (b"[" + b"1," * 20_000 + b"1]", 501),
        (b'["' + b"," * 100_000 + b'"]', 400),
        (b'{"id": "x", "price": [' + b"{}," * 4_000_000 + b"{}]}", 501),
    ],
    ids=["many", "too many", "commas in a text", "12 MB"],
)
async def test_number_of_json_values_is_limited(shop: httpx.AsyncClient, body: bytes, status: int) -> None:
    """The vendor might accept so many, so the stub says that it does not: to validate 12 MB of them takes minutes."""
    response = await shop.post("/items", content=body, headers={"Content-Type": "application/json"})

    assert response.status_code == status


async def test_error_in_an_operation_is_a_defect_and_the_next_request_is_answered(
    tmp_path: Path,
) -> None:
    """The client learns which operation of the stub failed, and where; there is no bare 500."""
    stub = make_stub()

    def get_item(_state: ExampleState, _request: StubRequest) -> StubResponse:
        raise KeyError("price")

    stub.operations["getItem"] = get_item
    transport = httpx.ASGITransport(make_app(tmp_path, stub))
    async with httpx.AsyncClient(transport=transport, base_url="http://shop", headers=KEY) as shop:
        response = await shop.get("/items/a")
        defects = (await shop.get("/_stub/defects")).json()
        created = await shop.post("/items", json=ITEM)

    assert (response.status_code, response.json()) == (500, {"stub_defect": defects[0]})
    assert (defects[0]["operation"], defects[0]["message"]) == ("getItem", "KeyError('price')")
    assert defects[0]["where"].startswith("test_engine.py:")
    assert created.status_code == 201
