"""For those who run the service: health, metrics, circuit breakers, rate limits."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from importlib.metadata import version
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Path, Request, Response
from pydantic import BaseModel
from sqlalchemy.exc import SQLAlchemyError

from orchestrator.api.dependencies import (
    AuthenticateFirstRoute,
    ContainerDep,
    CurrentAdmin,
    rate_limit_key,
    require_admin,
)
from orchestrator.api.error_handlers import error_responses
from orchestrator.container import Container
from orchestrator.errors import NotFoundError, ServiceUnavailableError
from orchestrator.observability.metrics import CIRCUIT_STATE_VALUES, CONTENT_TYPE
from orchestrator.resilience.circuit_breaker import CircuitBreakerStatus
from orchestrator.security.audit import log_audit_event
from orchestrator.state.store import StoreUnavailableError

router = APIRouter(route_class=AuthenticateFirstRoute)
PING_TIMEOUT_SECONDS = 2.0
ClientId = Annotated[str, Path(pattern=r"^[A-Za-z0-9.:\-]{1,64}$")]
DependencyStatus = Literal["up", "down"]


class HealthResponse(BaseModel):
    """The service lives; `dependencies` are the stores it uses; `services` is the same under its older name."""

    status: Literal["healthy", "degraded"]
    region: str
    version: str
    gdpr_compliant: bool
    services: dict[str, DependencyStatus]
    dependencies: dict[str, DependencyStatus]


class ReadinessResponse(BaseModel):
    """The service can do its work."""

    status: str = "ready"


class RateLimitUsageResponse(BaseModel):
    """What a client has used, by endpoint."""

    client_id: str
    limit: int
    window_seconds: float
    used: dict[str, int]


@router.get("/healthz", responses=error_responses())
async def healthz(parts: ContainerDep) -> HealthResponse:
    """The process answers. Data stays in the European Union if the region is there."""
    conditions = await _check_dependencies(parts)
    return HealthResponse(
        status="healthy" if set(conditions.values()) == {"up"} else "degraded",
        region=parts.settings.deployment_region,
        version=version("voicehive-orchestrator"),
        gdpr_compliant=parts.settings.deployment_region.startswith("eu-"),
        services=conditions,
        dependencies=conditions,
    )


@router.get("/readyz", responses=error_responses(503))
async def readyz(parts: ContainerDep) -> ReadinessResponse:
    """Calls can be taken; a vendor that is away does not change that."""
    away = [name for name, condition in (await _check_dependencies(parts)).items() if condition == "down"]
    if away:
        raise ServiceUnavailableError(f"Not ready: {', '.join(away)} does not answer.", retry_after=1)
    return ReadinessResponse()


@router.get(
    "/metrics",
    responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}, **error_responses()},
    response_class=Response,
)
async def metrics(parts: ContainerDep) -> Response:
    """For Prometheus."""
    for name, guard in parts.vendor_guards.items():
        parts.metrics.circuits.labels(name).set(CIRCUIT_STATE_VALUES[(await guard.state()).state])
    return Response(parts.metrics.render(), media_type=CONTENT_TYPE)


@router.get(
    "/resilience/circuit-breakers",
    responses=error_responses(401, 403, 503),
    dependencies=[Depends(require_admin)],
)
async def list_circuit_breakers(parts: ContainerDep) -> list[CircuitBreakerStatus]:
    """One for each vendor."""
    return [await guard.state() for guard in parts.vendor_guards.values()]


@router.post("/resilience/circuit-breakers/{name}/reset", responses=error_responses(401, 403, 404, 422, 503))
async def reset_circuit_breaker(
    name: Annotated[str, Path(max_length=64)], parts: ContainerDep, caller: CurrentAdmin
) -> CircuitBreakerStatus:
    """Close a circuit breaker: the vendor is known to be back."""
    guard = parts.vendor_guards.get(name)
    if guard is None:
        raise NotFoundError(f"There is no such circuit breaker: there are {', '.join(parts.vendor_guards)}.")
    await guard.reset()
    log_audit_event("reset circuit breaker", actor=caller.subject, circuit=name)
    return await guard.state()


@router.get(
    "/resilience/rate-limits/{client_id}",
    responses=error_responses(401, 403, 422, 503),
    dependencies=[Depends(require_admin)],
)
async def get_rate_limit_usage(
    client_id: ClientId, parts: ContainerDep, request: Request
) -> RateLimitUsageResponse:
    """What a client, by the id of its user or API key or as `ip:<address>`, has used of its limits."""
    window = parts.settings.rate_limit_window_seconds
    paths = sorted(request.app.openapi()["paths"])
    used = {
        path: await parts.state_store.rate_limit_used(rate_limit_key(client_id, path), window)
        for path in paths
    }
    return RateLimitUsageResponse(
        client_id=client_id,
        limit=parts.settings.user_rate_limit,
        window_seconds=window,
        used={path: count for path, count in used.items() if count},
    )


async def _check_dependencies(parts: Container) -> dict[str, DependencyStatus]:
    store, database = await asyncio.gather(
        _check_dependency(parts.state_store.ping()), _check_dependency(parts.database.ping())
    )
    return {"redis": store, "database": database}


async def _check_dependency(ping: Awaitable[None]) -> DependencyStatus:
    try:
        async with asyncio.timeout(PING_TIMEOUT_SECONDS):
            await ping
    except (StoreUnavailableError, SQLAlchemyError, OSError):
        return "down"
    return "up"
