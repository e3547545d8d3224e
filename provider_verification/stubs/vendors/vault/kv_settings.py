"""Vault's KV engine, version 2: its configuration, and the paths that it does not have."""

from __future__ import annotations

from typing import Any

from provider_verification.stubs.sdk import RequestRejected, StubRequest, StubResponse, no_content, ok
from provider_verification.stubs.vendors.vault import stub
from provider_verification.stubs.vendors.vault.durations import (
    InvalidDurationError,
    format_duration,
    parse_duration,
)
from provider_verification.stubs.vendors.vault.query import parse_bool
from provider_verification.stubs.vendors.vault.responses import (
    invalid_field,
    invalid_path,
    success_envelope,
)
from provider_verification.stubs.vendors.vault.state import KvSettings, VaultState

PATHS_OF_OTHER_METHODS = ("delete/", "undelete/", "destroy/", "subkeys/", "config")


@stub.operation("readEngineConfig")
def read_config(state: VaultState, _request: StubRequest) -> StubResponse:
    """The settings of the engine, which apply to secrets without settings of their own."""
    return ok(success_envelope(settings_json(state.settings)))


@stub.operation("writeEngineConfig")
@stub.operation("putEngineConfig")
def write_config(state: VaultState, request: StubRequest) -> StubResponse:
    """Change the settings that the body names."""
    try:
        change_settings(state.settings, request.body)
    except InvalidDurationError as error:
        return invalid_field("delete_version_after", duration_error(request.body, error))
    return no_content()


def settings_json(settings: KvSettings) -> dict[str, Any]:
    """The settings as a response contains them."""
    return {
        "cas_required": settings.cas_required,
        "delete_version_after": format_duration(settings.delete_version_after),
        "max_versions": settings.max_versions,
    }


def change_settings(settings: KvSettings, body: dict[str, Any]) -> None:
    """Set what the body names; null resets a setting to its default.

    Raises:
        InvalidDurationError: `delete_version_after` is not a duration; nothing has changed.
    """
    if "delete_version_after" in body:
        settings.delete_version_after = parse_duration(body["delete_version_after"])
    if "max_versions" in body:
        settings.max_versions = body["max_versions"] or 0
    if "cas_required" in body:
        settings.cas_required = body["cas_required"] or False


def duration_error(body: dict[str, Any], error: InvalidDurationError) -> str:
    """The text about a duration that Vault cannot read, which repeats it."""
    return f'error converting input {body["delete_version_after"]} for field "delete_version_after": {error}'


def _invalid_path(request: StubRequest, command: str) -> StubResponse:
    """The response to a path that the engine does not have.

    Raises:
        RequestRejected: the engine has the path, and it takes another method.
    """
    path = request.path_params.get("path", "")
    if path.startswith(PATHS_OF_OTHER_METHODS):
        raise RequestRejected("wrong_method", f"{path} takes another method")
    return invalid_path(command)


@stub.operation("readInvalidPath")
@stub.operation("readEngineRoot")
@stub.operation("readEngineRootFolder")
def read_invalid_path(_state: VaultState, request: StubRequest) -> StubResponse:
    """A read of a path without `data/`, as clients of version 1 of the engine send it."""
    return _invalid_path(request, "list" if parse_bool(request.query, "list") else "get")


@stub.operation("writeInvalidPath")
@stub.operation("putInvalidPath")
def write_invalid_path(_state: VaultState, request: StubRequest) -> StubResponse:
    """A write to a path without `data/`."""
    return _invalid_path(request, "put")


@stub.operation("deleteInvalidPath")
def delete_invalid_path(_state: VaultState, request: StubRequest) -> StubResponse:
    """A deletion of a path without `data/`."""
    return _invalid_path(request, "delete")


@stub.operation("listInvalidPath")
def list_invalid_path(_state: VaultState, request: StubRequest) -> StubResponse:
    """A list of a path without `metadata/`."""
    return _invalid_path(request, "list")
