"""vendor spec ⊇ schemas/: every claim of ours held against what the vendor publishes."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from provider_verification.conformance.compare import Finding, find_incompatibilities
from provider_verification.conformance.errors import SpecError
from provider_verification.conformance.operations import Operation, indexed_operations, operations
from provider_verification.conformance.protobuf import message_node, twirp_operations
from provider_verification.conformance.schema_node import DocumentLoader, SchemaNode
from provider_verification.conformance.specs import verified_spec_path
from provider_verification.provider_version import SCHEMAS


@dataclass(frozen=True, slots=True)
class ConformanceResult:
    """What a vendor's check came to.

    Attributes:
        vendor: its name.
        operations: how many of ours were held against the vendor's.
        findings: what the vendor's spec does not allow, and no deviation excuses.
        excused: how many findings a deviation excuses.
    """

    vendor: str
    operations: int
    findings: tuple[Finding, ...]
    excused: int


def deviation_key(finding: Finding) -> str:
    """A finding as a deviation names it: `vendor where pointer rule`."""
    return f"{finding.vendor} {finding.location} {finding.pointer or '/'} {finding.rule}"


def check_vendor(
    vendor: str, deviations: Iterable[str], used_patterns: set[str], schemas: Path = SCHEMAS
) -> ConformanceResult:
    """Hold a vendor's schemas against its specs.

    Args:
        vendor: a folder of `schemas/`.
        deviations: patterns of findings that are excused.
        used_patterns: takes the patterns that excused something.
        schemas: the folder of all vendors' schemas.

    Raises:
        SpecError: a spec or schema is missing or wrong.
    """
    documents = DocumentLoader()
    folder = schemas / vendor
    source = documents.read(folder / "source.json")
    theirs = {operation.key: operation for operation in _theirs(source, documents)}
    ours = list(operations(folder / "openapi.json", documents)) if theirs else []
    found = [
        finding for operation in ours for finding in _operation(vendor, operation, theirs.get(operation.key))
    ]
    found += _messages(vendor, folder, source, documents)
    patterns = list(deviations)
    kept = []
    for finding in found:
        matching = {pattern for pattern in patterns if fnmatchcase(deviation_key(finding), pattern)}
        used_patterns |= matching
        if not matching:
            kept.append(finding)
    return ConformanceResult(vendor, len(ours), tuple(kept), len(found) - len(kept))


def _theirs(source: dict[str, Any], documents: DocumentLoader) -> Iterator[Operation]:
    """The vendor's operations; a full description comes after an index, and takes its place."""
    for name in source.get("index", ()):
        yield from indexed_operations(verified_spec_path(name), documents)
    for name in source.get("openapi", ()):
        yield from operations(verified_spec_path(name), documents)
    yield from twirp_operations(source.get("protobuf", ()), documents)


def _operation(vendor: str, ours: Operation, theirs: Operation | None) -> Iterator[Finding]:
    if theirs is None:
        yield Finding(
            vendor, ours.name, "", "operation", f"{ours.key} is claimed, the vendor has no such operation"
        )
        return
    yield from _parameters(vendor, ours, theirs)
    if theirs.index_only:
        return
    yield from _body(vendor, f"{ours.name} request", ours.request, theirs.request)
    for status, answer in ours.responses.items():
        where = f"{ours.name} {status}"
        if status not in theirs.responses:
            yield Finding(vendor, where, "", "status", "is claimed, the vendor does not document it")
        else:
            yield from _body(vendor, where, answer, theirs.responses[status])


def _parameters(vendor: str, ours: Operation, theirs: Operation) -> Iterator[Finding]:
    for place, mine in ours.parameters.items():
        if place[0] == "path":
            continue
        where, pointer = f"{ours.name} {place[0]}", f"/{mine.name}"
        other = theirs.parameters.get(place)
        if other is None:
            yield Finding(vendor, where, pointer, "parameter", "is claimed, the vendor has no such parameter")
            continue
        if mine.required != other.required:
            words = (
                ("we require it", "the vendor does not")
                if mine.required
                else ("the vendor requires it", "we do not")
            )
            yield Finding(vendor, where, pointer, "required", ", ".join(words))
        if mine.schema and other.schema:
            yield from find_incompatibilities(vendor, f"{where} {mine.name}", mine.schema, other.schema)
    for place, other in theirs.parameters.items():
        if place[0] == "query" and other.required and place not in ours.parameters:
            yield Finding(
                vendor,
                f"{ours.name} query",
                f"/{other.name}",
                "required",
                "the vendor requires it, we do not",
            )


def _body(vendor: str, where: str, ours: SchemaNode | None, theirs: SchemaNode | None) -> Iterator[Finding]:
    if ours is not None and theirs is None:
        yield Finding(vendor, where, "", "body", "a JSON body is claimed, the vendor has none")
    if ours is not None and theirs is not None:
        yield from find_incompatibilities(vendor, where, ours, theirs)


def _messages(
    vendor: str, folder: Path, source: dict[str, Any], documents: DocumentLoader
) -> Iterator[Finding]:
    for file, (module, message) in source.get("message", {}).items():
        ours = SchemaNode.resolve(documents.read(folder / file), folder / file, documents)
        yield from find_incompatibilities(
            vendor, f"message {message}", ours, message_node(module, message, documents)
        )
    for mine, reference in source.get("asyncapi", {}).items():
        name, _, pointer = reference.partition("#")
        file = verified_spec_path(name)
        ours = SchemaNode.resolve({"$ref": mine}, folder / "source.json", documents)
        theirs = SchemaNode.resolve({"$ref": f"{file.name}#{pointer}"}, file, documents)
        yield from find_incompatibilities(vendor, f"message {pointer.rpartition('/')[2]}", ours, theirs)


def vendor_names(schemas: Path = SCHEMAS) -> list[str]:
    """All vendors with schemas.

    Raises:
        SpecError: there is none.
    """
    found = sorted(path.parent.name for path in schemas.glob("*/source.json"))
    if not found:
        raise SpecError(f"{schemas} holds no vendor's schemas")
    return found


def as_json(found: Iterable[ConformanceResult]) -> str:
    """The outcome for a report."""
    rows = [
        {
            "vendor": one.vendor,
            "operations": one.operations,
            "excused": one.excused,
            "findings": [
                {"at": deviation_key(finding), "message": finding.message} for finding in one.findings
            ],
        }
        for one in found
    ]
    return json.dumps(rows, indent=2) + "\n"
