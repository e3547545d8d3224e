"""Comparison of one operation of our schemas with the vendor's: parameters, bodies and statuses."""

from __future__ import annotations

from collections.abc import Iterator

from provider_verification.conformance.compare import Finding, find_incompatibilities
from provider_verification.conformance.operations import Operation, Parameter
from provider_verification.conformance.schema_node import SchemaNode

VENDOR_REQUIRES = "the vendor requires it, we do not"
WE_REQUIRE = "we require it, the vendor does not"


def compare_operation(vendor: str, ours: Operation, theirs: Operation | None) -> Iterator[Finding]:
    """Everything that our operation claims and the vendor's does not allow.

    Args:
        vendor: the vendor's name.
        ours: the operation of our schemas.
        theirs: the vendor's, or None if the vendor has none of that method and path.
    """
    if theirs is None:
        yield Finding(
            vendor, ours.name, "", "operation", f"{ours.key} is claimed, the vendor has no such operation"
        )
        return
    yield from _parameters(vendor, ours, theirs)
    if theirs.index_only:
        return
    yield from _body(vendor, f"{ours.name} request", ours.request, theirs.request)
    for status, body in ours.responses.items():
        location = f"{ours.name} {status}"
        if status not in theirs.responses:
            yield Finding(vendor, location, "", "status", "is claimed, the vendor does not document it")
        else:
            yield from _body(vendor, location, body, theirs.responses[status])


def _parameters(vendor: str, ours: Operation, theirs: Operation) -> Iterator[Finding]:
    for key, parameter in ours.parameters.items():
        # Path parameters may have other names; the operation's key compares their positions.
        if parameter.location != "path":
            yield from _parameter(vendor, ours.name, parameter, theirs.parameters.get(key))
    for key, parameter in theirs.parameters.items():
        if parameter.location == "query" and parameter.required and key not in ours.parameters:
            yield Finding(vendor, f"{ours.name} query", f"/{parameter.name}", "required", VENDOR_REQUIRES)


def _parameter(vendor: str, operation: str, ours: Parameter, theirs: Parameter | None) -> Iterator[Finding]:
    location, pointer = f"{operation} {ours.location}", f"/{ours.name}"
    if theirs is None:
        yield Finding(vendor, location, pointer, "parameter", "is claimed, the vendor has no such parameter")
        return
    if ours.required != theirs.required:
        message = WE_REQUIRE if ours.required else VENDOR_REQUIRES
        yield Finding(vendor, location, pointer, "required", message)
    if ours.schema and theirs.schema:
        yield from find_incompatibilities(vendor, f"{location} {ours.name}", ours.schema, theirs.schema)


def _body(
    vendor: str, location: str, ours: SchemaNode | None, theirs: SchemaNode | None
) -> Iterator[Finding]:
    if ours is not None and theirs is None:
        yield Finding(vendor, location, "", "body", "a JSON body is claimed, the vendor has none")
    if ours is not None and theirs is not None:
        yield from find_incompatibilities(vendor, location, ours, theirs)
