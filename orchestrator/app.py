"""The service as an ASGI application."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware

from orchestrator.api import error_handlers
from orchestrator.api.middleware.admission import AdmissionMiddleware
from orchestrator.api.middleware.client_address import ClientAddressMiddleware
from orchestrator.api.middleware.request_context import RequestContextMiddleware
from orchestrator.api.routes import (
    api_keys,
    auth,
    gdpr,
    health,
    live_speech,
    outbound_calls,
    resilience,
    speech,
    users,
    webhooks,
)
from orchestrator.container import Container, build_container
from orchestrator.observability import logging
from orchestrator.observability.correlation import CORRELATION_ID_HEADER
from orchestrator.resilience.supervision import run_supervised
from orchestrator.security.vault_secrets import VaultSource
from orchestrator.settings import Settings

RATE_LIMIT_HEADERS = ["X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset", "Retry-After"]


def create_app(settings: Settings, vault: VaultSource | None = None) -> FastAPI:
    """Return the application; its lifespan connects and disconnects it.

    Args:
        settings: the settings of the process.
        vault: where its secrets come from; without it they stay as they are.

    Raises:
        SettingsError: a setting is invalid; the message says which.
    """
    container = build_container(settings, vault)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        logging.configure_logging(container.metrics.log_write_errors.inc)
        async with running(container):
            yield

    app = FastAPI(
        title="VoiceHive orchestrator",
        description="Answers a hotel's phone.",
        version="1",
        # the redirect would go to the host that the client named, with its credentials
        redirect_slashes=False,
        lifespan=lifespan,
        # the documentation pages load scripts from a CDN, which the Content-Security-Policy forbids
        docs_url=None,
        redoc_url=None,
    )
    app.state.container = container
    error_handlers.register_error_handlers(app)
    # in the order in which they are searched for the route of a request: most requests are call events
    modules = (webhooks, speech, health, resilience, auth, users, api_keys, live_speech, gdpr, outbound_calls)
    for module in modules:
        # not `include_router`, which puts another router around each of them, although they have no prefix
        app.router.routes.extend(module.router.routes)
    _add_middleware(app, container)
    return app


def _add_middleware(app: FastAPI, container: Container) -> None:
    """Add the middleware; what is added later is further out."""
    security = container.settings.security
    app.add_middleware(
        AdmissionMiddleware,
        requests=container.admission,
        websockets=container.websocket_admission,
        metrics=container.metrics,
    )
    app.add_middleware(
        CORSMiddleware,
        allow_origins=security.cors_origins,
        allow_methods=["GET", "POST", "DELETE"],
        allow_headers=["Authorization", "Content-Type", "X-API-Key", CORRELATION_ID_HEADER],
        expose_headers=[CORRELATION_ID_HEADER, *RATE_LIMIT_HEADERS],
        max_age=600,
    )
    # added after it, hence around it: the responses of CORSMiddleware get its headers and are counted too
    app.add_middleware(
        RequestContextMiddleware,
        metrics=container.metrics,
        tracing=container.tracing,
        pseudonymize=container.gdpr.pseudonym,
    )
    app.add_middleware(ClientAddressMiddleware, trusted_proxies=security.trusted_proxies)


@asynccontextmanager
async def running(container: Container) -> AsyncIterator[None]:
    """Start the container and its background tasks, and stop them even if the start or the block fails."""
    tasks: list[asyncio.Task[None]] = []
    try:
        await container.startup()
        tasks = [
            asyncio.create_task(run_supervised(task.run_forever), name=f"{type(task).__name__}.run_forever")
            for task in container.background_tasks
        ]
        async with container.alerts.running():
            yield
    finally:
        for task in tasks:
            task.cancel()
        # awaited before the shutdown, because a cancelled task still uses its connections
        await asyncio.gather(*tasks, return_exceptions=True)
        await container.shutdown()
