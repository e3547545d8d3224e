"""The service as an ASGI application."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware

from orchestrator.api import answers, auth, calls, operations, privacy, speech
from orchestrator.api.middleware import Around
from orchestrator.observability import logs
from orchestrator.observability.correlation import HEADER
from orchestrator.services import build
from orchestrator.settings import Settings

RATE_HEADERS = ["X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset", "Retry-After"]


def create_app(settings: Settings) -> FastAPI:
    """The service.

    Raises:
        UnknownPms, ValueError: a setting is wrong; the message says which.
    """
    services = build(settings)

    @asynccontextmanager
    async def life(_: FastAPI) -> AsyncIterator[None]:
        logs.configure()
        await services.start()
        retention = asyncio.create_task(services.keep_retention())
        yield
        retention.cancel()
        await services.stop()

    app = FastAPI(
        title="VoiceHive orchestrator",
        description="Answers a hotel's phone.",
        version="1",
        lifespan=life,
        docs_url=None,
        redoc_url=None,
    )
    app.state.services = services
    answers.install(app)
    for part in (operations, auth, calls, speech, privacy):
        app.include_router(part.routes)
    app.add_middleware(
        CORSMiddleware,
        allow_origins=settings.cors_origins,
        allow_methods=["GET", "POST", "DELETE"],
        allow_headers=["Authorization", "Content-Type", "X-API-Key", HEADER],
        expose_headers=[HEADER, *RATE_HEADERS],
        max_age=600,
    )
    app.add_middleware(Around, metrics=services.metrics, traces=services.traces)
    return app
