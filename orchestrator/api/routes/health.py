"""Health, readiness and Prometheus metrics."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from contextlib import suppress
from importlib.metadata import version
from typing import Literal

from fastapi import APIRouter, Response
from pydantic import BaseModel

from orchestrator.api.dependencies import ContainerDep
from orchestrator.api.error_handlers import error_responses
from orchestrator.api.route import StrictRoute
from orchestrator.dependency_health import is_available
from orchestrator.errors import ServiceUnavailableError
from orchestrator.observability.metrics import CONTENT_TYPE
from orchestrator.state.store import StoreUnavailableError

router = APIRouter(route_class=StrictRoute)
DependencyStatus = Literal["up", "down"]


class HealthResponse(BaseModel):
    """The process responds. `services` repeats `dependencies` under its former name."""

    status: Literal["healthy", "degraded"]
    region: str
    version: str
    gdpr_compliant: bool
    services: dict[str, DependencyStatus]
    dependencies: dict[str, DependencyStatus]


class ReadinessResponse(BaseModel):
    """The service can handle calls."""

    status: str = "ready"


@router.get("/healthz", responses=error_responses())
async def healthz(container: ContainerDep) -> HealthResponse:
    """Report that the process responds. `gdpr_compliant` means that the region keeps data in the European Union.

    `vault` is reported if secrets come from there. Without Vault the service continues with the secrets that it read last.
    """
    statuses = await _check_dependencies(container.state_store.ping(), container.database.ping())
    if container.secrets:
        statuses["vault"] = "up" if container.secrets.available else "down"
    region = container.settings.service.deployment_region
    return HealthResponse(
        status="healthy" if set(statuses.values()) == {"up"} else "degraded",
        region=region,
        version=version("voicehive-orchestrator"),
        gdpr_compliant=region.startswith("eu-"),
        services=statuses,
        dependencies=statuses,
    )


@router.get("/readyz", responses=error_responses())
async def readyz(container: ContainerDep) -> ReadinessResponse:
    """Report that calls can be handled. The database has to accept writes; a vendor's outage does not matter."""
    statuses = await _check_dependencies(container.state_store.ping(), container.database.check_writable())
    down = [name for name, status in statuses.items() if status == "down"]
    if down:
        raise ServiceUnavailableError(f"Not ready: {', '.join(down)} unavailable.", retry_after=1)
    return ReadinessResponse()


@router.get(
    "/metrics",
    responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}, **error_responses()},
    response_class=Response,
)
async def metrics(container: ContainerDep) -> Response:
    """Return the metrics in Prometheus' text format."""
    # read at each scrape, so that the circuit breakers do not depend on metrics
    for vendor, guard in container.vendors.guards.items():
        groups = {group: status.state for group, status in guard.group_statuses().items()}
        container.metrics.set_circuit_states(vendor, guard.status().state, groups)
    # also read at each scrape: the calls are in the state store, which all processes share
    with suppress(StoreUnavailableError):
        container.metrics.calls_active.set(await container.call_service.count_active_calls())
    return Response(container.metrics.render(), media_type=CONTENT_TYPE)


async def _check_dependencies(
    store_check: Awaitable[None], database_check: Awaitable[None]
) -> dict[str, DependencyStatus]:
    store, database = await asyncio.gather(is_available(store_check), is_available(database_check))
    return {"redis": "up" if store else "down", "database": "up" if database else "down"}
