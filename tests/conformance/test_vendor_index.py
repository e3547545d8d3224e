"""The index of what a vendor has: derived from specs and SDKs, and compared with the stored file."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from provider_verification.conformance.errors import SpecError
from provider_verification.conformance.operations import operations
from provider_verification.conformance.schema_node import DocumentLoader
from provider_verification.conformance.sdk_operations import sdk_operations
from provider_verification.conformance.vendor_index import (
    derive_index,
    index_differences,
    render_index,
    websocket_entries,
)

GUEST: dict[str, Any] = {
    "type": "object",
    "properties": {
        "name": {"type": "string"},
        "friends": {"type": "array", "items": {"$ref": "#/components/schemas/Guest"}},
    },
}
SPEC: dict[str, Any] = {
    "paths": {
        "/rooms/{roomId}": {
            "parameters": [{"name": "lang", "in": "query", "schema": {"type": "string"}}],
            "get": {
                "parameters": [
                    {"name": "expand", "in": "query", "schema": {"type": "string"}},
                    {"name": "X-Request-Group", "in": "header", "schema": {"type": "string"}},
                ],
                "responses": {},
            },
            "put": {
                "requestBody": {
                    "content": {
                        "application/json": {
                            "schema": {
                                "type": "object",
                                "properties": {
                                    "guests": {
                                        "type": "array",
                                        "items": {"$ref": "#/components/schemas/Guest"},
                                    },
                                    "tags": {"type": "object", "additionalProperties": {"type": "string"}},
                                    "note": {"anyOf": [{"type": "string"}, {"type": "null"}]},
                                },
                            }
                        }
                    }
                },
                "responses": {},
            },
        }
    },
    "components": {"schemas": {"Guest": GUEST}},
}
INDEX = {
    "GET /rooms/{roomId}": {"query": ["expand", "lang"], "headers": ["x-request-group"]},
    "PUT /rooms/{roomId}": {
        "query": ["lang"],
        "body": {"guests": {"friends": None, "name": None}, "note": None, "tags": {"*": None}},
    },
}
CHANNELS: dict[str, Any] = {
    "/rooms/{roomId}/calls": {
        "bindings": {"ws": {"query": {"type": "object", "properties": {"lang": {"type": "string"}}}}},
        "publish": {
            "message": {
                "oneOf": [
                    {"payload": {"type": "object", "properties": {"text": {"type": "string"}, "guest": GUEST}}},
                    {"payload": {"type": "object", "properties": {"text": {"type": "string"}, "end": {"type": "boolean"}}}},
                ]
            }
        },
        "subscribe": {"message": {"payload": {"type": "object", "properties": {"audio": {"type": "string"}}}}},
    },
    "/news": {},
}  # fmt: skip
CLIENT = """
class RawRoomsClient:
    def list(self, *, page_size: int, search: str = None) -> None:
        self._client_wrapper.httpx_client.request(
            "v1/rooms", method="GET", params={"page_size": page_size, "q": search}, request_options=None
        )

    def rename(self, room_id: str, *, name: str) -> None:
        with self._client_wrapper.httpx_client.stream(
            f"v1/rooms/{jsonable_encoder(room_id)}/name", method="POST", json={"name": convert(object_=name)}
        ):
            pass
"""


def derive(folder: Path) -> dict[str, Any]:
    """Return the index of the example spec."""
    file = folder / "spec.json"
    file.write_text(json.dumps(SPEC))
    documents = DocumentLoader()
    return derive_index(operations(file, documents), {}, documents)


def test_index_has_the_names_of_parameters_and_fields(tmp_path: Path) -> None:
    """Fields are a tree through lists and maps; a schema that contains itself ends."""
    assert derive(tmp_path) == INDEX


def test_index_has_the_fields_of_a_clients_messages(tmp_path: Path) -> None:
    """Those of all messages that the client sends on a WebSocket, and none of what the vendor sends."""
    document = {"channels": CHANNELS, "components": {"schemas": {"Guest": GUEST}}}
    file = tmp_path / "asyncapi.json"
    file.write_text(json.dumps(document))

    entries = dict(websocket_entries(file, DocumentLoader()))

    guest = {"friends": {"friends": None, "name": None}, "name": None}
    assert entries == {
        "WEBSOCKET /rooms/{roomId}/calls": {
            "query": ["lang"],
            "body": {"end": None, "guest": guest, "text": None},
        },
        "WEBSOCKET /news": {"query": []},
    }


def test_stored_index_that_is_current_has_no_differences(tmp_path: Path) -> None:
    """What is written is what is read."""
    file = tmp_path / "index.json"
    file.write_text(render_index(derive(tmp_path)))

    assert list(index_differences(derive(tmp_path), file)) == []


@pytest.mark.parametrize(("change", "difference"), [
    ({"GET /rooms/{roomId}": None}, "GET /rooms/{roomId} is missing"),
    ({"GET /beds": {"query": []}}, "GET /beds is listed, the vendor's specs do not have it"),
    (
        {"GET /rooms/{roomId}": {"query": ["lang"]}},
        "GET /rooms/{roomId} is listed with other parameters or fields than the vendor's specs have",
    ),
])  # fmt: skip
def test_stored_index_that_is_stale_is_reported(
    tmp_path: Path, change: dict[str, Any], difference: str
) -> None:
    """Each operation that differs is named."""
    stored = {name: entry for name, entry in {**INDEX, **change}.items() if entry is not None}
    file = tmp_path / "index.json"
    file.write_text(json.dumps(stored))

    assert list(index_differences(derive(tmp_path), file)) == [difference]


def test_requests_of_an_sdk_are_operations(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Paths, query parameters with whether they are required, and body fields are read from the calls."""
    folder = tmp_path / "rooms_sdk"
    folder.mkdir()
    (folder / "__init__.py").touch()
    (folder / "raw_client.py").write_text(CLIENT)
    monkeypatch.syspath_prepend(tmp_path)

    found = {operation.name: operation for operation in sdk_operations("rooms_sdk")}

    assert sorted(found) == ["GET /v1/rooms", "POST /v1/rooms/{room_id}/name"]
    parameters = found["GET /v1/rooms"].parameters
    assert {name: parameter.required for (_, name), parameter in parameters.items()} == {
        "page_size": True,
        "q": False,
    }
    assert found["POST /v1/rooms/{room_id}/name"].body_names == {"name": None}
    assert "rooms_sdk" not in sys.modules


@pytest.mark.parametrize("package", ["no_such_sdk", "json"])
def test_package_without_such_clients_is_an_error(package: str) -> None:
    """The check cannot be run, instead of finding that the vendor has nothing."""
    with pytest.raises(SpecError, match=package):
        list(sdk_operations(package))
