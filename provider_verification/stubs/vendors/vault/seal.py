"""Vault's seal: initialization, unseal keys, and what every client may know about the server."""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Iterable
from typing import Any

from provider_verification.stubs.sdk import (
    NotModelled,
    RequestRejected,
    StubRequest,
    StubResponse,
    no_content,
    ok,
)
from provider_verification.stubs.vendors.vault import stub
from provider_verification.stubs.vendors.vault.health import CLUSTER, VERSION
from provider_verification.stubs.vendors.vault.responses import invalid_field, vault_error
from provider_verification.stubs.vendors.vault.state import Seal, VaultState, root_token

MAX_SHARES = 255
ENCRYPTED_KEYS = (
    "pgp_keys",
    "root_token_pgp_key",
    "recovery_shares",
    "recovery_threshold",
    "recovery_pgp_keys",
)
"""Fields of an initialization with encrypted keys, or with keys of an external seal."""

NO_TIME = "0001-01-01T00:00:00Z"
WRONG_KEY = (
    "unable to retrieve stored keys: invalid key: failed to decrypt keys from storage: "
    "cipher: message authentication failed"
)


@stub.operation("sealStatus")
def seal_status(state: VaultState, _request: StubRequest) -> StubResponse:
    """Whether Vault is sealed, and how many unseal keys it needs and has."""
    return ok(_seal_json(state))


def _seal_json(state: VaultState) -> dict[str, Any]:
    is_initialized = state.initialized
    body = {
        "type": "shamir",
        "initialized": is_initialized,
        "sealed": state.is_sealed,
        "t": state.seal.threshold if is_initialized else 0,
        "n": len(state.seal.keys) if is_initialized else 0,
        "progress": len(state.seal.given),
        "nonce": "00000000-0000-4000-8000-000000000003" if state.seal.given else "",
        "version": VERSION,
        "build_date": "",
        "migration": False,
        "recovery_seal": False,
        "storage_type": "inmem",
    }
    return body if state.is_sealed else body | CLUSTER


@stub.operation("leader")
def leader(state: VaultState, _request: StubRequest) -> StubResponse:
    """The active node; a stub that is no standby stands for a server without high availability, as recorded."""
    is_cluster = state.standby or state.performance_standby
    address = "http://127.0.0.1:8200" if is_cluster else ""
    return ok(
        {
            "ha_enabled": is_cluster,
            "is_self": False,
            "active_time": NO_TIME,
            "leader_address": address,
            "leader_cluster_address": address.replace("http:", "https:").replace("8200", "8201"),
            "performance_standby": state.performance_standby,
            "performance_standby_last_remote_wal": 0,
        }
    )


@stub.operation("initStatus")
def init_status(state: VaultState, _request: StubRequest) -> StubResponse:
    """Whether Vault is initialized."""
    return ok({"initialized": state.initialized})


@stub.operation("initialize")
@stub.operation("initializePost")
def initialize(state: VaultState, request: StubRequest) -> StubResponse:
    """Create the unseal keys and a root token; Vault is sealed afterwards."""
    _require_no(request, ENCRYPTED_KEYS)
    if state.initialized:
        return vault_error(400, "Vault is already initialized")
    shares, threshold = (request.body.get(name) or 0 for name in ("secret_shares", "secret_threshold"))
    problem = _seal_configuration_error(shares, threshold)
    if problem:
        return invalid_field("secret_shares", f"invalid seal configuration: {problem}")
    state.initialized = state.sealed = True
    state.seal = Seal(tuple(_unseal_key(number) for number in range(shares)), threshold)
    return ok(
        {
            "keys": list(state.seal.keys),
            "keys_base64": [base64.b64encode(bytes.fromhex(key)).decode() for key in state.seal.keys],
            "root_token": state.issue(root_token()),
        }
    )


def _require_no(request: StubRequest, names: Iterable[str]) -> None:
    """Raise NotModelled if the body has a value for one of the fields."""
    for name in names:
        if request.body.get(name):
            raise NotModelled(f"the field '{name}' of the body", ("body", name))


def _seal_configuration_error(shares: int, threshold: int) -> str | None:
    """Why keys cannot be shared so, or None. Only the last text is recorded; the others are of Vault's source."""
    if not 1 <= shares <= MAX_SHARES:
        return "shares must be at least one" if shares < 1 else f"shares must be less than {MAX_SHARES + 1}"
    if threshold < 1:
        return "threshold must be at least one"
    if shares > 1 and threshold == 1:
        return "threshold must be greater than one for multiple shares"
    return "threshold cannot be larger than shares" if threshold > shares else None


def _unseal_key(number: int) -> str:
    return hashlib.sha256(f"unseal key {number} of the stub".encode()).hexdigest()


@stub.operation("unseal")
@stub.operation("unsealPost")
def unseal(state: VaultState, request: StubRequest) -> StubResponse:
    """Accept one unseal key; Vault opens when enough of them were given, and checks them only then."""
    _require_no(request, ("migrate",))
    if not state.initialized:
        return vault_error(400, "Vault is not initialized")
    if request.body.get("reset"):
        state.seal.given.clear()
        return ok(_seal_json(state))
    if not request.body.get("key"):
        return invalid_field("key", "'key' must be specified in request body as JSON, or 'reset' set to true")
    key = _decode_key(request.body["key"])
    if state.sealed:
        state.seal.given.add(key)
        if len(state.seal.given) >= state.seal.threshold:
            return _open(state)
    return ok(_seal_json(state))


def _open(state: VaultState) -> StubResponse:
    are_right = state.seal.given <= set(state.seal.keys)
    state.seal.given.clear()
    if not are_right:
        return vault_error(400, WRONG_KEY)
    state.sealed = False
    return ok(_seal_json(state))


def _decode_key(text: str) -> str:
    """The key in hexadecimal digits; clients may send it in base64.

    Raises:
        RequestRejected: it is neither.
    """
    try:
        return bytes.fromhex(text).hex()
    except ValueError:
        pass
    try:
        return base64.b64decode(text, validate=True).hex()
    except (binascii.Error, ValueError):
        message = "'key' must be a valid hex or base64 string"
        raise RequestRejected("invalid", message, status=400) from None


@stub.operation("seal")
@stub.operation("sealPost")
def seal(state: VaultState, _request: StubRequest) -> StubResponse:
    """Seal Vault."""
    state.sealed = True
    return no_content()
