"""Rate limits per client and route, and the headers that report them."""

from __future__ import annotations

import math

from fastapi.requests import HTTPConnection

from orchestrator.api.client_address import client_group
from orchestrator.container import Container
from orchestrator.errors import RateLimitExceededError
from orchestrator.state.rate_limiter import RateLimitDecision


async def enforce_rate_limit(request: HTTPConnection, container: Container, client: str, limit: int) -> None:
    """Count a request of a client to this route.

    Raises:
        RateLimitExceededError: the client has no request left in the window.
    """
    window = container.settings.limits.rate_limit_window_seconds
    decision = await container.rate_limiter.hit(
        rate_limit_key(client, request.scope["route"].path), limit, window
    )
    # before the error is raised, because the 429 needs these headers too
    request.state.rate_headers = rate_limit_headers(decision, limit, window)
    if not decision.allowed:
        raise RateLimitExceededError("Too many requests.", retry_after=decision.retry_after)


async def enforce_ip_rate_limit(request: HTTPConnection, container: Container) -> None:
    """Count a request of the client's IP address to this route.

    Raises:
        RateLimitExceededError: the address has no request left in the window.
    """
    client = f"ip:{client_address_of(request)}"
    await enforce_rate_limit(request, container, client, container.settings.limits.user_rate_limit)


def client_address_of(request: HTTPConnection) -> str:
    """Return what the address of a client is limited by."""
    # ClientAddressMiddleware has put the client of a trusted proxy here
    return client_group(request.client.host) if request.client else "unknown"


def rate_limit_key(client: str, path: str) -> str:
    """Return the key that a client's requests to a route are counted under."""
    return f"rate:{client}:{path}"


def rate_limit_headers(decision: RateLimitDecision, limit: int, window: float) -> dict[str, str]:
    """Return the limit's headers. The reset is in seconds from now."""
    reset = window if decision.allowed else decision.retry_after
    return {
        "X-RateLimit-Limit": str(limit),
        "X-RateLimit-Remaining": str(decision.remaining),
        "X-RateLimit-Reset": whole_seconds(reset),
    }


def whole_seconds(seconds: float) -> str:
    """Round up, because a client that retries too early is rejected again. At least 1."""
    return str(max(1, math.ceil(seconds)))
