"""Vault's health, whose state is the HTTP status."""

from __future__ import annotations

import re
from typing import Any

from provider_verification.stubs.sdk import StubRequest, StubResponse
from provider_verification.stubs.vendors.vault import stub
from provider_verification.stubs.vendors.vault.hooks import vault_error
from provider_verification.stubs.vendors.vault.state import FIXED_TIME_SECONDS, VaultState

STATUS_BY_STATE = {"active": 200, "standby": 429, "uninit": 501, "sealed": 503}
STATUS_PATTERN = re.compile(r"[1-5][0-9]{2}")
TRUE, FALSE = {"true", "1"}, {"false", "0", ""}


@stub.operation("health")
def health(state: VaultState, request: StubRequest) -> StubResponse:
    """The state as a status, which the query may override (`standbyok`, `sealedcode` and the like)."""
    server_state = _server_state(state)
    standby_ok = request.query.get("standbyok", "false")
    code = request.query.get(f"{server_state}code", str(STATUS_BY_STATE[server_state]))
    if not STATUS_PATTERN.fullmatch(code) or standby_ok not in TRUE | FALSE:
        return vault_error(400)
    status = 200 if server_state == "standby" and standby_ok in TRUE else int(code)
    return StubResponse(status, _health_json(state, server_state))


@stub.operation("healthHead")
def health_head(state: VaultState, request: StubRequest) -> StubResponse:
    """The status of `health` without a body."""
    return StubResponse(health(state, request).status)


def _server_state(state: VaultState) -> str:
    if not state.initialized:
        return "uninit"
    if state.sealed:
        return "sealed"
    return "standby" if state.standby else "active"


def _health_json(state: VaultState, server_state: str) -> dict[str, Any]:
    is_unsealed = server_state in {"active", "standby"}
    replication_mode = "disabled" if is_unsealed else "unknown"
    body: dict[str, Any] = {
        "initialized": state.initialized,
        "sealed": not is_unsealed,
        "standby": server_state != "active",
        "performance_standby": False,
        "replication_performance_mode": replication_mode,
        "replication_dr_mode": replication_mode,
        "server_time_utc": FIXED_TIME_SECONDS,
        "version": "1.14.8",
    }
    if is_unsealed:
        body |= {"cluster_name": "vault-cluster-stub", "cluster_id": "00000000-0000-4000-8000-000000000001"}
    return body
