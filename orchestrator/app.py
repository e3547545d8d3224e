"""The service as an ASGI application."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware

from orchestrator.api import error_handlers
from orchestrator.api.middleware import RequestContextMiddleware
from orchestrator.api.routes import auth, gdpr, health, speech, webhooks
from orchestrator.container import build_container
from orchestrator.observability import logging
from orchestrator.observability.correlation import CORRELATION_ID_HEADER
from orchestrator.settings import Settings

RATE_LIMIT_HEADERS = ["X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset", "Retry-After"]


def create_app(settings: Settings) -> FastAPI:
    """The service.

    Raises:
        PmsConfigurationError, ValueError: a setting is wrong; the message says which.
    """
    services = build_container(settings)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        logging.configure_logging(services.metrics.log_write_errors.inc)
        await services.startup()
        retention = asyncio.create_task(services.run_retention_loop())
        yield
        retention.cancel()
        await services.shutdown()

    app = FastAPI(
        title="VoiceHive orchestrator",
        description="Answers a hotel's phone.",
        version="1",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
    )
    app.state.services = services
    error_handlers.register_error_handlers(app)
    for part in (health, auth, webhooks, speech, gdpr):
        app.include_router(part.router)
    app.add_middleware(
        CORSMiddleware,
        allow_origins=settings.cors_origins,
        allow_methods=["GET", "POST", "DELETE"],
        allow_headers=["Authorization", "Content-Type", "X-API-Key", CORRELATION_ID_HEADER],
        expose_headers=[CORRELATION_ID_HEADER, *RATE_LIMIT_HEADERS],
        max_age=600,
    )
    app.add_middleware(RequestContextMiddleware, metrics=services.metrics, traces=services.traces)
    return app
