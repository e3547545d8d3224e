"""Rejects requests with 503 when the service has more than it can do."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Generator
from typing import Any

from fastapi.responses import JSONResponse
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
    """Limits the requests in progress and the open WebSockets, fairly between clients.

    A client is an IP address and not a principal: credentials are not verified yet, and anybody can invent them.

    Args:
        app: serves the request.
        requests: the limit of requests in progress; a WebSocket counts until its handshake is accepted.
        websockets: the limit of open WebSockets.
        metrics: count the rejections.
    """

    def __init__(
        self, app: ASGIApp, requests: AdmissionController, websockets: AdmissionController, metrics: Metrics
    ) -> None:
        self._app = app
        self._requests = requests
        self._websockets = websockets
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, if there is room for it in time."""
        if scope["type"] == "lifespan" or scope["path"] in EXEMPT_PATHS:
            await self._app(scope, receive, send)
            return
        client = client_group(scope["client"][0]) if scope.get("client") else "unknown"
        if scope["type"] == "http":
            await self._serve(scope, receive, send, client)
            return
        try:
            async with self._websockets.admit(client):
                await self._serve(scope, receive, send, client)
        except OverloadedError as error:
            await self._reject("websockets", error)(scope, receive, send)

    async def _serve(self, scope: Scope, receive: Receive, send: Send, client: str) -> None:
        try:
            async with self._requests.admit(client) as place:
                if scope["type"] == "http":
                    receive = _receive_without_place(receive, place)
                else:
                    send = _send_without_place(send, place)
                await self._app(scope, receive, send)
        except OverloadedError as error:
            await self._reject("requests", error)(scope, receive, send)

    def _reject(self, resource: str, error: OverloadedError) -> JSONResponse:
        self._metrics.backpressure_rejections.labels(resource).inc()
        logging.warning(
            "request shed", resource=resource, reason=str(error), waiting=self._requests.waiting()
        )
        return api_error_response(
            ServiceUnavailableError(
                "The service is overloaded. Try again later.", retry_after=RETRY_AFTER_SECONDS
            )
        )


def _send_without_place(send: Send, place: Place) -> Send:
    """Return a `send` that gives the place back when a WebSocket is accepted: from then on it mostly waits."""

    async def send_message(message: Message) -> None:
        if message["type"] == "websocket.accept":
            place.release()
        await send(message)

    return send_message


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
        receiving = _Receiving(receive(), place.release)
        message = await receiving
        if receiving.has_waited:
            await place.take()
        is_complete = not message.get("more_body", False)
        return message

    return receive_message


class _Receiving:
    """Awaits a message, and calls `on_wait` once if it has not arrived yet.

    Without a task, whose creation and two turns of the event loop take longer than to read the body of a call event.
    """

    def __init__(self, receiving: Awaitable[Message], on_wait: Callable[[], None]) -> None:
        self._receiving = receiving
        self._on_wait = on_wait
        self.has_waited = False

    def __await__(self) -> Generator[Any, Any, Message]:
        steps = self._receiving.__await__()
        try:
            # the first step returns a message that has arrived
            pending = next(steps)
            self.has_waited = True
            self._on_wait()
            while True:
                try:
                    sent = yield pending
                # a cancellation ends what is awaited, and not this generator only
                except BaseException as error:  # noqa: BLE001
                    pending = steps.throw(error)
                else:
                    pending = steps.send(sent)
        except StopIteration as end:
            message: Message = end.value
            return message
