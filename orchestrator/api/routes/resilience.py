"""Circuit breakers and rate limits, for administrators of all hotels, who share them."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request
from pydantic import BaseModel

from orchestrator.api.dependencies import ContainerDep, ServiceAdmin, require_service_admin
from orchestrator.api.error_handlers import error_responses
from orchestrator.api.rate_limiting import rate_limit_key
from orchestrator.api.route import StrictRoute
from orchestrator.errors import NotFoundError
from orchestrator.resilience.circuit_breaker import CircuitBreakerStatus
from orchestrator.security.audit import log_audit_event

router = APIRouter(prefix="/resilience", route_class=StrictRoute)
ClientId = Annotated[str, Path(pattern=r"^[A-Za-z0-9.:\-]{1,64}$")]
CircuitName = Annotated[str, Path(pattern=r"^[A-Za-z0-9_.\-]{1,64}$")]


class RateLimitUsageResponse(BaseModel):
    """Requests of a client in the current window, by route; the limit holds for each route."""

    client_id: str
    limit: int
    window_seconds: float
    used: dict[str, int]


@router.get(
    "/circuit-breakers",
    responses=error_responses(401, 403),
    dependencies=[Depends(require_service_admin)],
)
async def list_circuit_breakers(container: ContainerDep) -> list[CircuitBreakerStatus]:
    """List the circuit breakers: for each vendor its worst state under its name, then each group as `vendor.group`."""
    statuses: list[CircuitBreakerStatus] = []
    for guard in container.vendors.guards.values():
        statuses += [guard.status(), *guard.group_statuses().values()]
    return statuses


@router.post("/circuit-breakers/{name}/reset", responses=error_responses(401, 403, 404, 422))
async def reset_circuit_breaker(
    name: CircuitName, container: ContainerDep, principal: ServiceAdmin
) -> CircuitBreakerStatus:
    """Close the circuit breaker of a group (`vendor.group`) or all of a vendor, because it is known to work again."""
    vendor, _, group = name.partition(".")
    guard = container.vendors.guards.get(vendor)
    if guard is None or (name != vendor and group not in guard.group_statuses()):
        names = ", ".join(status.name for status in await list_circuit_breakers(container))
        raise NotFoundError(f"There is no such circuit breaker: there are {names}.")
    guard.reset(group or None)
    log_audit_event("reset circuit breaker", actor=principal.subject, circuit=name)
    return guard.group_statuses()[group] if group else guard.status()


@router.get(
    "/rate-limits/{client_id}",
    responses=error_responses(401, 403, 422),
    dependencies=[Depends(require_service_admin)],
)
async def get_rate_limit_usage(
    client_id: ClientId, container: ContainerDep, request: Request
) -> RateLimitUsageResponse:
    """Report the limit of a client and what it has used: a user id, the id of an API key, or `ip:<address>`."""
    limits = container.settings.limits
    is_api_key = await container.security.api_keys.get(client_id) is not None
    window = limits.rate_limit_window_seconds
    # the keys of all routes, because listing keys by prefix would scan all of Redis
    paths = sorted(request.app.openapi()["paths"])
    counts = await container.rate_limiter.used([rate_limit_key(client_id, path) for path in paths], window)
    return RateLimitUsageResponse(
        client_id=client_id,
        limit=limits.api_key_rate_limit if is_api_key else limits.user_rate_limit,
        window_seconds=window,
        used={path: count for path, count in zip(paths, counts, strict=True) if count},
    )
