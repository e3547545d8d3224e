"""Vault's KV engine, version 2: metadata of secrets, and folders."""

from __future__ import annotations

from typing import Any

from provider_verification.stubs.sdk import RequestRejected, StubRequest, StubResponse, no_content, ok
from provider_verification.stubs.vendors.vault import stub
from provider_verification.stubs.vendors.vault.durations import InvalidDurationError
from provider_verification.stubs.vendors.vault.kv_settings import (
    change_settings,
    duration_error,
    settings_json,
)
from provider_verification.stubs.vendors.vault.query import parse_bool
from provider_verification.stubs.vendors.vault.responses import (
    invalid_field,
    invalid_path,
    success_envelope,
    vault_error,
)
from provider_verification.stubs.vendors.vault.state import FIXED_TIME, Secret, VaultState

VERSION_FIELDS = ("created_time", "deletion_time", "destroyed")


@stub.operation("readMetadata")
def read_metadata(state: VaultState, request: StubRequest) -> StubResponse:
    """The versions of a secret, or with `list=true` the entries of a folder."""
    if parse_bool(request.query, "list"):
        return list_folder(state, request)
    secret = state.secrets.get(request.path_params["path"])
    return ok(success_envelope(_metadata_json(secret))) if secret else vault_error(404)


@stub.operation("readRootMetadata")
@stub.operation("readRootFolderMetadata")
def read_root(state: VaultState, request: StubRequest) -> StubResponse:
    """With `list=true` the entries of the root folder, which has no metadata of its own."""
    return list_folder(state, request) if parse_bool(request.query, "list") else invalid_path("get")


def _metadata_json(secret: Secret) -> dict[str, Any]:
    versions = {
        str(number): {name: secret.metadata_of(version)[name] for name in VERSION_FIELDS}
        for number, version in secret.versions.items()
    }
    has_dropped_versions = secret.current > len(versions)
    return {
        **settings_json(secret.settings),
        "created_time": FIXED_TIME,
        "current_version": secret.current,
        "custom_metadata": secret.custom_metadata,
        # Recorded: 0 until the first version is dropped.
        "oldest_version": min(secret.versions, default=0) if has_dropped_versions else 0,
        "updated_time": FIXED_TIME,
        "versions": versions,
    }


@stub.operation("writeMetadata")
@stub.operation("putMetadata")
def write_metadata(state: VaultState, request: StubRequest) -> StubResponse:
    """Set what the body names, of a secret that need not exist; custom metadata is replaced as a whole."""
    secret = state.secrets.get(request.path_params["path"], Secret())
    custom = request.body.get("custom_metadata")
    return _change(state, request, secret, None if custom is None else _custom_metadata(custom))


@stub.operation("patchMetadata")
def patch_metadata(state: VaultState, request: StubRequest) -> StubResponse:
    """Apply a JSON merge patch; a null removes an entry of the custom metadata."""
    secret = state.secrets.get(request.path_params["path"])
    if secret is None:
        return StubResponse(404, b"")
    change = request.body.get("custom_metadata", {})
    if change is None:
        return _change(state, request, secret, {})
    merged = {**(secret.custom_metadata or {}), **change}
    kept = {name: value for name, value in merged.items() if value is not None}
    return _change(state, request, secret, _custom_metadata(kept) if kept or change else None)


def _change(
    state: VaultState, request: StubRequest, secret: Secret, custom_metadata: dict[str, str] | None
) -> StubResponse:
    try:
        change_settings(secret.settings, request.body)
    except InvalidDurationError as error:
        return invalid_field("delete_version_after", duration_error(request.body, error))
    if custom_metadata is not None:
        secret.custom_metadata = custom_metadata or None
    state.secrets[request.path_params["path"]] = secret
    return no_content()


def _custom_metadata(values: dict[str, Any]) -> dict[str, str]:
    """The custom metadata as Vault keeps it. Recorded: numbers become texts, and nested values are rejected.

    Raises:
        RequestRejected: a value is neither a text, nor a number, nor a boolean.
    """
    for value in values.values():
        if not isinstance(value, str | int | float):
            raise RequestRejected(
                "invalid", f"custom_metadata validation failed: {_unconvertible(value)}", status=400
            )
    return {name: _text(value) for name, value in values.items()}


def _text(value: str | float) -> str:
    # Go's weak decoding writes a boolean as a number.
    return str(int(value)) if isinstance(value, bool) else str(value)


def _unconvertible(value: Any) -> str:
    go_type = "map[string]interface {}" if isinstance(value, dict) else "[]interface {}"
    return f"'' expected type 'string', got unconvertible type '{go_type}'"


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
