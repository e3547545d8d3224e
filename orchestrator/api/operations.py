"""For those who run the service: health, metrics, circuit breakers, rate limits."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from importlib.metadata import version
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Path, Request, Response
from pydantic import BaseModel
from sqlalchemy.exc import SQLAlchemyError

from orchestrator.api.answers import documented
from orchestrator.api.dependencies import Admin, KnownFirst, Parts, an_admin, rate_key
from orchestrator.errors import ServiceUnavailableError, UnknownError
from orchestrator.keyvalue import StoreUnavailable
from orchestrator.observability.metrics import CONTENT_TYPE, STATES
from orchestrator.resilience.guard import CircuitState
from orchestrator.security.audit import audit
from orchestrator.services import Services

routes = APIRouter(route_class=KnownFirst)
PATIENCE = 2.0
ClientId = Annotated[str, Path(pattern=r"^[A-Za-z0-9.:\-]{1,64}$")]
Condition = Literal["up", "down"]


class Health(BaseModel):
    """The service lives; `services` are what it keeps things in."""

    status: Literal["healthy", "degraded"]
    region: str
    version: str
    gdpr_compliant: bool
    services: dict[str, Condition]


class Ready(BaseModel):
    """The service can do its work."""

    status: str = "ready"


class RateLimits(BaseModel):
    """What a client has used, by endpoint."""

    client_id: str
    limit: int
    window_seconds: float
    used: dict[str, int]


@routes.get("/healthz", responses=documented())
async def healthz(parts: Parts) -> Health:
    """The process answers. Data stays in the European Union if the region is there."""
    conditions = await _conditions(parts)
    return Health(
        status="healthy" if set(conditions.values()) == {"up"} else "degraded",
        region=parts.settings.region,
        version=version("voicehive-orchestrator"),
        gdpr_compliant=parts.settings.region.startswith("eu-"),
        services=conditions,
    )


@routes.get("/readyz", responses=documented(503))
async def readyz(parts: Parts) -> Ready:
    """Calls can be taken; a vendor that is away does not change that."""
    away = [name for name, condition in (await _conditions(parts)).items() if condition == "down"]
    if away:
        raise ServiceUnavailableError(f"Not ready: {', '.join(away)} does not answer.", retry_after=1)
    return Ready()


@routes.get(
    "/metrics",
    responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}, **documented()},
    response_class=Response,
)
async def metrics(parts: Parts) -> Response:
    """For Prometheus."""
    for name, guard in parts.guards.items():
        parts.metrics.circuits.labels(name).set(STATES[(await guard.state()).state])
    counts = parts.pms.counts
    for outcome, count in (("hit", counts.hits), ("miss", counts.misses), ("shared", counts.shared)):
        parts.metrics.cache.labels(outcome).set(count)
    return Response(parts.metrics.text(), media_type=CONTENT_TYPE)


@routes.get(
    "/resilience/circuit-breakers",
    responses=documented(401, 403, 503),
    dependencies=[Depends(an_admin)],
)
async def circuit_breakers(parts: Parts) -> list[CircuitState]:
    """One for each vendor."""
    return [await guard.state() for guard in parts.guards.values()]


@routes.post("/resilience/circuit-breakers/{name}/reset", responses=documented(401, 403, 404, 422, 503))
async def reset_circuit_breaker(
    name: Annotated[str, Path(max_length=64)], parts: Parts, caller: Admin
) -> CircuitState:
    """Close a circuit breaker: the vendor is known to be back."""
    guard = parts.guards.get(name)
    if guard is None:
        raise UnknownError(f"There is no such circuit breaker: there are {', '.join(parts.guards)}.")
    await guard.reset()
    audit("reset circuit breaker", actor=caller.subject, circuit=name)
    return await guard.state()


@routes.get(
    "/resilience/rate-limits/{client_id}",
    responses=documented(401, 403, 422, 503),
    dependencies=[Depends(an_admin)],
)
async def rate_limits(client_id: ClientId, parts: Parts, request: Request) -> RateLimits:
    """What a client, by the id of its user or API key or as `ip:<address>`, has used of its limits."""
    window = parts.settings.rate_window
    paths = sorted(request.app.openapi()["paths"])
    used = {path: await parts.store.taken(rate_key(client_id, path), window) for path in paths}
    return RateLimits(
        client_id=client_id,
        limit=parts.settings.rate_limit,
        window_seconds=window,
        used={path: count for path, count in used.items() if count},
    )


async def _conditions(parts: Services) -> dict[str, Condition]:
    store, database = await asyncio.gather(_condition(parts.store.ping()), _condition(parts.database.ping()))
    return {"redis": store, "database": database}


async def _condition(ping: Awaitable[None]) -> Condition:
    try:
        async with asyncio.timeout(PATIENCE):
            await ping
    except (StoreUnavailable, SQLAlchemyError, OSError):
        return "down"
    return "up"
