"""A vendor's schema files: references resolved by `referencing`, validators compiled by `jsonschema-rs`."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote, urldefrag, urljoin

import jsonschema_rs
import referencing
from referencing.exceptions import Unresolvable
from referencing.jsonschema import DRAFT202012

from provider_verification.stubs.engine.errors import ContractError

# `urljoin` resolves relative references for known URI schemes only; nothing is read from this path.
BASE_URI = "file:///schemas/"
OPENAPI_FILE = "openapi.json"


class SchemaNode(NamedTuple):
    """A value in a schema file, and the URI that identifies it."""

    uri: str
    value: Any

    def child(self, *keys: str | int) -> SchemaNode:
        """Return the value under these keys.

        Raises:
            KeyError, IndexError: there is no such value.
        """
        value = self.value
        for key in keys:
            value = value[key]
        return SchemaNode(f"{self.uri}/{json_pointer(*keys)}", value)


@dataclass(frozen=True, slots=True)
class Schema:
    """A compiled schema: `validator` decides; a slower one finds the most relevant error.

    Attributes:
        reference: the schema, as a reference into the vendor's files.
        references: these files.
    """

    validator: jsonschema_rs.Validator
    reference: Mapping[str, str]
    references: referencing.Registry[Any]

    def explain(self, value: Any) -> tuple[str, str]:
        """Return the JSON pointer and the message of the most relevant error of an invalid value."""
        # Formats are not explained, and for their sake jsonschema would build the parser of a grammar for two seconds.
        sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]  # documented: it cannot be imported
        # Only a defect of a stub is explained.
        from jsonschema import Draft202012Validator  # noqa: PLC0415
        from jsonschema.exceptions import best_match  # noqa: PLC0415

        explainer = Draft202012Validator(self.reference, registry=self.references)
        error = best_match(explainer.iter_errors(value))
        if error is not None:
            return "/" + "/".join(map(str, error.absolute_path)), error.message
        # Only the compiled validator checks formats.
        compiled_error = next(iter(self.validator.iter_errors(value)))
        return "/" + "/".join(map(str, compiled_error.instance_path)), compiled_error.message


class SchemaFiles:
    """All JSON files of a vendor's schema folder.

    Args:
        folder: holds openapi.json and the payload schemas.

    Raises:
        ContractError: openapi.json is missing, a file is not JSON, or a reference leads outside the folder.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        documents = {path.name: _read_json(path) for path in sorted(folder.glob("*.json"))}
        if OPENAPI_FILE not in documents:
            raise ContractError(f"{folder / OPENAPI_FILE} is missing: it lists the vendor's operations")
        self.openapi = SchemaNode(f"{BASE_URI}{OPENAPI_FILE}#", documents[OPENAPI_FILE])
        resources = [(BASE_URI + name, document) for name, document in documents.items()]
        self._references: referencing.Registry[Any] = referencing.Registry().with_resources(
            (uri, DRAFT202012.create_resource(document)) for uri, document in resources
        )
        try:
            self._registry = jsonschema_rs.Registry(resources)
        except ValueError as error:
            raise ContractError(f"{folder.name}: {error}") from None

    def resolve(self, node: SchemaNode) -> SchemaNode:
        """Return the node, or the node that its `$ref` leads to.

        Raises:
            ContractError: the reference leads nowhere.
        """
        while "$ref" in node.value:
            uri, fragment = urldefrag(urljoin(node.uri, node.value["$ref"]))
            node = self._look_up(f"{uri}#{fragment}")
        return node

    def compile(self, node: SchemaNode) -> Schema:
        """Compile the schema at a node.

        Raises:
            ContractError: the value is not a valid JSON Schema, or a reference in it leads nowhere.
        """
        # A reference instead of the value: relative references inside the schema need its URI.
        reference = {"$ref": node.uri}
        try:
            validator = jsonschema_rs.validator_for(reference, registry=self._registry, validate_formats=True)
        except (jsonschema_rs.ReferencingError, jsonschema_rs.ValidationError, ValueError) as error:
            raise ContractError(f"{self._describe(node.uri)}: {error}") from None
        return Schema(validator, reference, self._references)

    def definition(self, file: str, name: str) -> SchemaNode:
        """Return one of the `$defs` of a payload file.

        Raises:
            ContractError: the file has no such definition.
        """
        return self._look_up(f"{BASE_URI}{file}#/{json_pointer('$defs', name)}")

    def _look_up(self, uri: str) -> SchemaNode:
        try:
            return SchemaNode(uri, self._references.resolver().lookup(uri).contents)
        except Unresolvable:
            raise ContractError(f"the reference '{self._describe(uri)}' leads nowhere") from None

    def _describe(self, uri: str) -> str:
        return f"schemas/{self.folder.name}/{uri.removeprefix(BASE_URI)}"


def json_pointer(*keys: str | int) -> str:
    """Return the keys as a JSON pointer for a URI fragment, without the leading slash."""
    return "/".join(quote(str(key).replace("~", "~0").replace("/", "~1"), safe="~+:;=$@") for key in keys)


def _read_json(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ContractError(f"{path} is not JSON: {error}") from None
