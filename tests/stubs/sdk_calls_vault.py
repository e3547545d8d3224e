"""The first steps of Vault's SDK for Python."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import hvac

from provider_verification.stubs.vendors.vault.state import ROLE_ID, ROOT_TOKEN, SECRET_ID
from tests.stubs.sdk_table import CallRecorder, CallResult

Calls = dict[str, Callable[[], Any]]


def hvac_results(url: str) -> list[CallResult]:
    """The calls of `hvac`."""
    recorder = CallRecorder("hvac (Python)", url)
    client = hvac.Client(url=url, token=ROOT_TOKEN)
    for name, call in {**_sys_calls(client), **_kv_calls(client), **_auth_calls(client)}.items():
        with recorder.call(name):
            call()
    client.adapter.close()
    recorder.close()
    return recorder.results


def _sys_calls(client: Any) -> Calls:
    return {
        "sys.read_health_status": lambda: client.sys.read_health_status(method="GET"),
        "sys.is_initialized": client.sys.is_initialized,
        "sys.is_sealed": client.sys.is_sealed,
        "sys.read_seal_status": client.sys.read_seal_status,
        "sys.read_leader_status": client.sys.read_leader_status,
        "sys.list_mounted_secrets_engines": client.sys.list_mounted_secrets_engines,
        "sys.wrap": lambda: client.sys.wrap({"pin": "1"}, ttl=60),
        "sys.get_capabilities": lambda: client.sys.get_capabilities(["secret/data/hotels"]),
    }


def _kv_calls(client: Any) -> Calls:
    kv, path = client.secrets.kv.v2, "hotels/ber"
    return {
        "kv.create_or_update_secret": lambda: kv.create_or_update_secret(path, {"db": {"user": "u"}}),
        "kv.patch": lambda: kv.patch(path, {"db": {"password": "p"}}),
        "kv.read_secret_version": lambda: kv.read_secret_version(path, raise_on_deleted_version=True),
        "kv.read_secret_metadata": lambda: kv.read_secret_metadata(path),
        "kv.update_metadata": lambda: kv.update_metadata(path, max_versions=5),
        "kv.list_secrets": lambda: kv.list_secrets("hotels"),
        "kv.delete_latest_version_of_secret": lambda: kv.delete_latest_version_of_secret(path),
        "kv.undelete_secret_versions": lambda: kv.undelete_secret_versions(path, [1]),
        "kv.destroy_secret_versions": lambda: kv.destroy_secret_versions(path, [1]),
        "kv.delete_metadata_and_all_versions": lambda: kv.delete_metadata_and_all_versions(path),
    }


def _auth_calls(client: Any) -> Calls:
    return {
        "is_authenticated": client.is_authenticated,
        "auth.token.create": lambda: client.auth.token.create(policies=["app"], ttl="1h"),
        "auth.approle.login": lambda: client.auth.approle.login(ROLE_ID, SECRET_ID),
        "auth.token.lookup_self": client.auth.token.lookup_self,
        "auth.token.renew_self": client.auth.token.renew_self,
        "auth.token.revoke_self": client.auth.token.revoke_self,
    }
