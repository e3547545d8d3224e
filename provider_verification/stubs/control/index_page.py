"""The index of a stub's control API: its resources and the vendor's operations."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from provider_verification.stubs.control.violation_report import TEMPLATES
from provider_verification.stubs.engine.openapi import Operation

RESOURCES: Mapping[str, str] = {
    "states": "the provider states and their parameters; POST sets one up",
    "faults": "the injected faults; POST injects one, DELETE removes all",
    "violations": "what clients did that the vendor rejects or ignores, or that no pact contains",
    "requests": "the journal of all requests",
    "interactions": "the interactions of the pacts",
    "defects": "responses with which the stub would have broken its own schemas",
}


def render_index(vendor: str, operations: Iterable[Operation]) -> str:
    """Return the index as a page."""
    return TEMPLATES.get_template("index.html").render(
        vendor=vendor, resources=RESOURCES, operations=operations
    )


def index_document(vendor: str, prefix: str, operations: Iterable[Operation]) -> dict[str, Any]:
    """Return the index as JSON: the path of each resource, and method and path of each operation by its id."""
    return {
        "vendor": vendor,
        "resources": {name: f"{prefix}/{name}" for name in RESOURCES},
        "operations": {item.operation_id: f"{item.method} {item.path_template}" for item in operations},
    }
