"""Vault's mounts: those that every new server in development mode has, as recorded."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from provider_verification.stubs.sdk import StubRequest, StubResponse, ok
from provider_verification.stubs.vendors.vault import stub
from provider_verification.stubs.vendors.vault.responses import success_envelope, vault_error
from provider_verification.stubs.vendors.vault.state import VaultState

PLUGIN_VERSION = "v1.14.8+builtin.vault"
KV_PLUGIN_VERSION = "v0.15.0+builtin"


def _mount(kind: str, number: int, description: str, **fields: Any) -> dict[str, Any]:
    config = {"default_lease_ttl": 0, "force_no_cache": False, "max_lease_ttl": 0}
    return {
        "accessor": f"{kind}_0000000{number}",
        "config": config | fields.pop("config", {}),
        "description": description,
        "external_entropy_access": False,
        "local": False,
        "options": None,
        "plugin_version": "",
        "running_plugin_version": PLUGIN_VERSION,
        "running_sha256": "",
        "seal_wrap": False,
        "type": kind,
        "uuid": f"00000000-0000-4000-8000-00000000010{number}",
        **fields,
    }


MOUNTS: Mapping[str, dict[str, Any]] = {
    "cubbyhole/": _mount("cubbyhole", 1, "per-token private secret storage", local=True),
    "identity/": _mount(
        "identity", 2, "identity store", config={"passthrough_request_headers": ["Authorization"]}
    ),
    "secret/": _mount(
        "kv",
        3,
        "key/value secret storage",
        options={"version": "2"},
        running_plugin_version=KV_PLUGIN_VERSION,
        deprecation_status="supported",
    ),
    "sys/": _mount(
        "system",
        4,
        "system endpoints used for control, policy and debugging",
        config={"passthrough_request_headers": ["Accept"]},
        seal_wrap=True,
    ),
}


@stub.operation("listMounts")
def list_mounts(_state: VaultState, _request: StubRequest) -> StubResponse:
    """All mounts, in the body's top level as well as in `data`. Recorded: a token without sudo is denied."""
    return ok({**MOUNTS, **success_envelope(dict(MOUNTS))})


@stub.operation("mountOfPath")
def mount_of_path(_state: VaultState, request: StubRequest) -> StubResponse:
    """The mount that a path belongs to, which Vault's command line asks for before each `vault kv` command.

    UNCONFIRMED: the message for a path without a mount is that of Vault's source.
    """
    path = request.path_params["path"]
    mount = f"{path.partition('/')[0]}/"
    if mount not in MOUNTS:
        text = "preflight capability check returned 403, please ensure client's policies grant access to path"
        return vault_error(403, f'{text} "{path.removesuffix("/")}/"')
    return ok(success_envelope({**MOUNTS[mount], "path": mount}))
