"""A stub as an ASGI application: the vendor's own paths, and the control API under `/_stub/`.

The vendor's paths are served as plain ASGI, without a web framework: a stub must not be the bottleneck of a load test.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

from fastapi import FastAPI
from starlette.routing import WebSocketRoute
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket

from provider_verification.stubs.control.api import add_error_handlers, create_router, is_control_path
from provider_verification.stubs.engine.asgi_io import (
    ClientDisconnected,
    encode_body,
    read_body,
    replay_body,
    send_response,
    wait_for_disconnect,
)
from provider_verification.stubs.engine.exchange import Exchange
from provider_verification.stubs.engine.fault_injection import apply_fault
from provider_verification.stubs.engine.http_limits import MAX_BODY_BYTES, MAX_HEADER_BYTES, header_bytes
from provider_verification.stubs.engine.openapi import OpenApiContract
from provider_verification.stubs.engine.runtime import StubRuntime
from provider_verification.stubs.engine.sent_request import WEBSOCKET_METHOD
from provider_verification.stubs.engine.websocket import websocket_endpoint
from provider_verification.stubs.engine.websocket_gaps import deny_not_modelled
from provider_verification.stubs.sdk import NotModelled, StubDefinition, StubResponse

HEADERS_TOO_LARGE = StubResponse(431, {"detail": f"the headers have more than {MAX_HEADER_BYTES} bytes"})
BODY_TOO_LARGE = StubResponse(413, {"detail": f"the body has more than {MAX_BODY_BYTES} bytes"})


class StubApp:
    """One vendor's stub.

    Args:
        vendor: the provider's name in the pacts.
        stub: the vendor's operations, provider states and hooks.
        contract: the vendor's schemas; those of `schemas/<vendor>/` if None.
        validate: validate requests and responses; False only to measure what validation costs.
        furnished: start, and start again after each reset, with what a user needs at once instead of the plain state.

    Raises:
        LookupError: the stub and the schemas do not have the same operations.
        ContractError: the schemas or the pacts are invalid.
    """

    def __init__(
        self,
        vendor: str,
        stub: StubDefinition[Any],
        contract: OpenApiContract | None = None,
        *,
        validate: bool = True,
        furnished: bool = False,
    ) -> None:
        self.vendor = vendor
        self.stub = stub
        self.runtime = StubRuntime(vendor, stub, contract, validate=validate, furnished=furnished)
        self._framework_app = FastAPI(title=f"{vendor} stub", docs_url=None, redoc_url=None, openapi_url=None)
        add_error_handlers(self._framework_app)
        self._framework_app.include_router(create_router(self.runtime))
        for path, route in stub.sockets.items():
            self._framework_app.add_api_websocket_route(path, websocket_endpoint(self.runtime, path, route))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve the control API and WebSockets by FastAPI, and everything else as the vendor."""
        if scope["type"] == "websocket" and (missing := self._missing_websocket(scope["path"])):
            gap = NotModelled(f"the operation {missing}")
            await deny_not_modelled(self.runtime, missing, gap, WebSocket(scope, receive, send))
            return
        if scope["type"] != "http":
            await self._framework_app(scope, receive, send)
            return
        # FastAPI reads a body without any limit, so the body is read here for the control API as well.
        try:
            raw_body = await read_body(receive, MAX_BODY_BYTES)
        except ClientDisconnected:
            return
        if header_bytes(scope) > MAX_HEADER_BYTES:
            await send_response(send, HEADERS_TOO_LARGE, None)
        elif not is_control_path(scope["path"]):
            await self._serve_vendor_request(scope, receive, send, raw_body)
        elif raw_body is None:
            await send_response(send, BODY_TOO_LARGE, None)
        else:
            await self._framework_app(scope, replay_body(raw_body, receive), send)

    def _missing_websocket(self, path: str) -> str | None:
        """Return the name of a WebSocket that the vendor has and the stub lacks, or None."""
        routes = (route for route in self._framework_app.routes if isinstance(route, WebSocketRoute))
        if any(route.path_regex.match(path) for route in routes):
            return None
        documented = self.runtime.index.match(WEBSOCKET_METHOD, path)
        return documented.name if documented else None

    async def _serve_vendor_request(
        self, scope: Scope, receive: Receive, send: Send, raw_body: bytes | None
    ) -> None:
        exchange = Exchange(self.runtime, scope)
        operation = exchange.operation
        name = operation.operation_id if operation else "(unknown)"
        rule = self.runtime.faults.next_for(name, exchange.headers.get("x-correlation-id"))
        runs = not (rule and operation and rule.rejects_request)
        response = self._respond(exchange, raw_body) if runs else StubResponse(204)
        if rule and operation:
            response = apply_fault(rule, response, self.stub.hooks.error_response)
        content = None if isinstance(response.body, AsyncIterator) else encode_body(response)
        exchange.record(name, raw_body, response, rule, content or b"")
        if rule and rule.waits:
            await self.runtime.faults.wait(rule, wait_for_disconnect(receive))
        await send_response(send, response, rule, content)

    def _respond(self, exchange: Exchange, raw_body: bytes | None) -> StubResponse:
        try:
            return exchange.respond(raw_body)
        except Exception as error:  # noqa: BLE001 - the client learns what is wrong in the stub, whatever it is
            name = (
                exchange.operation.operation_id
                if exchange.operation
                else f"{exchange.method} {exchange.path}"
            )
            return StubResponse(500, {"stub_defect": self.runtime.journal.record_exception(name, 500, error)})
