"""The broker as an ASGI application."""

from __future__ import annotations

import logging
import sqlite3
import uuid
from typing import Any

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from broker.database import Database
from broker.errors import NOT_FOUND_MESSAGE, BrokerHTTPError
from broker.resources import (
    branches,
    contracts,
    environments,
    index,
    matrix,
    pact_lists,
    pacticipants,
    pacts,
    pacts_for_verification,
    verification_results,
    versions,
)
from broker.web import EncodedSlashMiddleware, hal_response

RESOURCES = (
    index, pacticipants, versions, branches, environments, contracts, pacts_for_verification, pact_lists, verification_results, pacts, matrix,
)  # fmt: skip
HEADERS = ((b"vary", b"Accept"), (b"cache-control", b"no-cache"), (b"x-content-type-options", b"nosniff"))

logger = logging.getLogger("broker")


class CommonHeadersMiddleware:
    """Adds what every answer of a broker has."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the answer on with the headers."""

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), *HEADERS]
            await send(message)

        await self._app(scope, receive, sending)


def create_app(database: Database) -> FastAPI:
    """The broker on a database."""
    app = FastAPI(title="Pact Broker", openapi_url=None, redirect_slashes=False)
    app.state.database = database
    for resource in RESOURCES:
        app.include_router(resource.router)
    app.add_exception_handler(BrokerHTTPError, _refused)
    app.add_exception_handler(HTTPException, _not_served)
    app.add_exception_handler(sqlite3.OperationalError, _failed)
    app.add_exception_handler(Exception, _failed)
    app.add_middleware(EncodedSlashMiddleware)
    app.add_middleware(CommonHeadersMiddleware)
    return app


async def _refused(_: Request, error: Any) -> Response:
    if error.body is None:
        return Response(status_code=error.status)
    return JSONResponse(error.body, error.status, media_type=error.media_type)


async def _not_served(_: Request, error: Any) -> Response:
    if error.status_code == 404:
        return JSONResponse({"error": NOT_FOUND_MESSAGE}, 404, media_type="application/json;charset=utf-8")
    return Response(status_code=error.status_code, headers=error.headers)


async def _failed(request: Request, error: Exception) -> Response:
    reference = uuid.uuid4().hex[:10]
    logger.error("%s: %s %s failed", reference, request.method, request.url.path, exc_info=error)
    text = f"the broker failed; its log has more under the reference {reference}"
    return hal_response({"error": {"message": text, "reference": reference}}, 500)
