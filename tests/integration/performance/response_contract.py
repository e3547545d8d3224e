"""Checks responses against the service's OpenAPI document: what it does not allow for an operation is an error."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from typing import Any

import jsonschema_rs

JSON = "application/json"


class ResponseContract:
    """The responses that each operation may have.

    Args:
        document: the OpenAPI 3.1 document.
    """

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._document = document
        self._validator = cache(self._create_validator)

    def find_error(self, method: str, route: str, status: int, content_type: str, body: bytes) -> str | None:
        """Return why a response is an error, or None.

        Args:
            method: the method in upper case.
            route: the path of the operation, with the names of its parameters.
            status: the status; 5xx is an error although the document names it, because every operation may fail.
            content_type: the header's value.
            body: the body.
        """
        if status >= 500:
            return f"status {status}"
        responses = self._document["paths"][route][method.lower()]["responses"]
        if str(status) not in responses:
            return f"status {status} is not in the contract"
        content = responses[str(status)].get("content", {})
        media_type = content_type.partition(";")[0].strip()
        if not content:
            return f"status {status} has a body" if body else None
        if media_type not in content:
            return f"status {status} has the content type {media_type or 'none'}"
        if not body:
            return f"status {status} has no body"
        return self._find_schema_error(method, route, status, body) if media_type == JSON else None

    def _find_schema_error(self, method: str, route: str, status: int, body: bytes) -> str | None:
        try:
            self._validator(method, route, status).validate(json.loads(body))
        except jsonschema_rs.ValidationError as error:
            location = "/".join(map(str, error.instance_path))
            return f"status {status}, /{location}: {error.message[:200]}"
        except ValueError:
            return f"status {status}: the body is not JSON"
        return None

    def _create_validator(self, method: str, route: str, status: int) -> jsonschema_rs.Validator:
        response = self._document["paths"][route][method.lower()]["responses"][str(status)]
        # references in the schema point into the document
        schema = response["content"][JSON]["schema"] | {"components": self._document["components"]}
        return jsonschema_rs.validator_for(schema)
