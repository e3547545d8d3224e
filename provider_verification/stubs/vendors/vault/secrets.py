"""Vault's KV engine, version 2: reading, writing and patching secrets."""

from __future__ import annotations

import re
from typing import Any

from provider_verification.stubs.sdk import RequestRejected, StubRequest, StubResponse, ValidationIssue, ok
from provider_verification.stubs.vendors.vault import stub
from provider_verification.stubs.vendors.vault.query import parse_bool
from provider_verification.stubs.vendors.vault.responses import (
    ignored_fields_warnings,
    invalid_field,
    invalid_path,
    success_envelope,
    vault_error,
)
from provider_verification.stubs.vendors.vault.state import (
    MAX_VERSIONS,
    Secret,
    VaultState,
    Version,
    time_after,
)

WRITE_FIELDS = frozenset({"data", "options", "version"})
INTEGER_PATTERN = re.compile(r"-?[0-9]{1,18}")
CAS_MISMATCH = "check-and-set parameter did not match the current version"
CAS_REQUIRED = "check-and-set parameter required for this call"


@stub.operation("readSecret")
def read(state: VaultState, request: StubRequest) -> StubResponse:
    """One version, by default the newest. Recorded: a deleted version is 404 with its metadata."""
    # Recorded: folders have no data to list, and a secret's path does not end in a slash.
    if parse_bool(request.query, "list"):
        return invalid_path("list")
    if request.path_params["path"].endswith("/"):
        return invalid_path("get")
    return _version_response(state, request, "data", lambda data: data)


@stub.operation("readSubkeys")
def read_subkeys(state: VaultState, request: StubRequest) -> StubResponse:
    """The names in one version, without their values, down to `depth` levels (0: all)."""
    depth = _integer(request, "depth")
    return _version_response(state, request, "subkeys", lambda data: subkeys(data, depth))


def _version_response(state: VaultState, request: StubRequest, name: str, view: Any) -> StubResponse:
    number = _integer(request, "version")
    secret = state.secrets.get(request.path_params["path"])
    version = secret.versions.get(number if number > 0 else secret.current) if secret else None
    if secret is None or version is None:
        return vault_error(404)
    content = None if version.is_unreadable else view(version.data)
    body = success_envelope({name: content, "metadata": secret.metadata_of(version)})
    return StubResponse(404, body) if version.is_unreadable else ok(body)


def _integer(request: StubRequest, name: str) -> int:
    """An integer query parameter; 0 if it is absent or empty.

    Raises:
        RequestRejected: it is no integer.
    """
    text = request.query.get(name) or "0"
    if not INTEGER_PATTERN.fullmatch(text):
        issue = ValidationIssue(("query", name), "type", f'cannot parse "{text[:40]}" as int')
        raise RequestRejected("invalid", issue.message, (issue,))
    return int(text)


def subkeys(data: Any, depth: int) -> Any:
    """The names of a JSON object with null for every value; a depth of 1 stops at the first level."""
    if not isinstance(data, dict) or not data:
        return None
    return {name: None if depth == 1 else subkeys(value, depth - 1) for name, value in data.items()}


@stub.operation("writeSecret")
@stub.operation("putSecret")
def write(state: VaultState, request: StubRequest) -> StubResponse:
    """Add a version, unless the check-and-set parameter is not the current version."""
    secret = state.secrets.get(request.path_params["path"], Secret())
    cas_error = _check_and_set_error(state, request.body, secret)
    if cas_error:
        return cas_error
    state.secrets[request.path_params["path"]] = secret
    version = add_version(state, secret, request.body["data"])
    warnings = ignored_fields_warnings(request.body, WRITE_FIELDS)
    return ok(success_envelope(secret.metadata_of(version), warnings=warnings))


@stub.operation("patchSecret")
def patch(state: VaultState, request: StubRequest) -> StubResponse:
    """Add a version with the JSON merge patch (RFC 7396) applied to the data of the newest one."""
    secret = state.secrets.get(request.path_params["path"])
    if secret is None or not secret.current:
        # Recorded: a patch of a secret that never existed is 404 with an empty body.
        return StubResponse(404, b"")
    newest = secret.versions[secret.current]
    if newest.is_unreadable:
        return StubResponse(404, success_envelope(secret.metadata_of(newest)))
    cas_error = _check_and_set_error(state, request.body, secret)
    if cas_error:
        return cas_error
    version = add_version(state, secret, merge_patch(newest.data, request.body["data"] or {}))
    return ok(success_envelope(secret.metadata_of(version)))


def add_version(state: VaultState, secret: Secret, data: dict[str, Any] | None) -> Version:
    """Write a version under the settings of the secret and of the engine; the stricter deletion time counts."""
    keep = secret.settings.max_versions or state.settings.max_versions or MAX_VERSIONS
    limits = [
        limit
        for limit in (secret.settings.delete_version_after, state.settings.delete_version_after)
        if limit
    ]
    return secret.write(data, keep=keep, expires=time_after(min(limits)) if limits else "")


def merge_patch(target: Any, change: Any) -> Any:
    """Return the target with a JSON merge patch applied: a null removes, an object is merged, the rest replaces."""
    if not isinstance(change, dict):
        return change
    merged = dict(target) if isinstance(target, dict) else {}
    for name, value in change.items():
        if value is None:
            merged.pop(name, None)
        else:
            merged[name] = merge_patch(merged.get(name), value)
    return merged


def _check_and_set_error(state: VaultState, body: dict[str, Any], secret: Secret) -> StubResponse | None:
    """The error if the option `cas`, or its absence, does not allow a write."""
    options = body.get("options") or {}
    if "cas" not in options:
        is_required = secret.settings.cas_required or state.settings.cas_required
        return vault_error(400, CAS_REQUIRED) if is_required else None
    cas = options["cas"]
    # Recorded: `cas: null` is read as 0, which only creates.
    if cas is None:
        return vault_error(400, CAS_MISMATCH) if secret.current else None
    if isinstance(cas, bool) or not INTEGER_PATTERN.fullmatch(str(cas)):
        return invalid_field("options", "error parsing check-and-set parameter")
    return None if int(cas) == secret.current else vault_error(400, CAS_MISMATCH)
