"""Which responses under load are errors."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.integration.performance.response_contract import JSON, ResponseContract

DOCUMENT: dict[str, Any] = {
    "openapi": "3.1.0",
    "paths": {
        "/calls/{id}": {
            "post": {
                "responses": {
                    "200": {"content": {JSON: {"schema": {"$ref": "#/components/schemas/Call"}}}},
                    "204": {"description": "nothing"},
                    "503": {"content": {JSON: {"schema": {}}}},
                }
            }
        },
        "/audio": {"get": {"responses": {"200": {"content": {"audio/mpeg": {}}}}}},
    },
    "components": {
        "schemas": {
            "Call": {"type": "object", "required": ["state"], "properties": {"state": {"type": "string"}}}
        }
    },
}


@pytest.mark.parametrize(
    ("status", "content_type", "body", "error"),
    [
        (200, JSON, {"state": "active"}, None),
        (200, f"{JSON}; charset=utf-8", {"state": "active"}, None),
        (200, JSON, {}, 'status 200, /: "state" is a required property'),
        (200, JSON, {"state": 1}, 'status 200, /state: 1 is not of type "string"'),
        (200, "text/html", {"state": "active"}, "status 200 has the content type text/html"),
        (204, "", None, None),
        (204, "", {}, "status 204 has a body"),
        (404, JSON, {}, "status 404 is not in the contract"),
        (503, JSON, {}, "status 503"),
    ],
)
def test_response_that_the_contract_does_not_allow_is_an_error(
    status: int, content_type: str, body: Any, error: str | None
) -> None:
    """By its status, content type and body; a documented 503 is an error under load too."""
    content = b"" if body is None else json.dumps(body).encode()

    assert (
        ResponseContract(DOCUMENT).find_error("POST", "/calls/{id}", status, content_type, content) == error
    )


@pytest.mark.parametrize(
    ("body", "error"), [(b"\xff\xfb", None), (b"", "status 200 has no body"), (b"not JSON", None)]
)
def test_audio_must_not_be_empty(body: bytes, error: str | None) -> None:
    """Its bytes are not checked."""
    assert ResponseContract(DOCUMENT).find_error("GET", "/audio", 200, "audio/mpeg", body) == error


def test_body_that_is_not_json_is_an_error() -> None:
    """Although its content type says so."""
    error = ResponseContract(DOCUMENT).find_error("POST", "/calls/{id}", 200, JSON, b"<html>")

    assert error == "status 200: the body is not JSON"
