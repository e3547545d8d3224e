"""The control API: provider states, messages, the journal and fault rules."""

from __future__ import annotations

import json
import re
from typing import Any

import httpx
import pytest

from provider_verification.stubs.engine.fault_injection import MAX_FAULT_RULES
from provider_verification.stubs.engine.registry import create_stub_app

ITEM = {"id": "b", "price": 2}


async def test_provider_state_setup_and_teardown(shop: httpx.AsyncClient) -> None:
    """Setup returns the values for the pact's generators; teardown replaces the state."""
    change = {"state": "an item", "params": {"item": "c", "price": 7}}

    values = (await shop.post("/_stub/states", json=change)).json()
    after_setup = await shop.get("/items/c")
    await shop.post("/_stub/states", json={**change, "action": "teardown"})
    after_teardown = await shop.get("/items/c")

    assert values == {"token": "token-of-c"}
    assert (after_setup.json(), after_teardown.status_code) == ({"id": "c", "price": 7}, 404)


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
async def test_unknown_provider_state_is_rejected(
    shop: httpx.AsyncClient, change: dict[str, Any], text: str
) -> None:
    """A pact with a provider state that the stub does not have must not pass by chance."""
    response = await shop.post("/_stub/states", json=change)

    assert (response.status_code, response.json()) == (422, {"detail": text})


async def test_message_is_created_by_description(shop: httpx.AsyncClient) -> None:
    """The verifier gets the content of a known message and an error for an unknown one."""
    created = await shop.post("/_stub/messages", json={"description": "a sale"})
    unknown = await shop.post("/_stub/messages", json={"description": "a gift"})

    assert (created.json(), unknown.status_code) == ({"sold": ["a"]}, 422)


async def test_journal_masks_credentials(shop: httpx.AsyncClient) -> None:
    """The journal has the request without the value of its API key."""
    await shop.get("/items/a", params={"currency": "EUR"})

    entries = (await shop.get("/_stub/requests")).json()

    assert [(entry["operation"], entry["status"], entry["query"]) for entry in entries] == [
        ("getItem", 200, {"currency": ["EUR"]})
    ]
    assert "shop-key" not in json.dumps(entries)
    assert entries[0]["headers"]["x-api-key"] == "(secret)"


async def test_request_to_vendor_without_pacts_has_no_interaction(shop: httpx.AsyncClient) -> None:
    """A journal entry lists the interactions that it matches: none without pacts."""
    await shop.get("/items/a")

    [entry] = (await shop.get("/_stub/requests")).json()
    assert (entry["interactions"], entry["exercised"], entry["nearest"]) == ([], [], None)


async def test_reset_clears_state_journal_and_faults(shop: httpx.AsyncClient) -> None:
    """After a reset only the requests sent since then are recorded."""
    await shop.post("/items", json=ITEM)
    await shop.get("/nowhere")
    await shop.post("/_stub/faults", json={"kind": "reset"})

    await shop.post("/_stub/reset")

    assert (await shop.get("/items/b")).status_code == 404
    lists = {name: (await shop.get(f"/_stub/{name}")).json() for name in ("violations", "faults", "requests")}
    assert (lists["violations"], lists["faults"], len(lists["requests"])) == ([], [], 1)


@pytest.mark.parametrize(
    ("fault", "field"),
    [
        ({"kind": "drop"}, "body"),
        ({"kind": "explode"}, "kind"),
        ({"kind": "delay", "seconds": 3601}, "seconds"),
        ({"kind": "reset", "colour": 1}, "colour"),
    ],
)
async def test_invalid_fault_rule_is_rejected(
    shop: httpx.AsyncClient, fault: dict[str, Any], field: str
) -> None:
    """The 422 names the invalid field."""
    response = await shop.post("/_stub/faults", json=fault)

    assert (response.status_code, response.json()["detail"][0]["loc"][-1]) == (422, field)


async def test_number_of_fault_rules_is_bounded(shop: httpx.AsyncClient) -> None:
    """One rule too many gets 422 with the limit."""
    statuses = [
        (await shop.post("/_stub/faults", json={"kind": "status"})).status_code
        for _ in range(MAX_FAULT_RULES)
    ]
    response = await shop.post("/_stub/faults", json={"kind": "status"})

    assert set(statuses) == {201}
    assert response.status_code == 422
    assert f"at most {MAX_FAULT_RULES} fault rules" in response.json()["detail"]


@pytest.mark.parametrize(
    ("path", "body", "text"),
    [
        ("states", {"state": "an item"}, "the state 'an item' needs the parameter item"),
        ("states", {"state": "an item", "params": {"item": 5}}, "has an invalid parameter item"),
        (
            "states",
            {"state": "an item", "params": {"item": "a", "price": "x"}},
            "has an invalid parameter price",
        ),
        (
            "states",
            {"state": "an item", "params": {"item": "rejected"}},
            "rejects its parameters: ValueError('no such item')",
        ),
        ("states", {"state": "an item", "action": "undo"}, "Input should be 'setup' or 'teardown'"),
        ("states", {"state": "an item", "parameters": {}}, "Extra inputs are not permitted"),
        ("states", [], "Input should be a valid dictionary"),
        ("messages", {}, "Field required"),
        ("messages", {"description": "a gift"}, "there is no message 'a gift'"),
        ("faults", {"kind": "reset", "operation": "nothing"}, "there is no operation 'nothing'"),
    ],
)
async def test_invalid_control_request_gets_422(
    shop: httpx.AsyncClient, path: str, body: Any, text: str
) -> None:
    """The response says what is invalid."""
    response = await shop.post(f"/_stub/{path}", json=body)

    assert response.status_code == 422
    assert text in json.dumps(response.json(), ensure_ascii=False)


@pytest.mark.parametrize("vendor", ["apaleo", "tts"])
@pytest.mark.parametrize("count", [-1, 10_001, 10**25])
async def test_count_of_a_provider_state_is_limited(vendor: str, count: int) -> None:
    """More items would stop all stubs of the process while they are created."""
    state = {"apaleo": "reservations", "tts": "voices"}[vendor]
    transport = httpx.ASGITransport(create_stub_app(vendor))
    async with httpx.AsyncClient(transport=transport, base_url="http://stub") as http:
        response = await http.post("/_stub/states", json={"state": state, "params": {"count": count}})

    assert response.status_code == 422
    assert "invalid parameter count" in response.json()["detail"]


@pytest.mark.parametrize(
    "content", [b"NaN", b'"\\ud800"', b'{"state": "\\ud800"}', b'{"\\ud800": NaN}', b'{"state": NaN}']
)
async def test_body_that_no_response_can_repeat_is_rejected(shop: httpx.AsyncClient, content: bytes) -> None:
    """422, and not a failure to write the error."""
    response = await shop.post("/_stub/states", content=content, headers={"Content-Type": "application/json"})

    assert response.status_code == 422
    assert response.json()["detail"]


async def test_index_lists_resources_and_operations(shop: httpx.AsyncClient) -> None:
    """As JSON, and as a page for a browser, whose links all lead somewhere; without the slash too."""
    document = (await shop.get("/_stub/")).json()
    page = await shop.get("/_stub", headers={"Accept": "text/html"}, follow_redirects=True)
    links = re.findall(r'<a href="([^"]+)"', page.text)
    statuses = [(await shop.get(str(page.url.join(link)))).status_code for link in links]

    assert document["resources"] == {name: f"/_stub/{name}" for name in links}
    assert {"states", "faults", "violations", "requests"} < set(links)
    assert statuses == [200] * len(links)
    assert document["operations"]
    for name, route in document["operations"].items():
        assert f"<li>{name} <code>{route}</code></li>" in page.text
    assert (await shop.get("/_stub/violations")).json() == []
