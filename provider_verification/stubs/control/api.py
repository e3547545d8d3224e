"""The control API of a stub under `/_stub/`: provider states, messages, faults, and the journal."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, FastAPI, Header, HTTPException, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse
from pydantic import BaseModel, ConfigDict

from provider_verification.stubs.control.index_page import index_document, render_index
from provider_verification.stubs.control.provider_states import (
    InvalidStateParametersError,
    parameters_of,
    set_up_state,
)
from provider_verification.stubs.control.violation_report import ViolationFilter, render_html
from provider_verification.stubs.engine.fault_injection import FaultRule
from provider_verification.stubs.engine.runtime import StubRuntime

PREFIX = "/_stub"
FAVICON_PATH = "/favicon.ico"
"""A browser requests it after any page or JSON document of the control API; no vendor has it."""


class StateChangeRequest(BaseModel):
    """The body that Pact's verifier sends before and after an interaction."""

    model_config = ConfigDict(extra="forbid")

    state: str = ""
    action: Literal["setup", "teardown"] = "setup"
    params: dict[str, Any] = {}


class MessageProviderState(BaseModel):
    """A provider state of a message."""

    name: str
    params: dict[str, Any] = {}


class MessageRequest(BaseModel):
    """The body that Pact's verifier sends to get a message."""

    description: str
    providerStates: list[MessageProviderState] = []  # noqa: N815 - the verifier's spelling


def is_control_path(path: str) -> bool:
    """Return whether a path belongs to the control API; all other paths belong to the vendor."""
    return path in {FAVICON_PATH, PREFIX} or path.startswith(f"{PREFIX}/")


def add_error_handlers(app: FastAPI) -> None:
    """Respond with ASCII and without the input: it can be NaN or a surrogate, which no JSON response can contain."""

    async def handle_invalid_request(_: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)  # noqa: S101 - Starlette types every handler for Exception
        return _error_response(
            422, [{key: issue[key] for key in ("type", "loc", "msg")} for issue in error.errors()]
        )

    async def handle_http_error(_: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)  # noqa: S101 - Starlette types every handler for Exception
        return _error_response(error.status_code, error.detail)

    app.add_exception_handler(RequestValidationError, handle_invalid_request)
    app.add_exception_handler(HTTPException, handle_http_error)


def _error_response(status: int, detail: Any) -> Response:
    return Response(json.dumps({"detail": detail}), status, media_type="application/json")


def create_router(runtime: StubRuntime) -> APIRouter:
    """Return the control routes of one stub."""
    root = APIRouter()
    root.include_router(_create_control_router(runtime))

    @root.get(FAVICON_PATH, status_code=204)
    async def favicon() -> None:
        return None

    return root


def _create_control_router(runtime: StubRuntime) -> APIRouter:
    router = APIRouter(prefix=PREFIX)
    _add_index_route(router, runtime)
    _add_state_routes(router, runtime)
    _add_request_routes(router, runtime)
    _add_violation_routes(router, runtime)
    _add_fault_routes(router, runtime)
    return router


def _add_index_route(router: APIRouter, runtime: StubRuntime) -> None:
    @router.get("/")
    async def index(accept: Annotated[str, Header()] = "") -> Response:
        operations = sorted(runtime.contract.operations, key=lambda operation: operation.operation_id)
        if "text/html" in accept:
            return HTMLResponse(render_index(runtime.vendor, operations))
        return JSONResponse(index_document(runtime.vendor, PREFIX, operations))


def _add_state_routes(router: APIRouter, runtime: StubRuntime) -> None:
    @router.get("/health")
    async def health() -> dict[str, str]:
        return {"vendor": runtime.vendor}

    @router.get("/states")
    async def list_states() -> dict[str, list[str]]:
        handlers = sorted(runtime.definition.states.items())
        return {name: list(parameters_of(handler)) for name, handler in handlers}

    @router.post("/states")
    async def change_state(body: StateChangeRequest) -> dict[str, Any]:
        if body.action == "teardown" or not body.state:
            runtime.reset_state()
            return {}
        return _set_up_state(runtime, body.state, body.params)

    @router.post("/messages")
    async def create_message(body: MessageRequest) -> Response:
        factory = runtime.definition.messages.get(body.description)
        if factory is None:
            raise _unknown_name("message", body.description, runtime.definition.messages)
        message = factory(runtime.state)
        contents = message.contents
        content = contents if isinstance(contents, bytes) else json.dumps(contents).encode()
        metadata = base64.b64encode(json.dumps({"contentType": message.content_type}).encode()).decode()
        headers = {"Pact-Message-Metadata": metadata}
        return Response(content, media_type=message.content_type, headers=headers)

    @router.post("/reset")
    async def reset() -> dict[str, Any]:
        exercised = sorted(runtime.journal.exercised)
        runtime.reset()
        return {"vendor": runtime.vendor, "exercised": exercised}


def _add_request_routes(router: APIRouter, runtime: StubRuntime) -> None:
    @router.get("/requests")
    async def list_requests() -> list[dict[str, Any]]:
        return [request.to_json() for request in runtime.journal.requests]

    @router.delete("/requests", status_code=204)
    async def delete_requests() -> None:
        runtime.journal.requests.clear()

    @router.get("/interactions")
    async def list_interactions() -> list[str]:
        return [*runtime.pact_index.descriptions, *runtime.pact_messages.descriptions]


def _add_violation_routes(router: APIRouter, runtime: StubRuntime) -> None:
    @router.get("/violations")
    async def list_violations(
        chosen: Annotated[ViolationFilter, Depends()], accept: Annotated[str, Header()] = ""
    ) -> Response:
        violations = list(runtime.journal.violations.values())
        if "text/html" in accept:
            return HTMLResponse(render_html(runtime.vendor, violations, chosen))
        return JSONResponse([violation.to_json() for violation in chosen.select(violations)])

    @router.delete("/violations", status_code=204)
    async def delete_violations() -> None:
        runtime.journal.violations.clear()

    @router.get("/defects")
    async def list_defects() -> list[dict[str, Any]]:
        return list(runtime.journal.defects)


def _add_fault_routes(router: APIRouter, runtime: StubRuntime) -> None:
    @router.get("/faults")
    async def list_faults() -> list[FaultRule]:
        return runtime.faults.rules

    @router.post("/faults", status_code=201)
    async def add_fault(rule: FaultRule) -> FaultRule:
        known = {operation.operation_id for operation in runtime.contract.operations}
        if rule.operation != "*" and rule.operation not in known:
            raise _unknown_name("operation", rule.operation, known)
        try:
            runtime.faults.add(rule)
        except ValueError as error:
            raise HTTPException(422, str(error)) from None
        return rule

    @router.delete("/faults", status_code=204)
    async def delete_faults(correlation_id: str | None = None) -> None:
        runtime.faults.clear(correlation_id)


def _set_up_state(runtime: StubRuntime, name: str, params: dict[str, Any]) -> dict[str, Any]:
    handler = runtime.definition.states.get(name)
    if handler is None:
        raise _unknown_name("provider state", name, runtime.definition.states)
    try:
        return set_up_state(handler, runtime.state, params)
    except InvalidStateParametersError as error:
        raise HTTPException(422, f"the state '{name}' {error}") from None


def _unknown_name(kind: str, name: str, known: Iterable[str]) -> HTTPException:
    return HTTPException(422, f"there is no {kind} '{name}': there are {', '.join(sorted(known)) or 'none'}")
