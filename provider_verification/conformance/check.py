"""vendor spec ⊇ schemas/: compares every claim of schemas/ with what the vendor publishes."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from provider_verification.conformance.compare import Finding, find_incompatibilities
from provider_verification.conformance.compare_operations import compare_operation
from provider_verification.conformance.errors import SpecError
from provider_verification.conformance.operations import (
    Operation,
    indexed_operations,
    merge_descriptions,
    operations,
)
from provider_verification.conformance.protobuf import message_node, twirp_operations
from provider_verification.conformance.schema_node import DocumentLoader, SchemaNode
from provider_verification.conformance.sdk_operations import sdk_operations
from provider_verification.conformance.specs import verified_spec_path
from provider_verification.conformance.vendor_index import (
    derive_index,
    index_differences,
    index_path,
    render_index,
)
from provider_verification.provider_version import SCHEMAS


@dataclass(frozen=True, slots=True)
class ConformanceResult:
    """The result of one vendor's check.

    Attributes:
        vendor: the vendor's name.
        operations: the number of our operations that were compared.
        findings: claims that the vendor's spec does not allow and no deviation excuses.
        excused: the number of findings that a deviation excuses.
        index_differences: what is wrong with the vendor's `index.json`.
    """

    vendor: str
    operations: int
    findings: tuple[Finding, ...]
    excused: int
    index_differences: tuple[str, ...]


def deviation_key(finding: Finding) -> str:
    """A finding in the form that a deviation matches: `vendor location pointer rule`."""
    return f"{finding.vendor} {finding.location} {finding.pointer or '/'} {finding.rule}"


def check_vendor(
    vendor: str, deviations: Iterable[str], used_patterns: set[str], schemas: Path = SCHEMAS
) -> ConformanceResult:
    """Compare a vendor's schemas with its specs.

    Args:
        vendor: a folder of `schemas/`.
        deviations: patterns of findings that are excused.
        used_patterns: receives the patterns that excused a finding.
        schemas: the folder of all vendors' schemas.

    Raises:
        SpecError: a spec or schema is missing or not valid.
    """
    documents = DocumentLoader()
    folder = schemas / vendor
    source = documents.read(folder / "source.json")
    vendors = list(_vendor_operations(source, documents))
    documented = merge_descriptions(vendors)
    claimed = list(operations(folder / "openapi.json", documents)) if documented else []
    findings = [
        finding
        for operation in claimed
        for finding in compare_operation(vendor, operation, documented.get(operation.key))
    ]
    findings += _message_findings(vendor, folder, source, documents)
    unexcused = _unexcused(findings, list(deviations), used_patterns)
    differences = index_differences(derive_index(vendors, source, documents), index_path(vendor, schemas))
    return ConformanceResult(
        vendor, len(claimed), tuple(unexcused), len(findings) - len(unexcused), tuple(differences)
    )


def write_index(vendor: str, schemas: Path = SCHEMAS) -> Path | None:
    """Write the index of what a vendor has; return the file, or None if no spec describes the vendor.

    Raises:
        SpecError: a spec is missing or not valid.
    """
    documents = DocumentLoader()
    source = documents.read(schemas / vendor / "source.json")
    index = derive_index(_vendor_operations(source, documents), source, documents)
    file = index_path(vendor, schemas)
    if not index:
        return None
    file.write_text(render_index(index), encoding="utf-8")
    return file


def _unexcused(findings: Iterable[Finding], patterns: list[str], used_patterns: set[str]) -> list[Finding]:
    unexcused = []
    for finding in findings:
        matching = {pattern for pattern in patterns if fnmatchcase(deviation_key(finding), pattern)}
        used_patterns |= matching
        if not matching:
            unexcused.append(finding)
    return unexcused


def _vendor_operations(source: dict[str, Any], documents: DocumentLoader) -> Iterator[Operation]:
    for name in source.get("sdk", ()):
        yield from sdk_operations(name)
    for name in source.get("index", ()):
        yield from indexed_operations(verified_spec_path(name), documents)
    for name in source.get("openapi", ()):
        yield from operations(verified_spec_path(name), documents)
    yield from twirp_operations(source.get("protobuf", ()), documents)


def _message_findings(
    vendor: str, folder: Path, source: dict[str, Any], documents: DocumentLoader
) -> Iterator[Finding]:
    for file, (module, message) in source.get("message", {}).items():
        claimed = SchemaNode.resolve(documents.read(folder / file), folder / file, documents)
        documented = message_node(module, message, documents)
        yield from find_incompatibilities(vendor, f"message {message}", claimed, documented)
    for claimed_reference, documented_reference in source.get("asyncapi", {}).items():
        name, _, pointer = documented_reference.partition("#")
        file = verified_spec_path(name)
        claimed = SchemaNode.resolve({"$ref": claimed_reference}, folder / "source.json", documents)
        documented = SchemaNode.resolve({"$ref": f"{file.name}#{pointer}"}, file, documents)
        yield from find_incompatibilities(
            vendor, f"message {pointer.rpartition('/')[2]}", claimed, documented
        )


def vendor_names(schemas: Path = SCHEMAS) -> list[str]:
    """All vendors that have schemas.

    Raises:
        SpecError: no vendor has schemas.
    """
    names = sorted(path.parent.name for path in schemas.glob("*/source.json"))
    if not names:
        raise SpecError(f"{schemas} contains no vendor's schemas")
    return names


def render_json(results: Iterable[ConformanceResult]) -> str:
    """The results as JSON, for the report."""
    rows = [
        {
            "vendor": result.vendor,
            "operations": result.operations,
            "excused": result.excused,
            "index": list(result.index_differences),
            "findings": [
                {"at": deviation_key(finding), "message": finding.message} for finding in result.findings
            ],
        }
        for result in results
    ]
    return json.dumps(rows, indent=2) + "\n"
