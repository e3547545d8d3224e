"""The stub engine: strict with requests, strict with its own answers, stateful, and driven over HTTP."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from provider_verification.stubs.engine.app import StubApp
from provider_verification.stubs.engine.exchange import MAX_BODY
from provider_verification.stubs.sdk import StubDefinition, StubResponse, VendorHooks
from tests.stubs.example_vendor import KEY, ExampleState, make_app, make_stub

ITEM = {"id": "b", "price": 2}


@pytest.fixture
def app(tmp_path: Path) -> StubApp:
    """The made-up vendor's stub."""
    return make_app(tmp_path)


@pytest.fixture
async def shop(app: StubApp) -> AsyncIterator[httpx.AsyncClient]:
    """A client of it that knows the key."""
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://shop", headers=KEY) as client:
        yield client


async def violations(shop: httpx.AsyncClient) -> list[dict[str, Any]]:
    """What the stub noted against its callers."""
    noted: list[dict[str, Any]] = (await shop.get("/_stub/violations")).json()
    return [one for one in noted if one["kind"] != "not_in_pacts"]


async def test_created_item_can_be_read(shop: httpx.AsyncClient) -> None:
    """The world has a state: an item added is read back."""
    await shop.post("/items", json=ITEM)

    assert (await shop.get("/items/b")).json() == ITEM


@pytest.mark.parametrize(
    ("method", "path", "more", "status", "error"),
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
        ("POST", "/items", {"content": b" " * (MAX_BODY + 1)}, 400, "too_large"),
    ],
)
async def test_what_the_vendor_would_refuse_is_refused_and_noted(
    shop: httpx.AsyncClient, method: str, path: str, more: dict[str, Any], status: int, error: str
) -> None:
    """Each refusal has the vendor's own error body, and is one violation."""
    answer = await shop.request(method, path, **more)

    assert (answer.status_code, answer.json()["error"]) == (status, error)
    assert [one["count"] for one in await violations(shop)] == [1]


async def test_a_violation_names_the_field_and_where_it_is_documented(shop: httpx.AsyncClient) -> None:
    """What was wrong, what is required, and the place in our schemas."""
    await shop.post("/items", json={"id": "b"})

    noted = (await violations(shop))[0]

    assert (noted["operation"], noted["where"], noted["rule"]) == ("addItem", "body.price", "required")
    assert noted["documented"].endswith("openapi.json#/paths/~1items/post/requestBody")


async def test_a_parameter_that_the_vendor_ignores_is_noted(shop: httpx.AsyncClient) -> None:
    """An unknown query parameter passes, as at the vendor, and is a violation of its own kind."""
    answer = await shop.get("/items/a", params={"colour": "red"})

    noted = await violations(shop)
    assert answer.status_code == 200
    assert [(one["kind"], one["where"]) for one in noted] == [("unknown_parameter", "query.colour")]


@pytest.mark.parametrize(
    ("answer", "where"),
    [
        (StubResponse(200, {"id": "a"}), "/"),
        (StubResponse(200, {"id": "a", "price": "5"}), "/price"),
        (StubResponse(200, {"id": "a", "price": 5, "color": "red"}), "/"),
        (StubResponse(418, {}), "status"),
        (StubResponse(200), "body"),
        (StubResponse(200, b"x", media_type="text/plain"), "content-type"),
    ],
)
async def test_an_answer_that_breaks_the_contract_is_a_defect(
    app: StubApp, shop: httpx.AsyncClient, answer: StubResponse, where: str
) -> None:
    """The stub never sends it: it answers 500 with the field, and notes the defect."""
    app.runtime.state.answer = answer

    got = await shop.get("/items/a")

    assert (got.status_code, got.json()["stub_defect"]["where"]) == (500, where)
    assert [one["where"] for one in (await shop.get("/_stub/defects")).json()] == [where]


async def test_an_answer_without_a_required_header_is_a_defect(app: StubApp, shop: httpx.AsyncClient) -> None:
    """Headers are part of the contract."""
    app.runtime.state.location = False

    got = await shop.post("/items", json=ITEM)

    assert (got.status_code, got.json()["stub_defect"]["where"]) == (500, "header location")


async def test_provider_state_setup_and_teardown(shop: httpx.AsyncClient) -> None:
    """Setup gives the values for the pact's generators; teardown makes the world new."""
    change = {"state": "an item", "params": {"item": "c", "price": 7}}

    given = (await shop.post("/_stub/states", json=change)).json()
    there = await shop.get("/items/c")
    await shop.post("/_stub/states", json={**change, "action": "teardown"})
    gone = await shop.get("/items/c")

    assert (given, there.json(), gone.status_code) == ({"token": "token-of-c"}, {"id": "c", "price": 7}, 404)


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"state": "a unicorn"}, "there is no provider state 'a unicorn': there are an item"),
        (
            {"state": "an item", "params": {"item": "c", "colour": "red"}},
            "the state 'an item' has no parameter colour: it has item, price",
        ),
    ],
)
async def test_an_unknown_state_is_refused(
    shop: httpx.AsyncClient, change: dict[str, Any], text: str
) -> None:
    """A pact with a state that the stub does not know must not be verified by luck."""
    answer = await shop.post("/_stub/states", json=change)

    assert (answer.status_code, answer.json()) == (400, {"detail": text})


async def test_a_message_is_made_for_the_verifier(shop: httpx.AsyncClient) -> None:
    """Its content, and an error for a description that the stub does not know."""
    made = await shop.post("/_stub/messages", json={"description": "a sale"})
    unknown = await shop.post("/_stub/messages", json={"description": "a gift"})

    assert (made.json(), unknown.status_code) == ({"sold": ["a"]}, 400)


async def test_requests_are_seen_without_secrets(shop: httpx.AsyncClient) -> None:
    """What was sent is remembered; a credential is not."""
    await shop.get("/items/a", params={"currency": "EUR"})

    seen = (await shop.get("/_stub/requests")).json()

    assert [(one["operation"], one["status"], one["query"]) for one in seen] == [
        ("getItem", 200, {"currency": ["EUR"]})
    ]
    assert "shop-key" not in json.dumps(seen)
    assert seen[0]["headers"]["x-api-key"] == "(secret)"


async def test_a_request_that_was_broken_off_is_none(app: StubApp, shop: httpx.AsyncClient) -> None:
    """The client went away in the middle of the body: nothing is answered, noted, or done."""
    parts = iter(
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
        return next(parts)

    async def send(message: Any) -> None:
        sent.append(message)

    await app(scope, receive, send)

    assert (sent, (await shop.get("/_stub/requests")).json(), await violations(shop)) == ([], [], [])


async def test_requests_are_attributed_to_interactions(shop: httpx.AsyncClient) -> None:
    """A vendor without pacts has none, and nothing is near."""
    await shop.get("/items/a")

    [seen] = (await shop.get("/_stub/requests")).json()
    assert (seen["interactions"], seen["nearest"]) == ([], None)


async def test_a_reset_forgets_everything(shop: httpx.AsyncClient) -> None:
    """World, requests, violations and faults are new."""
    await shop.post("/items", json=ITEM)
    await shop.get("/nowhere")
    await shop.post("/_stub/faults", json={"kind": "reset"})

    await shop.post("/_stub/reset")

    assert (await shop.get("/items/b")).status_code == 404
    left = {name: (await shop.get(f"/_stub/{name}")).json() for name in ("violations", "faults", "requests")}
    assert (left["violations"], left["faults"], len(left["requests"])) == ([], [], 1)


@pytest.mark.parametrize(
    ("fault", "field"),
    [
        ({"kind": "drop"}, "body"),
        ({"kind": "explode"}, "kind"),
        ({"kind": "delay", "seconds": 100}, "seconds"),
        ({"kind": "reset", "colour": 1}, "colour"),
    ],
)
async def test_a_fault_that_makes_no_sense_is_refused(
    shop: httpx.AsyncClient, fault: dict[str, Any], field: str
) -> None:
    """The field is named."""
    answer = await shop.post("/_stub/faults", json=fault)

    assert (answer.status_code, answer.json()["detail"][0]["loc"][-1]) == (422, field)


def test_an_operation_without_an_answer_is_an_error_at_start(tmp_path: Path) -> None:
    """A stub that leaves out an operation of the schemas does not start."""
    stub: StubDefinition[ExampleState] = StubDefinition(
        state_factory=ExampleState, hooks=VendorHooks(error_response=lambda _: StubResponse(500)), env_vars={}
    )

    with pytest.raises(LookupError, match="shop: the stub does not implement addItem, getItem"):
        make_app(tmp_path, stub)


def test_an_answer_without_an_operation_is_an_error_at_start(tmp_path: Path) -> None:
    """A stub that answers what the schemas do not have does not start."""
    stub = make_stub()
    stub.operation("stealItem")(lambda _shop, _call: StubResponse(204))

    with pytest.raises(LookupError, match="does not have stealItem"):
        make_app(tmp_path, stub)
