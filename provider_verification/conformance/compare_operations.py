"""Comparison of one operation of schemas/ with the vendor's: parameters, bodies and statuses."""

from __future__ import annotations

from collections.abc import Iterator

from provider_verification.conformance.compare import Finding, find_incompatibilities
from provider_verification.conformance.operations import Operation, Parameter
from provider_verification.conformance.schema_node import SchemaNode

VENDOR_REQUIRES = "the vendor requires it, we do not"
CLAIM_REQUIRES = "we require it, the vendor does not"


def compare_operation(vendor: str, claimed: Operation, documented: Operation | None) -> Iterator[Finding]:
    """Everything that our operation claims and the vendor's does not allow.

    Args:
        vendor: the vendor's name.
        claimed: the operation of schemas/.
        documented: the vendor's, or None if the vendor has none of that method and path.
    """
    if documented is None:
        yield Finding(
            vendor,
            claimed.name,
            "",
            "operation",
            f"{claimed.key} is claimed, the vendor has no such operation",
        )
        return
    yield from _parameters(vendor, claimed, documented)
    if documented.index_only:
        return
    yield from _body(vendor, f"{claimed.name} request", claimed.request, documented.request)
    for status, body in claimed.responses.items():
        location = f"{claimed.name} {status}"
        if status not in documented.responses:
            yield Finding(vendor, location, "", "status", "is claimed, the vendor does not document it")
        else:
            yield from _body(vendor, location, body, documented.responses[status])


def _parameters(vendor: str, claimed: Operation, documented: Operation) -> Iterator[Finding]:
    for key, parameter in claimed.parameters.items():
        # Path parameters may have other names; the operation's key compares their positions.
        if parameter.location != "path":
            yield from _parameter(vendor, claimed.name, parameter, documented.parameters.get(key))
    for key, parameter in documented.parameters.items():
        if parameter.location == "query" and parameter.required and key not in claimed.parameters:
            yield Finding(vendor, f"{claimed.name} query", f"/{parameter.name}", "required", VENDOR_REQUIRES)


def _parameter(
    vendor: str, operation: str, claimed: Parameter, documented: Parameter | None
) -> Iterator[Finding]:
    location, pointer = f"{operation} {claimed.location}", f"/{claimed.name}"
    if documented is None:
        yield Finding(vendor, location, pointer, "parameter", "is claimed, the vendor has no such parameter")
        return
    if claimed.required != documented.required:
        message = CLAIM_REQUIRES if claimed.required else VENDOR_REQUIRES
        yield Finding(vendor, location, pointer, "required", message)
    if claimed.schema and documented.schema:
        yield from find_incompatibilities(
            vendor, f"{location} {claimed.name}", claimed.schema, documented.schema
        )


def _body(
    vendor: str, location: str, claimed: SchemaNode | None, documented: SchemaNode | None
) -> Iterator[Finding]:
    if claimed is not None and documented is None:
        yield Finding(vendor, location, "", "body", "a JSON body is claimed, the vendor has none")
    if claimed is not None and documented is not None:
        yield from find_incompatibilities(vendor, location, claimed, documented)
