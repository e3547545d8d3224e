"""Vault's health, whose state is the HTTP status."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from provider_verification.stubs.sdk import StubRequest, StubResponse
from provider_verification.stubs.vendors.vault import stub
from provider_verification.stubs.vendors.vault.query import bad_parameter, parse_bool
from provider_verification.stubs.vendors.vault.state import FIXED_TIME_SECONDS, VaultState

CODE_PATTERN = re.compile(r"[1-5][0-9]{2}")
BODYLESS_STATUSES = frozenset({204, 304})
VERSION = "1.14.8"
CLUSTER = {"cluster_name": "vault-cluster-stub", "cluster_id": "00000000-0000-4000-8000-000000000001"}


class ServerState(NamedTuple):
    """A state of a server: the query parameter that replaces its status, and the status.

    474 and 530 are of Vault 1.19 and later (its API documentation and change log).
    """

    parameter: str
    status: int


ACTIVE = ServerState("activecode", 200)
STANDBY = ServerState("standbycode", 429)
PERFORMANCE_STANDBY = ServerState("performancestandbycode", 473)
HA_UNHEALTHY = ServerState("haunhealthycode", 474)
DR_SECONDARY = ServerState("drsecondarycode", 472)
SEALED = ServerState("sealedcode", 503)
REMOVED = ServerState("removedcode", 530)
UNINITIALIZED = ServerState("uninitcode", 501)
STATES = (ACTIVE, STANDBY, PERFORMANCE_STANDBY, HA_UNHEALTHY, DR_SECONDARY, SEALED, REMOVED, UNINITIALIZED)
CLUSTERLESS = frozenset({SEALED, UNINITIALIZED})


@stub.operation("health")
def health(state: VaultState, request: StubRequest) -> StubResponse:
    """The state as a status, which the query may replace (`standbyok`, `sealedcode` and the like)."""
    codes = {server_state: _requested_code(request, server_state) for server_state in STATES}
    standby_ok, performance_standby_ok = (
        parse_bool(request.query, name) for name in ("standbyok", "perfstandbyok")
    )
    server_state = _server_state(state)
    is_ok = (server_state is STANDBY and standby_ok) or (
        server_state is PERFORMANCE_STANDBY and performance_standby_ok
    )
    status = codes[ACTIVE if is_ok else server_state]
    return StubResponse(status, None if status in BODYLESS_STATUSES else _health_json(state, server_state))


@stub.operation("healthHead")
def health_head(state: VaultState, request: StubRequest) -> StubResponse:
    """The status of `health` without a body."""
    return StubResponse(health(state, request).status)


def _requested_code(request: StubRequest, server_state: ServerState) -> int:
    """The status of a server state: the one that the query names, otherwise Vault's own.

    Raises:
        RequestRejected: the query names no HTTP status.
    """
    code = request.query.get(server_state.parameter, str(server_state.status))
    if not CODE_PATTERN.fullmatch(code):
        raise bad_parameter(server_state.parameter, "should be an HTTP status between 100 and 599")
    # Go sends a status below 200 as an interim response, and 200 as the final one.
    return max(int(code), ACTIVE.status)


def _server_state(state: VaultState) -> ServerState:
    """The first state that applies, in the order in which Vault checks them."""
    is_standby = state.standby or state.performance_standby
    conditions = (
        (not state.initialized, UNINITIALIZED),
        (state.removed, REMOVED),
        (state.sealed, SEALED),
        (state.dr_secondary, DR_SECONDARY),
        (is_standby and not state.active_node_reachable, HA_UNHEALTHY),
        (state.performance_standby, PERFORMANCE_STANDBY),
        (is_standby, STANDBY),
    )
    return next((server_state for applies, server_state in conditions if applies), ACTIVE)


def _health_json(state: VaultState, server_state: ServerState) -> dict[str, Any]:
    replication_mode = "unknown" if server_state in CLUSTERLESS else "disabled"
    body: dict[str, Any] = {
        "initialized": state.initialized,
        "sealed": state.is_sealed,
        "standby": state.is_sealed or state.standby or state.performance_standby,
        "performance_standby": state.performance_standby,
        "replication_performance_mode": replication_mode,
        "replication_dr_mode": "secondary" if server_state is DR_SECONDARY else replication_mode,
        "server_time_utc": FIXED_TIME_SECONDS,
        "version": VERSION,
    }
    # Fields of the versions that have these two states.
    if server_state is HA_UNHEALTHY:
        body |= {"ha_connection_healthy": False}
    if server_state is REMOVED:
        body |= {"removed_from_cluster": True}
    return body if server_state in CLUSTERLESS else body | CLUSTER
