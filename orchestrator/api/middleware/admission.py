"""Rejects requests with 503 when the service has more than it can do."""

from __future__ import annotations

import asyncio

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from orchestrator.api.client_address import client_group
from orchestrator.api.error_handlers import api_error_response
from orchestrator.errors import ServiceUnavailableError
from orchestrator.observability import logging
from orchestrator.observability.metrics import Metrics
from orchestrator.resilience.admission import AdmissionController, OverloadedError, Place

EXEMPT_PATHS = frozenset({"/healthz", "/readyz", "/metrics"})
"""They say how the service is, above all when it is overloaded."""
RETRY_AFTER_SECONDS = 1.0


class AdmissionMiddleware:
    """Limits the requests and WebSockets in progress, fairly between clients.

    A client is an IP address and not a principal: credentials are not verified yet, and anybody can invent them.
    """

    def __init__(self, app: ASGIApp, admission: AdmissionController, metrics: Metrics) -> None:
        self._app = app
        self._admission = admission
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, if there is room for it in time."""
        if scope["type"] == "lifespan" or scope["path"] in EXEMPT_PATHS:
            await self._app(scope, receive, send)
            return
        client = client_group(scope["client"][0]) if scope.get("client") else "unknown"
        try:
            async with self._admission.admit(client) as place:
                await self._app(scope, _receive_without_place(receive, place), send)
        except OverloadedError as error:
            self._metrics.backpressure_rejections.labels("requests").inc()
            logging.warning("request shed", reason=str(error), waiting=self._admission.waiting())
            shed = ServiceUnavailableError(
                "The service is overloaded. Try again later.", retry_after=RETRY_AFTER_SECONDS
            )
            await api_error_response(shed)(scope, receive, send)


def _receive_without_place(receive: Receive, place: Place) -> Receive:
    """Return a `receive` that gives the place back while the body does not arrive.

    Otherwise a few clients that send their bodies slowly would occupy all places.
    """
    is_complete = False

    async def receive_message() -> Message:
        nonlocal is_complete
        # after the body only the disconnect can follow, which is awaited beside the response
        if is_complete:
            return await receive()
        waiting = asyncio.ensure_future(receive())
        try:
            # a body that has arrived already is returned in the first step
            await asyncio.sleep(0)
            is_late = not waiting.done()
            if is_late:
                place.release()
            message = await waiting
            if is_late:
                await place.take()
        finally:
            waiting.cancel()
        is_complete = not message.get("more_body", False)
        return message

    return receive_message
