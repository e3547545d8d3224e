"""A made-up vendor for the tests of the stub engine: one item, read and bought."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from provider_verification.stubs.engine.app import StubApp
from provider_verification.stubs.engine.openapi import OpenApiContract
from provider_verification.stubs.sdk import (
    RequestRejected,
    StubDefinition,
    StubRequest,
    StubResponse,
    VendorHooks,
    VendorMessage,
    ok,
)

KEY = {"X-Api-Key": "shop-key"}
ITEM = {
    "type": "object",
    "required": ["id", "price"],
    "additionalProperties": False,
    "properties": {"id": {"type": "string"}, "price": {"type": "integer", "minimum": 1}},
}
REFUSED = {"description": "refused", "content": {"application/json": {"schema": {"type": "object"}}}}
REFUSALS = {"400": REFUSED, "401": REFUSED, "415": REFUSED}
PATHS: dict[str, Any] = {
    "/items/{id}": {
        "get": {
            "operationId": "getItem",
            "parameters": [
                {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}},
                {"name": "currency", "in": "query", "schema": {"type": "string", "enum": ["EUR", "USD"]}},
            ],
            "responses": {
                "200": {"description": "it", "content": {"application/json": {"schema": {"$ref": "item.json"}}}},
                "404": {"description": "none"},
                **REFUSALS,
            },
        }
    },
    "/items": {
        "post": {
            "operationId": "addItem",
            "requestBody": {"required": True, "content": {"application/json": {"schema": {"$ref": "item.json"}}}},
            "responses": {
                "201": {
                    "description": "made",
                    "headers": {"Location": {"required": True, "schema": {"type": "string"}}},
                    "content": {"application/json": {"schema": {"$ref": "item.json"}}},
                },
                **REFUSALS,
            },
        }
    },
}  # fmt: skip


@dataclass
class ExampleState:
    """The vendor's world; `answer` is what reading gives instead of the item, to break the contract."""

    items: dict[str, dict[str, Any]] = field(default_factory=lambda: {"a": {"id": "a", "price": 5}})
    answer: StubResponse | None = None
    location: bool = True


def _errors(problem: RequestRejected) -> StubResponse:
    status = {"unauthenticated": 401, "unknown_route": 404, "wrong_method": 405, "media_type": 415}
    found = problem.status or status.get(problem.kind, 400)
    return StubResponse(found, {"error": problem.kind, "message": problem.message})


def _authenticate(_shop: ExampleState, headers: Mapping[str, str], _query: Mapping[str, str]) -> str:
    if headers.get("x-api-key") != KEY["X-Api-Key"]:
        raise RequestRejected("unauthenticated", "the header x-api-key should hold the shop's key")
    return "somebody"


def make_stub() -> StubDefinition[ExampleState]:
    """The vendor's stub."""
    hooks: VendorHooks[ExampleState] = VendorHooks(error_response=_errors, authenticate=_authenticate)
    stub: StubDefinition[ExampleState] = StubDefinition(state_factory=ExampleState, hooks=hooks, env_vars={})

    @stub.operation("getItem")
    def get_item(shop: ExampleState, call: StubRequest) -> StubResponse:
        if shop.answer:
            return shop.answer
        item = shop.items.get(call.path_params["id"])
        return ok(item) if item else StubResponse(404)

    @stub.operation("addItem")
    def add_item(shop: ExampleState, call: StubRequest) -> StubResponse:
        shop.items[call.body["id"]] = call.body
        return StubResponse(201, call.body, {"Location": "/items/x"} if shop.location else {})

    @stub.provider_state("an item")
    def an_item(shop: ExampleState, item: str, price: int = 1) -> dict[str, str]:
        shop.items[item] = {"id": item, "price": price}
        return {"token": f"token-of-{item}"}

    @stub.message("a sale")
    def a_sale(shop: ExampleState) -> VendorMessage:
        return VendorMessage({"sold": sorted(shop.items)})

    return stub


def make_app(folder: Path, stub: StubDefinition[ExampleState] | None = None) -> StubApp:
    """The stub as an application, its schemas written into a folder."""
    document = {"openapi": "3.1.0", "security": [{"key": []}], "paths": PATHS}
    (folder / "openapi.json").write_text(json.dumps(document))
    (folder / "item.json").write_text(json.dumps(ITEM))
    return StubApp("shop", stub or make_stub(), OpenApiContract(folder))
