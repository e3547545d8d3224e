"""The control API of a stub, under `/_stub/`: provider states, messages, faults, and what was seen."""

from __future__ import annotations

import base64
import inspect
import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Header, HTTPException, Response
from fastapi.responses import HTMLResponse, JSONResponse
from pydantic import BaseModel

from provider_verification.stubs.control.violation_report import render_html
from provider_verification.stubs.engine.fault_injection import FaultRule
from provider_verification.stubs.engine.pact_index import shape_of

if TYPE_CHECKING:
    from provider_verification.stubs.engine.app import StubApp


class StateChangeRequest(BaseModel):
    """What Pact's verifier sends before and after an interaction."""

    state: str = ""
    action: str = "setup"
    params: dict[str, Any] = {}


class MessageProviderState(BaseModel):
    """A provider state of a message."""

    name: str
    params: dict[str, Any] = {}


class MessageRequest(BaseModel):
    """What Pact's verifier sends to get a message."""

    description: str
    providerStates: list[MessageProviderState] = []  # noqa: N815 - the verifier's spelling


def router(app: StubApp) -> APIRouter:
    """The control routes of one stub."""
    routes = APIRouter(prefix="/_stub")
    _add_states(routes, app)
    _add_records(routes, app)
    _add_faults(routes, app)
    return routes


def _add_states(routes: APIRouter, app: StubApp) -> None:
    @routes.get("/health")
    async def health() -> dict[str, str]:
        return {"vendor": app.vendor}

    @routes.get("/states")
    async def states() -> dict[str, list[str]]:
        return {name: _parameters(function) for name, function in sorted(app.stub.states.items())}

    @routes.post("/states")
    async def change(wanted: StateChangeRequest) -> dict[str, Any]:
        if wanted.action == "teardown" or not wanted.state:
            app.reset_state()
            return {}
        return dict(_apply_provider_state(app, wanted.state, wanted.params) or {})

    @routes.post("/messages")
    async def message(wanted: MessageRequest) -> Response:
        make = app.stub.messages.get(wanted.description)
        if make is None:
            raise _unknown("message", wanted.description, app.stub.messages)
        made = make(app.world)
        contents = made.contents if isinstance(made.contents, bytes) else json.dumps(made.contents).encode()
        metadata = base64.b64encode(json.dumps({"contentType": made.content_type}).encode()).decode()
        headers = {"Pact-Message-Metadata": metadata}
        return Response(contents, media_type=made.content_type, headers=headers)

    @routes.post("/reset")
    async def reset() -> dict[str, str]:
        app.reset_state()
        app.journal.clear()
        app.faults.rules.clear()
        return {"vendor": app.vendor}


def _add_records(routes: APIRouter, app: StubApp) -> None:
    @routes.get("/requests")
    async def requests() -> list[dict[str, Any]]:
        return [_with_matching_interactions(app, seen) for seen in app.journal.requests]

    @routes.get("/interactions")
    async def interactions() -> list[str]:
        return app.pact_index.descriptions

    @routes.delete("/requests", status_code=204)
    async def forget_requests() -> None:
        app.journal.requests.clear()

    @routes.get("/violations")
    async def violations(accept: Annotated[str, Header()] = "") -> Response:
        found = list(app.journal.violations.values())
        if "text/html" in accept:
            return HTMLResponse(render_html(app.vendor, found))
        return JSONResponse([violation.to_json() for violation in found])

    @routes.delete("/violations", status_code=204)
    async def forget_violations() -> None:
        app.journal.violations.clear()

    @routes.get("/defects")
    async def defects() -> list[dict[str, Any]]:
        return list(app.journal.defects)


def _add_faults(routes: APIRouter, app: StubApp) -> None:
    @routes.get("/faults")
    async def faults() -> list[FaultRule]:
        return app.faults.rules

    @routes.post("/faults", status_code=201)
    async def inject(fault: FaultRule) -> FaultRule:
        known = {operation.operation_id for operation in app.contract.operations}
        if fault.operation != "*" and fault.operation not in known:
            raise _unknown("operation", fault.operation, known)
        app.faults.rules.append(fault)
        return fault

    @routes.delete("/faults", status_code=204)
    async def clear_faults() -> None:
        app.faults.rules.clear()


def _with_matching_interactions(app: StubApp, seen: dict[str, Any]) -> dict[str, Any]:
    """A request with the interactions of the pacts that it is; if it is none, the one that is nearest."""
    shape = shape_of(seen)
    found = app.pact_index.matching(seen["operation"], shape)
    nearest = None if found else app.pact_index.nearest(seen["operation"], shape)
    return {**seen, "interactions": found, "nearest": nearest}


def _apply_provider_state(app: StubApp, state: str, params: dict[str, Any]) -> Any:
    function = app.stub.states.get(state)
    if function is None:
        raise _unknown("provider state", state, app.stub.states)
    known = _parameters(function)
    if unknown := sorted(params.keys() - set(known)):
        raise HTTPException(
            400, f"the state '{state}' has no parameter {', '.join(unknown)}: it has {', '.join(known)}"
        )
    return function(app.world, **params)


def _parameters(function: Callable[..., Any]) -> list[str]:
    return list(inspect.signature(function).parameters)[1:]


def _unknown(kind: str, name: str, known: Any) -> HTTPException:
    return HTTPException(400, f"there is no {kind} '{name}': there are {', '.join(sorted(known)) or 'none'}")
