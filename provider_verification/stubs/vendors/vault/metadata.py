"""Vault's KV engine, version 2: metadata of secrets, and folders."""

from __future__ import annotations

from typing import Any

from provider_verification.stubs.sdk import StubRequest, StubResponse, no_content, ok
from provider_verification.stubs.vendors.vault import stub
from provider_verification.stubs.vendors.vault.hooks import success_envelope, vault_error
from provider_verification.stubs.vendors.vault.state import FIXED_TIME, Secret, VaultState

VERSION_FIELDS = ("created_time", "deletion_time", "destroyed")


@stub.operation("readMetadata")
def read_metadata(state: VaultState, request: StubRequest) -> StubResponse:
    """The versions of a secret, or with `list=true` the entries of a folder."""
    is_list = request.query.get("list", "false")
    if is_list not in {"true", "false"}:
        return vault_error(400)
    if is_list == "true":
        return list_folder(state, request)
    secret = state.secrets.get(request.path_params["path"])
    return ok(success_envelope(_metadata_json(secret))) if secret else vault_error(404)


def _metadata_json(secret: Secret) -> dict[str, Any]:
    versions = {
        str(number): {name: version.metadata()[name] for name in VERSION_FIELDS}
        for number, version in secret.versions.items()
    }
    has_dropped_versions = secret.current > len(versions)
    return {
        "cas_required": False,
        "created_time": FIXED_TIME,
        "current_version": secret.current,
        "custom_metadata": None,
        "delete_version_after": "0s",
        "max_versions": 0,
        # Recorded: 0 until the first version is dropped.
        "oldest_version": min(secret.versions, default=0) if has_dropped_versions else 0,
        "updated_time": FIXED_TIME,
        "versions": versions,
    }


@stub.operation("deleteMetadata")
def delete_metadata(state: VaultState, request: StubRequest) -> StubResponse:
    """Delete a secret with all its versions."""
    state.secrets.pop(request.path_params["path"], None)
    return no_content()


@stub.operation("listSecrets")
@stub.operation("listRoot")
@stub.operation("listRootFolder")
def list_folder(state: VaultState, request: StubRequest) -> StubResponse:
    """The entries of a folder, subfolders with a slash; an empty folder is 404."""
    folder = f"{request.path_params.get('path', '').rstrip('/')}/".removeprefix("/")
    paths = {path.removeprefix(folder) for path in state.secrets if path.startswith(folder)}
    entries = {name + ("/" if rest else "") for name, rest, _ in (path.partition("/") for path in paths)}
    # Recorded: an empty folder does not exist.
    return ok(success_envelope({"keys": sorted(entries)})) if entries else vault_error(404)
