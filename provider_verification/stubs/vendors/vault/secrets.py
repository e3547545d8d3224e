"""The KV engine: secrets with versions, written only over what the writer knows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from provider_verification.stubs.sdk import StubRequest, StubResponse, no_content, ok
from provider_verification.stubs.vendors.vault import stub
from provider_verification.stubs.vendors.vault.hooks import success_envelope, vault_error
from provider_verification.stubs.vendors.vault.state import FIXED_TIME, Secret, VaultState, Version

WRITE_FIELDS = {"data", "options", "version"}


@stub.operation("readSecret")
def read(vault: VaultState, call: StubRequest) -> StubResponse:
    """A version, the newest by default; a deleted one is 404 with its metadata."""
    wanted = call.query.get("version") or 0
    if not isinstance(wanted, int):
        return vault_error(400, 'Field validation failed: error converting input for field "version"')
    secret = vault.secrets.get(call.path_params["path"])
    version = secret.versions.get(wanted if wanted > 0 else secret.current) if secret else None
    if version is None:
        return vault_error(404)
    body = success_envelope(
        {"data": None if version.is_unreadable else version.data, "metadata": version.metadata()}
    )
    return StubResponse(404, body) if version.is_unreadable else ok(body)


@stub.operation("writeSecret")
@stub.operation("putSecret")
def write(vault: VaultState, call: StubRequest) -> StubResponse:
    """A new version, if the check-and-set parameter is the current version."""
    if "data" not in call.body:
        return vault_error(400, "no data provided")
    for name, kind in (("data", dict | None), ("options", dict | None)):
        if not isinstance(call.body.get(name), kind):
            return vault_error(400, f'error converting input for field "{name}"')
    options = call.body.get("options") or {}
    secret = vault.secrets.get(call.path_params["path"], Secret())
    if "cas" in options:
        problem = _cas_problem(options["cas"], secret.current)
        if problem:
            return vault_error(400, problem)
    vault.secrets[call.path_params["path"]] = secret
    version = secret.write(call.body["data"])
    extra = sorted(call.body.keys() - WRITE_FIELDS)
    ignored = [f"Endpoint ignored these unrecognized parameters: [{' '.join(extra)}]"] if extra else None
    return ok(success_envelope(version.metadata(), warnings=ignored))


def _cas_problem(cas: Any, current: int) -> str | None:
    if cas is None:
        return "check-and-set parameter did not match the current version" if current else None
    if isinstance(cas, bool | float) or (isinstance(cas, str) and not cas.lstrip("-").isdecimal()):
        return "error parsing check-and-set parameter"
    return None if int(cas) == current else "check-and-set parameter did not match the current version"


@stub.operation("patchSecret")
def patch(vault: VaultState, call: StubRequest) -> StubResponse:
    """Change some values of the newest version: null takes one away."""
    secret = vault.secrets.get(call.path_params["path"])
    if secret is None:
        return StubResponse(404, b"")
    newest = secret.versions[secret.current]
    if newest.is_unreadable or newest.data is None:
        return StubResponse(404, success_envelope(newest.metadata()))
    options, changes = call.body.get("options") or {}, call.body["data"] or {}
    problem = _cas_problem(options["cas"], secret.current) if "cas" in options else None
    if problem:
        return vault_error(400, problem)
    values = {**newest.data, **changes}
    version = secret.write({name: value for name, value in values.items() if value is not None})
    return ok(success_envelope(version.metadata()))


@stub.operation("deleteSecret")
def delete(vault: VaultState, call: StubRequest) -> StubResponse:
    """The newest version; what does not exist is no error."""
    secret = vault.secrets.get(call.path_params["path"])
    if secret and secret.current in secret.versions:
        _delete(secret.versions[secret.current])
    return no_content()


@stub.operation("deleteVersions")
@stub.operation("deleteVersionsPut")
def delete_versions(vault: VaultState, call: StubRequest) -> StubResponse:
    """Some versions."""
    return _each(vault, call, _delete, "No version number provided")


@stub.operation("undeleteVersions")
@stub.operation("undeleteVersionsPut")
def undelete_versions(vault: VaultState, call: StubRequest) -> StubResponse:
    """They can be read again, unless they were destroyed."""
    return _each(vault, call, _undelete, "No version number provided")


@stub.operation("destroyVersions")
@stub.operation("destroyVersionsPut")
def destroy_versions(vault: VaultState, call: StubRequest) -> StubResponse:
    """For good."""
    return _each(vault, call, _destroy, "no version number provided")


def _each(
    vault: VaultState, call: StubRequest, change: Callable[[Version], None], nothing: str
) -> StubResponse:
    given = call.body.get("versions")
    numbers = [str(one) for one in (given.split(",") if isinstance(given, str) else given or ())]
    if not numbers or not all(number.isdecimal() for number in numbers):
        return vault_error(400, nothing)
    secret = vault.secrets.get(call.path_params["path"], Secret())
    for number in map(int, numbers):
        if number in secret.versions:
            change(secret.versions[number])
    return no_content()


def _delete(version: Version) -> None:
    version.deletion_time = version.deletion_time or FIXED_TIME


def _undelete(version: Version) -> None:
    version.deletion_time = ""


def _destroy(version: Version) -> None:
    version.destroyed, version.data = True, None


@stub.operation("readMetadata")
def metadata(vault: VaultState, call: StubRequest) -> StubResponse:
    """All versions of a secret; with `list=true` what is in a folder."""
    listing = call.query.get("list", "false")
    if listing not in {"true", "false"}:
        return vault_error(400)
    if listing == "true":
        return keys(vault, call)
    secret = vault.secrets.get(call.path_params["path"])
    if secret is None:
        return vault_error(404)
    shown = ("created_time", "deletion_time", "destroyed")
    versions = {
        str(number): {name: version.metadata()[name] for name in shown}
        for number, version in secret.versions.items()
    }
    return ok(
        success_envelope(
            {
                "cas_required": False,
                "created_time": FIXED_TIME,
                "current_version": secret.current,
                "custom_metadata": None,
                "delete_version_after": "0s",
                "max_versions": 0,
                "oldest_version": min(secret.versions, default=0) if secret.current > len(versions) else 0,
                "updated_time": FIXED_TIME,
                "versions": versions,
            }
        )
    )


@stub.operation("deleteMetadata")
def delete_metadata(vault: VaultState, call: StubRequest) -> StubResponse:
    """The secret with all its versions."""
    vault.secrets.pop(call.path_params["path"], None)
    return no_content()


@stub.operation("listSecrets")
@stub.operation("listRoot")
@stub.operation("listRootFolder")
def keys(vault: VaultState, call: StubRequest) -> StubResponse:
    """What is in a folder; an empty one does not exist."""
    folder = f"{call.path_params.get('path', '').rstrip('/')}/".removeprefix("/")
    inside = {name.removeprefix(folder) for name in vault.secrets if name.startswith(folder)}
    found = {part + ("/" if rest else "") for part, rest, _ in (name.partition("/") for name in inside)}
    return ok(success_envelope({"keys": sorted(found)})) if found else vault_error(404)
