"""Query parameters of Vault's system endpoints and lists, read as Go reads them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from provider_verification.stubs.sdk import RequestRejected, ValidationIssue

TRUE = frozenset({"1", "t", "T", "TRUE", "true", "True"})
FALSE = frozenset({"", "0", "f", "F", "FALSE", "false", "False"})


def parse_bool(query: Mapping[str, Any], name: str) -> bool:
    """Return a boolean in a form of Go's `strconv.ParseBool`; an absent or empty parameter is false.

    Raises:
        RequestRejected: the text is no boolean.
    """
    text = query.get(name, "")
    if text not in TRUE | FALSE:
        raise bad_parameter(name, "should be a boolean such as true, T or 1")
    return text in TRUE


def bad_parameter(name: str, requirement: str) -> RequestRejected:
    """Return the rejection of a query parameter: 400 without a message, as recorded."""
    issue = ValidationIssue(("query", name), "type", requirement)
    return RequestRejected("invalid", f"{name} {requirement}", (issue,), status=400)
