"""Each request is answered, rejected, ignored in part, or not modelled by the stub: the four are never confused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from provider_verification.stubs.engine.vendor_index import VendorIndex
from provider_verification.stubs.sdk import NotModelled, StubRequest, StubResponse, ok, with_warning
from tests.stubs.example_vendor import KEY, ExampleState, make_stub
from tests.stubs.indexed_shop import INDEX, client_of, make_shop, violations_of

ITEM = {"id": "b", "price": 1}


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
