"""An example vendor for the tests of the stub engine: a shop whose items are read and added."""

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
REJECTION = {"description": "rejected", "content": {"application/json": {"schema": {"type": "object"}}}}
REJECTIONS = {"400": REJECTION, "401": REJECTION, "415": REJECTION}
PATHS: dict[str, Any] = {
    "/items/{id}": {
        "get": {
            "operationId": "getItem",
            "parameters": [
                {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}},
                {"name": "currency", "in": "query", "schema": {"type": "string", "enum": ["EUR", "USD"]}},
            ],
            "responses": {
                "200": {"description": "the item", "content": {"application/json": {"schema": {"$ref": "item.json"}}}},
                "404": {"description": "not found"},
                **REJECTIONS,
            },
        }
    },
    "/items": {
        "post": {
            "operationId": "addItem",
            "requestBody": {"required": True, "content": {"application/json": {"schema": {"$ref": "item.json"}}}},
            "responses": {
                "201": {
                    "description": "created",
                    "headers": {"Location": {"required": True, "schema": {"type": "string"}}},
                    "content": {"application/json": {"schema": {"$ref": "item.json"}}},
                },
                **REJECTIONS,
            },
        }
    },
}  # fmt: skip


@dataclass
class ExampleState:
    """The vendor's state; `response` and `sends_location` make it violate its own contract."""

    items: dict[str, dict[str, Any]] = field(default_factory=lambda: {"a": {"id": "a", "price": 5}})
    response: StubResponse | None = None
    sends_location: bool = True


def _error_response(problem: RequestRejected) -> StubResponse:
    statuses = {"unauthenticated": 401, "unknown_route": 404, "wrong_method": 405, "media_type": 415}
    status = problem.status or statuses.get(problem.kind, 400)
    return StubResponse(status, {"error": problem.kind, "message": problem.message})


def _authenticate(_state: ExampleState, headers: Mapping[str, str], _query: Mapping[str, str]) -> str:
    if headers.get("x-api-key") != KEY["X-Api-Key"]:
        raise RequestRejected("unauthenticated", "the header x-api-key should hold the shop's key")
    return "client"


def make_stub() -> StubDefinition[ExampleState]:
    """Return the definition of the example vendor's stub."""
    hooks: VendorHooks[ExampleState] = VendorHooks(error_response=_error_response, authenticate=_authenticate)
    stub: StubDefinition[ExampleState] = StubDefinition(state_factory=ExampleState, hooks=hooks, env_vars={})

    @stub.operation("getItem")
    def get_item(state: ExampleState, request: StubRequest) -> StubResponse:
        if state.response:
            return state.response
        item = state.items.get(request.path_params["id"])
        return ok(item) if item else StubResponse(404)

    @stub.operation("addItem")
    def add_item(state: ExampleState, request: StubRequest) -> StubResponse:
        state.items[request.body["id"]] = request.body
        headers = {"Location": "/items/x"} if state.sends_location else {}
        return StubResponse(201, request.body, headers)

    @stub.provider_state("an item")
    def an_item(state: ExampleState, item: str, price: int = 1) -> dict[str, str]:
        if item == "rejected":
            raise ValueError("no such item")
        state.items[item] = {"id": item, "price": price}
        return {"token": f"token-of-{item}"}

    @stub.message("a sale")
    def a_sale(state: ExampleState) -> VendorMessage:
        return VendorMessage({"sold": sorted(state.items)})

    return stub


def make_app(folder: Path, stub: StubDefinition[ExampleState] | None = None) -> StubApp:
    """Return the stub as an application; its schemas are written to the folder."""
    document = {"openapi": "3.1.0", "security": [{"key": []}], "paths": PATHS}
    (folder / "openapi.json").write_text(json.dumps(document))
    (folder / "item.json").write_text(json.dumps(ITEM))
    return StubApp("shop", stub or make_stub(), OpenApiContract(folder))
