"""Vault's KV engine, version 2: deleting, undeleting and destroying versions."""

from __future__ import annotations

import re
from collections.abc import Callable

from provider_verification.stubs.sdk import StubRequest, StubResponse, no_content
from provider_verification.stubs.vendors.vault import stub
from provider_verification.stubs.vendors.vault.responses import invalid_field
from provider_verification.stubs.vendors.vault.state import FIXED_TIME, Secret, VaultState, Version

NUMBER_PATTERN = re.compile(r"[0-9]{1,18}")


@stub.operation("deleteSecret")
def delete(state: VaultState, request: StubRequest) -> StubResponse:
    """Delete the newest version; a secret that does not exist is no error."""
    secret = state.secrets.get(request.path_params["path"])
    if secret and secret.current in secret.versions:
        _delete(secret.versions[secret.current])
    return no_content()


@stub.operation("deleteVersions")
@stub.operation("deleteVersionsPut")
def delete_versions(state: VaultState, request: StubRequest) -> StubResponse:
    """Delete versions; they can be undeleted."""
    return _change_versions(state, request, _delete, "No version number provided")


@stub.operation("undeleteVersions")
@stub.operation("undeleteVersionsPut")
def undelete_versions(state: VaultState, request: StubRequest) -> StubResponse:
    """Undelete versions that were not destroyed."""
    return _change_versions(state, request, _undelete, "No version number provided")


@stub.operation("destroyVersions")
@stub.operation("destroyVersionsPut")
def destroy_versions(state: VaultState, request: StubRequest) -> StubResponse:
    """Remove the data of versions for good."""
    return _change_versions(state, request, _destroy, "no version number provided")


def _change_versions(
    state: VaultState, request: StubRequest, change: Callable[[Version], None], message: str
) -> StubResponse:
    """Change the versions in `versions`, a list or a comma-separated text; unknown numbers are ignored."""
    versions = request.body.get("versions")
    numbers = [str(item) for item in (versions.split(",") if isinstance(versions, str) else versions or ())]
    # Recorded: the two messages differ in their first letter.
    if not numbers:
        return invalid_field("versions", message)
    if not all(map(NUMBER_PATTERN.fullmatch, numbers)):
        text = f'Field validation failed: error converting input [{" ".join(numbers)}] for field "versions"'
        return invalid_field("versions", f"{text}: should be version numbers")
    secret = state.secrets.get(request.path_params["path"], Secret())
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
