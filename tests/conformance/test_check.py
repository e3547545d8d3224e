"""Every claim that a vendor's spec does not allow is found, with its place and rule."""

from __future__ import annotations

import copy
import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from provider_verification.conformance import specs
from provider_verification.conformance.check import check_vendor, deviation_key
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
                "operationId": "theirs",
                "parameters": [
                    {"name": "lang", "in": "query", "required": True, "schema": {"type": "string"}}
                ],
                "responses": {"200": {"content": {"application/json": {"schema": ROOM}}}, "404": {}},
            }
        }
    },
}
OURS: dict[str, Any] = {
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
    """A folder of schemas for the vendor `inn`, whose spec is pinned."""
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
    write(folder, OURS)
    return folder


def write(folder: Path, document: dict[str, Any]) -> None:
    """Write our schemas."""
    (folder / "openapi.json").write_text(json.dumps(document))


def changed(*place: str | int, to: Any) -> dict[str, Any]:
    """Our schemas with one place changed or removed."""
    document = copy.deepcopy(OURS)
    holder: Any = document
    for part in place[:-1]:
        holder = holder[part]
    if to is REMOVED:
        del holder[place[-1]]
    else:
        holder[place[-1]] = to
    return document


def findings(vendor: Path, *deviations: str) -> list[str]:
    """What is found, as a deviation would name it."""
    outcome = check_vendor("inn", deviations, set(), vendor.parent)
    return [deviation_key(finding) for finding in outcome.findings]


def test_what_is_allowed_is_no_finding(vendor: Path) -> None:
    """Fewer choices, a whole number for a number, a list of types for alternatives: all is contained."""
    outcome = check_vendor("inn", (), set(), vendor.parent)

    assert (outcome.operations, outcome.findings) == (1, ())


@pytest.mark.parametrize(
    ("document", "finding"),
    [
        (changed(*SCHEMA, "properties", "stars", to={"type": "integer"}), "inn getRoom 200 /stars property"),
        (changed(*SCHEMA, "properties", "id", to={"type": "integer"}), "inn getRoom 200 /id type"),
        (changed(*SCHEMA, "properties", "kind", to={"type": "string"}), "inn getRoom 200 /kind enum"),
        (changed(*SCHEMA, "properties", "kind", "enum", to=["suite"]), "inn getRoom 200 /kind enum"),
        (changed(*SCHEMA, "properties", "since", to={"type": "string"}), "inn getRoom 200 /since format"),
        (changed(*SCHEMA, "properties", "id", to={"type": ["string", "null"]}), "inn getRoom 200 /id type"),
        (changed(*SCHEMA, "required", to=["id", "price"]), "inn getRoom 200 /price required"),
        (changed(*SCHEMA, "required", to=[]), "inn getRoom 200 /id required"),
        (changed(*GET, "responses", "418", to={}), "inn getRoom 418 / status"),
        (changed(*GET, "parameters", to=[]), "inn getRoom query /lang required"),
        (changed(*GET, "parameters", 0, "required", to=False), "inn getRoom query /lang required"),
        (
            changed(*GET, "parameters", to=[*OURS["paths"]["/rooms/{id}"]["get"]["parameters"], {"name": "x", "in": "query"}]),
            "inn getRoom query /x parameter",
        ),
        (changed("paths", "/beds", to={"get": {"operationId": "getBed", "responses": {}}}), "inn getBed / operation"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_a_claim_that_is_not_allowed_is_found(vendor: Path, document: dict[str, Any], finding: str) -> None:
    """One change, one finding, at its place."""
    write(vendor, document)

    assert findings(vendor) == [finding]


def test_a_deviation_excuses_what_it_names(vendor: Path) -> None:
    """And is known to have been of use."""
    write(vendor, changed(*GET, "responses", "418", to={}))
    used: set[str] = set()

    outcome = check_vendor("inn", ("inn * 4?? / status", "inn * 5?? / status"), used, vendor.parent)

    assert (outcome.findings, outcome.excused, used) == ((), 1, {"inn * 4?? / status"})


def test_a_missing_spec_is_named(vendor: Path, tmp_path: Path) -> None:
    """And why it is needed."""
    (tmp_path / "specs/inn.json").unlink()

    with pytest.raises(SpecError, match=r"inn\.json is missing: the vendor's spec is needed"):
        findings(vendor)


def test_another_spec_than_the_pinned_one_is_refused(vendor: Path, tmp_path: Path) -> None:
    """Both hashes are told."""
    (tmp_path / "specs/inn.json").write_text("{}")

    with pytest.raises(SpecError, match="is not the spec we pinned: its sha256 is 44136fa355b3"):
        findings(vendor)


def test_without_a_folder_of_specs_it_says_how_to_get_them(
    vendor: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The variable and the command."""
    monkeypatch.setenv("VENDOR_SPECS", str(tmp_path / "nowhere"))

    with pytest.raises(
        SpecError, match="set VENDOR_SPECS to a folder that holds them, or run 'make vendor-specs'"
    ):
        findings(vendor)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", "cannot be read as JSON"),
        ("[]", "should hold a JSON object, it holds a list"),
        ("{}", "is no OpenAPI document: it has no 'paths'"),
        (json.dumps(changed(*SCHEMA, to={"$ref": "#/nowhere"})), "the reference '#/nowhere' leads nowhere"),
    ],
)
def test_a_broken_schema_is_named(vendor: Path, content: str, message: str) -> None:
    """The file and what is wrong with it."""
    (vendor / "openapi.json").write_text(content)

    with pytest.raises(SpecError, match=message):
        findings(vendor)
