"""Schema files: references, compilation, explanation of errors, and the schemas of all vendors."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from provider_verification.stubs.engine.errors import ContractError
from provider_verification.stubs.engine.openapi import SCHEMAS, load_contract
from provider_verification.stubs.engine.schema_files import Schema, SchemaFiles

ITEMS = {"type": "array", "items": {"anyOf": [{"$ref": "#/$defs/a~1b"}, {"type": "null"}]}}
DOCUMENTS: dict[str, Any] = {
    "openapi.json": {
        "paths": {"/x/{id}": {"schema": {"$ref": "#/components/whole"}}},
        "components": {"whole": {"$ref": "list.json"}, "broken": {"$ref": "list.json#/$defs/c"}},
    },
    "list.json": {
        **ITEMS,
        "$defs": {"a/b": {"type": "object", "properties": {"n": {"type": "integer", "minimum": 1}}}},
    },
}
SCHEMA_FILES = sorted(path for path in SCHEMAS.glob("*/*.json") if path.name != "source.json")


def write_files(folder: Path, **documents: Any) -> Path:
    """Write the example files, or these instead, to a folder."""
    for name, document in (DOCUMENTS | {f"{stem}.json": value for stem, value in documents.items()}).items():
        (folder / name).write_text(json.dumps(document))
    return folder


def test_reference_chain_is_resolved(tmp_path: Path) -> None:
    """References inside a file and to a whole file are followed; children of the target can be compiled."""
    files = SchemaFiles(write_files(tmp_path))

    node = files.resolve(files.openapi.child("paths", "/x/{id}", "schema"))
    item = files.compile(node.child("items"))

    assert node.value == DOCUMENTS["list.json"]
    assert (item.validator.is_valid({"n": 1}), item.validator.is_valid({"n": 0})) == (True, False)


def test_explanation_names_the_most_relevant_error(tmp_path: Path) -> None:
    """The error inside `anyOf` is reported, not the failure of `anyOf` itself."""
    write_files(tmp_path)

    location, message = compile_whole(tmp_path).explain([None, {"n": 0}])

    assert (location, message) == ("/1/n", "0 is less than the minimum of 1")


def test_broken_reference_is_reported(tmp_path: Path) -> None:
    """The error names the file and the pointer."""
    files = SchemaFiles(write_files(tmp_path))

    with pytest.raises(ContractError, match=r"/list\.json#/\$defs/c' leads nowhere"):
        files.resolve(files.openapi.child("components", "broken"))


@pytest.mark.parametrize(
    ("schema", "text"),
    [({"type": "strng"}, "list.json"), ({"$ref": "missing.json"}, "missing.json")],
    ids=["invalid keyword", "missing file"],
)
def test_invalid_schema_file_is_reported(tmp_path: Path, schema: dict[str, Any], text: str) -> None:
    """The error names the file that is invalid or missing."""
    folder = write_files(tmp_path, list=schema)

    with pytest.raises(ContractError, match=text):
        compile_whole(folder)


def compile_whole(folder: Path) -> Schema:
    """Compile the schema that refers to the whole of list.json."""
    files = SchemaFiles(folder)
    return files.compile(files.resolve(files.openapi.child("components", "whole")))


@pytest.mark.parametrize(
    ("content", "text"), [(None, "is missing: it lists"), ("{", "is not JSON")], ids=["missing", "not JSON"]
)
def test_unreadable_openapi_file_is_reported(tmp_path: Path, content: str | None, text: str) -> None:
    """The error names openapi.json."""
    if content is not None:
        (tmp_path / "openapi.json").write_text(content)

    with pytest.raises(ContractError, match=rf"openapi\.json {text}"):
        SchemaFiles(tmp_path)


@pytest.mark.parametrize("path", SCHEMA_FILES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_schemas_conform_to_the_meta_schema(path: Path) -> None:
    """Every payload schema, and every schema inside openapi.json, is a valid JSON Schema."""
    document = json.loads(path.read_text())
    schemas = list(find_schemas(document)) if path.name == "openapi.json" else [document]
    assert schemas

    for schema in schemas:
        jsonschema_rs.meta.validate(schema)


def find_schemas(value: Any) -> Iterator[Any]:
    """Yield the schemas of an OpenAPI document: the values of `schema` and the members of `schemas`."""
    if isinstance(value, dict):
        for key, member in value.items():
            if key == "schema":
                yield member
            elif key == "schemas":
                yield from member.values()
            else:
                yield from find_schemas(member)
    elif isinstance(value, list):
        for member in value:
            yield from find_schemas(member)


def test_message_without_definition_is_reported() -> None:
    """A message whose kind is not in the `$defs` of its file has no schema."""
    with pytest.raises(ContractError, match=r"live\.json#/\$defs/Nothing' leads nowhere"):
        load_contract("tts").message_schema("live.json", "Nothing")
