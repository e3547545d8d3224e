"""Vault's KV engine, version 2: reading, writing and patching secrets."""

from __future__ import annotations

import re
from typing import Any

from provider_verification.stubs.sdk import StubRequest, StubResponse, ok
from provider_verification.stubs.vendors.vault import stub
from provider_verification.stubs.vendors.vault.hooks import success_envelope, vault_error
from provider_verification.stubs.vendors.vault.state import Secret, VaultState

WRITE_FIELDS = {"data", "options", "version"}
INTEGER_PATTERN = re.compile(r"-?[0-9]{1,18}")
CAS_MISMATCH = "check-and-set parameter did not match the current version"


@stub.operation("readSecret")
def read(state: VaultState, request: StubRequest) -> StubResponse:
    """One version, by default the newest. Recorded: a deleted version is 404 with its metadata."""
    number = request.query.get("version") or 0
    if not isinstance(number, int):
        return vault_error(400, 'Field validation failed: error converting input for field "version"')
    secret = state.secrets.get(request.path_params["path"])
    version = secret.versions.get(number if number > 0 else secret.current) if secret else None
    if version is None:
        return vault_error(404)
    data = None if version.is_unreadable else version.data
    body = success_envelope({"data": data, "metadata": version.metadata()})
    return StubResponse(404, body) if version.is_unreadable else ok(body)


@stub.operation("writeSecret")
@stub.operation("putSecret")
def write(state: VaultState, request: StubRequest) -> StubResponse:
    """Add a version, unless the check-and-set parameter is not the current version."""
    if "data" not in request.body:
        return vault_error(400, "no data provided")
    for name in ("data", "options"):
        if not isinstance(request.body.get(name), dict | None):
            return vault_error(400, f'error converting input for field "{name}"')
    secret = state.secrets.get(request.path_params["path"], Secret())
    cas_error = _check_and_set_error(request.body, secret)
    if cas_error:
        return vault_error(400, cas_error)
    state.secrets[request.path_params["path"]] = secret
    version = secret.write(request.body["data"])
    return ok(success_envelope(version.metadata(), warnings=_warnings(request.body)))


@stub.operation("patchSecret")
def patch(state: VaultState, request: StubRequest) -> StubResponse:
    """Add a version with some values of the newest one changed; a null removes a value."""
    secret = state.secrets.get(request.path_params["path"])
    if secret is None:
        # Recorded: a patch of a secret that never existed is 404 with an empty body.
        return StubResponse(404, b"")
    newest = secret.versions[secret.current]
    if newest.is_unreadable or newest.data is None:
        return StubResponse(404, success_envelope(newest.metadata()))
    cas_error = _check_and_set_error(request.body, secret)
    if cas_error:
        return vault_error(400, cas_error)
    values = {**newest.data, **(request.body["data"] or {})}
    version = secret.write({name: value for name, value in values.items() if value is not None})
    return ok(success_envelope(version.metadata()))


def _warnings(body: dict[str, Any]) -> list[str] | None:
    unknown = sorted(body.keys() - WRITE_FIELDS)
    return [f"Endpoint ignored these unrecognized parameters: [{' '.join(unknown)}]"] if unknown else None


def _check_and_set_error(body: dict[str, Any], secret: Secret) -> str | None:
    """Why the option `cas` does not allow a write, or None."""
    options = body.get("options") or {}
    if "cas" not in options:
        return None
    cas = options["cas"]
    # Recorded: `cas: null` is read as 0, which only creates.
    if cas is None:
        return CAS_MISMATCH if secret.current else None
    if isinstance(cas, bool) or not INTEGER_PATTERN.fullmatch(str(cas)):
        return "error parsing check-and-set parameter"
    return None if int(cas) == secret.current else CAS_MISMATCH
