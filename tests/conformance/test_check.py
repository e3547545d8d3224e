"""The conformance check finds every claim that a vendor's spec does not allow, with its place and rule."""

from __future__ import annotations

import copy
import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from provider_verification.conformance import specs
from provider_verification.conformance.check import check_vendor, deviation_key, write_index
from provider_verification.conformance.errors import SpecError

ROOM = {
    "type": "object",
    "required": ["id"],
    "properties": {
        "id": {"type": "string"},
        "kind": {"type": "string", "enum": ["single", "double"]},
        "since": {"type": "string", "format": "date"},
        "price": {"type": "number"},
        "note": {"anyOf": [{"type": "string"}, {"type": "null"}]},
    },
}
SPEC: dict[str, Any] = {
    "openapi": "3.0.0",
    "paths": {
        "/rooms/{roomId}": {
            "get": {
                "operationId": "documented",
                "parameters": [
                    {"name": "lang", "in": "query", "required": True, "schema": {"type": "string"}}
                ],
                "responses": {"200": {"content": {"application/json": {"schema": ROOM}}}, "404": {}},
            }
        }
    },
}
CLAIMED: dict[str, Any] = {
    "openapi": "3.1.0",
    "paths": {
        "/rooms/{id}": {
            "get": {
                "operationId": "getRoom",
                "parameters": [
                    {"name": "lang", "in": "query", "required": True, "schema": {"type": "string"}}
                ],
                "responses": {
                    "200": {
                        "content": {
                            "application/json": {
                                "schema": {
                                    "type": "object",
                                    "required": ["id"],
                                    "properties": {
                                        "id": {"type": "string"},
                                        "kind": {"type": "string", "enum": ["double"]},
                                        "since": {"type": "string", "format": "date"},
                                        "price": {"type": "integer"},
                                        "note": {"type": ["string", "null"]},
                                    },
                                }
                            }
                        }
                    },
                    "404": {},
                },
            }
        }
    },
}
GET = ("paths", "/rooms/{id}", "get")
SCHEMA = (*GET, "responses", "200", "content", "application/json", "schema")
REMOVED = object()


@pytest.fixture
def vendor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Folder of the schemas of the vendor `inn`, whose spec is pinned."""
    spec = tmp_path / "specs/inn.json"
    spec.parent.mkdir()
    spec.write_text(json.dumps(SPEC))
    lock = tmp_path / "vendor-specs.lock"
    lock.write_text(f"{hashlib.sha256(spec.read_bytes()).hexdigest()} inn.json -\n")
    monkeypatch.setattr(specs, "LOCK", lock)
    monkeypatch.setenv("VENDOR_SPECS", str(spec.parent))
    folder = tmp_path / "schemas/inn"
    folder.mkdir(parents=True)
    (folder / "source.json").write_text('{"openapi": ["inn.json"]}')
    write(folder, CLAIMED)
    return folder


def write(folder: Path, document: dict[str, Any]) -> None:
    """Write the schemas of the vendor."""
    (folder / "openapi.json").write_text(json.dumps(document))


def with_change(*place: str | int, to: Any) -> dict[str, Any]:
    """Return the claimed schemas with the value at one place replaced or removed."""
    document = copy.deepcopy(CLAIMED)
    parent: Any = document
    for part in place[:-1]:
        parent = parent[part]
    if to is REMOVED:
        del parent[place[-1]]
    else:
        parent[place[-1]] = to
    return document


def findings(vendor: Path, *deviations: str) -> list[str]:
    """The findings of a check, in the form that a deviation matches."""
    result = check_vendor("inn", deviations, set(), vendor.parent)
    return [deviation_key(finding) for finding in result.findings]


def test_index_that_is_not_that_of_the_spec_is_reported(vendor: Path) -> None:
    """An index that was written by the command is right; one that is missing or stale says which operation differs."""
    missing = check_vendor("inn", (), set(), vendor.parent).index_differences
    write_index("inn", vendor.parent)
    written = check_vendor("inn", (), set(), vendor.parent).index_differences
    (vendor / "index.json").write_text(json.dumps({"GET /rooms/{roomId}": {"query": []}}))
    stale = check_vendor("inn", (), set(), vendor.parent).index_differences

    assert missing == ("GET /rooms/{roomId} is missing",)
    assert written == ()
    assert stale == (
        "GET /rooms/{roomId} is listed with other parameters or fields than the vendor's specs have",
    )


def test_narrower_schema_has_no_findings(vendor: Path) -> None:
    """Fewer enum values, integer for number, a list of types for anyOf: the spec allows all of it."""
    result = check_vendor("inn", (), set(), vendor.parent)

    assert (result.operations, result.findings) == (1, ())


@pytest.mark.parametrize(
    ("document", "finding"),
    [
        (with_change(*SCHEMA, "properties", "stars", to={"type": "integer"}), "inn getRoom 200 /stars property"),
        (with_change(*SCHEMA, "properties", "id", to={"type": "integer"}), "inn getRoom 200 /id type"),
        (with_change(*SCHEMA, "properties", "kind", to={"type": "string"}), "inn getRoom 200 /kind enum"),
        (with_change(*SCHEMA, "properties", "kind", "enum", to=["suite"]), "inn getRoom 200 /kind enum"),
        (with_change(*SCHEMA, "properties", "since", to={"type": "string"}), "inn getRoom 200 /since format"),
        (with_change(*SCHEMA, "properties", "id", to={"type": ["string", "null"]}), "inn getRoom 200 /id type"),
        (with_change(*SCHEMA, "required", to=["id", "price"]), "inn getRoom 200 /price required"),
        (with_change(*SCHEMA, "required", to=[]), "inn getRoom 200 /id required"),
        (with_change(*GET, "responses", "418", to={}), "inn getRoom 418 / status"),
        (with_change(*GET, "parameters", to=[]), "inn getRoom query /lang required"),
        (with_change(*GET, "parameters", 0, "required", to=False), "inn getRoom query /lang required"),
        (
            with_change(*GET, "parameters", to=[*CLAIMED["paths"]["/rooms/{id}"]["get"]["parameters"], {"name": "x", "in": "query"}]),
            "inn getRoom query /x parameter",
        ),
        (with_change("paths", "/beds", to={"get": {"operationId": "getBed", "responses": {}}}), "inn getBed / operation"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_claim_not_allowed_by_spec_is_one_finding(
    vendor: Path, document: dict[str, Any], finding: str
) -> None:
    """Each change is one finding at its place."""
    write(vendor, document)

    assert findings(vendor) == [finding]


def test_deviation_excuses_matching_finding(vendor: Path) -> None:
    """The pattern that matched is reported as used, the other one is not."""
    write(vendor, with_change(*GET, "responses", "418", to={}))
    used: set[str] = set()

    result = check_vendor("inn", ("inn * 4?? / status", "inn * 5?? / status"), used, vendor.parent)

    assert (result.findings, result.excused, used) == ((), 1, {"inn * 4?? / status"})


def test_missing_spec_is_named(vendor: Path, tmp_path: Path) -> None:
    """The message names the file and why it is needed."""
    (tmp_path / "specs/inn.json").unlink()

    with pytest.raises(SpecError, match=r"inn\.json is missing: the vendor's spec is needed"):
        findings(vendor)


def test_spec_with_other_hash_is_rejected(vendor: Path, tmp_path: Path) -> None:
    """The message contains the actual hash."""
    (tmp_path / "specs/inn.json").write_text("{}")

    with pytest.raises(SpecError, match="is not the pinned spec: its sha256 is 44136fa355b3"):
        findings(vendor)


def test_missing_spec_folder_is_explained(
    vendor: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The message names the variable and the command."""
    monkeypatch.setenv("VENDOR_SPECS", str(tmp_path / "nowhere"))

    with pytest.raises(
        SpecError, match="set VENDOR_SPECS to a folder that contains them, or run 'make vendor-specs'"
    ):
        findings(vendor)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", "cannot be read as JSON"),
        ("[]", "should contain a JSON object, it contains a list"),
        ("{}", "is not an OpenAPI document: it has no 'paths'"),
        (
            json.dumps(with_change(*SCHEMA, to={"$ref": "#/nowhere"})),
            "the reference '#/nowhere' cannot be resolved",
        ),
    ],
)
def test_broken_schema_is_named(vendor: Path, content: str, message: str) -> None:
    """The message names the file and the error."""
    (vendor / "openapi.json").write_text(content)

    with pytest.raises(SpecError, match=message):
        findings(vendor)
