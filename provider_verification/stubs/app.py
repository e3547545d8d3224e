"""A running stub: a FastAPI application for the control API, and the vendor's own paths beside it.

The vendor's paths are served as plain ASGI, checks included: a stub must not be the bottleneck of a load test.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs

from fastapi import FastAPI
from starlette.types import Receive, Scope, Send

from provider_verification.stubs import control, sockets, transmission
from provider_verification.stubs.contract import Contract, Operation, load
from provider_verification.stubs.faults import BEFORE, Faults, InjectedFault, without
from provider_verification.stubs.pacts import Described
from provider_verification.stubs.records import Records, shown_headers
from provider_verification.stubs.requests import (
    body_faults,
    checked_parameters,
    decoded_body,
    unknown_parameters,
)
from provider_verification.stubs.stub import Answer, Call, Fault, Problem, Stub

MAX_BODY = 16 * 1024 * 1024


class StubApp(FastAPI):
    """One vendor's stub.

    Args:
        vendor: its name.
        stub: what its author wrote.
        contract: its schemas; those of `schemas/<vendor>/` by default.
        check: hold requests and answers to the schemas; off only to measure what that costs.

    Raises:
        LookupError: the author wrote an operation that the schemas do not have, or left one out.
    """

    def __init__(
        self, vendor: str, stub: Stub[Any], contract: Contract | None = None, *, check: bool = True
    ) -> None:
        super().__init__(title=f"{vendor} stub", docs_url=None, redoc_url=None, openapi_url=None)
        self.vendor = vendor
        self.stub = stub
        self.contract = contract or load(vendor)
        self.check = check
        self.described = Described(vendor, self.contract)
        self.records = Records()
        self.faults = Faults()
        self.world = stub.world()
        _complete(vendor, self.contract, stub)
        self.include_router(control.router(self))
        for (name, path, messages), handler in stub.sockets.items():
            self.add_api_websocket_route(path, sockets.served(self, name, messages, handler))

    def reset(self) -> None:
        """Make the world new."""
        self.world = self.stub.world()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve `/_stub/` by FastAPI and everything else as the vendor."""
        if scope["type"] != "http" or scope["path"].startswith("/_stub/"):
            await super().__call__(scope, receive, send)
            return
        exchange = _Exchange(self, scope)
        try:
            raw = await transmission.body(receive, MAX_BODY)
        except transmission.ClientGone:
            return
        operation, answer = exchange.answer(raw)
        name = operation.name if operation else "(unknown)"
        fault = self.faults.take(name)
        if fault and operation:
            answer = _faulty(self, fault, answer)
        self.records.requests.append(exchange.seen(name, raw, answer.status, fault))
        await transmission.send_answer(send, receive, answer, fault)


class _Exchange:
    """One request and its answer."""

    def __init__(self, app: StubApp, scope: Scope) -> None:
        self.app = app
        self.method: str = scope["method"]
        self.path: str = scope["path"]
        self.connection = (scope.get("client") or ("", 0))[1]
        self.query = parse_qs(scope["query_string"].decode("latin-1"), keep_blank_values=True)
        self.headers = {
            name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]
        }
        host, port = scope["server"] or ("127.0.0.1", 80)
        self.base_url = f"http://{host}:{port}"

    def answer(self, raw: bytes | None) -> tuple[Operation | None, Answer]:
        """The operation that was meant, if any, and what the vendor answers."""
        operation: Operation | None = None
        try:
            body = _bounded(raw)
            found = self.app.contract.find(self.method, self.path)
            operation = found[0] if found else None
            caller = None if operation and operation.public else self._authenticate()
            if found is None:
                raise self._unknown()
            operation, path = found
            call = self._call(operation, path, caller, body)
            answer = self.app.stub.hooks.interrupt(self.app.world, call) or self._performed(call)
            encode = self.app.stub.hooks.encode
            checked = self._checked(operation, answer)
            self._note_undescribed(operation, checked)
            return operation, encode(call, checked) if encode else checked
        except Problem as problem:
            problem.route = f"{self.method} {self.path}"
            self._note(operation, problem, raw or b"")
            answer = self.app.stub.hooks.errors(problem)
            return operation, self._checked(operation, answer) if operation else answer

    def _authenticate(self) -> Any:
        query = {name: values[0] for name, values in self.query.items()}
        return self.app.stub.hooks.authenticate(self.app.world, self.headers, query)

    def _unknown(self) -> Problem:
        if self.app.contract.knows_path(self.path):
            return Problem("wrong_method", f"{self.path} does not take {self.method}")
        return Problem("unknown_route", f"there is no {self.method} {self.path}")

    def _call(self, operation: Operation, path: Mapping[str, str], caller: Any, raw: bytes) -> Call:
        hooks = self.app.stub.hooks
        if hooks.decode:
            body = hooks.decode(operation.name, self.headers, raw)
        else:
            body = decoded_body(operation, self.headers, raw)
        values, faults = checked_parameters(operation, self.query, self.headers)
        call = Call(operation.name, path, values, self.headers, body, raw, caller, self.base_url)
        hooks.authorise(self.app.world, call)
        if self.app.check:
            faults += body_faults(operation, self.headers, body)
            if faults:
                raise Problem("invalid", f"{faults[0].path} {faults[0].message}", tuple(faults))
            for fault in unknown_parameters(operation, self.query):
                self.app.records.violation(
                    "ignored", operation.name, fault, self.query[str(fault.where[1])][0]
                )
        return call

    def _performed(self, call: Call) -> Answer:
        return self.app.stub.operations[call.operation](self.app.world, call)

    def _checked(self, operation: Operation, answer: Answer) -> Answer:
        """The answer, or a 500 that names the field in which the stub breaks its own contract."""
        if not self.app.check:
            return answer
        wrong = _answer_fault(operation, answer)
        if wrong is None:
            return answer
        defect = self.app.records.defect(operation.name, answer.status, *wrong)
        return Answer(500, {"stub_defect": defect})

    def _note_undescribed(self, operation: Operation, answer: Answer) -> None:
        if answer.status >= 400 or self.app.described.covers(operation.name, self.query):
            return
        with_query = f" with {', '.join(sorted(self.query))}" if self.query else ""
        requires = f"an interaction of {operation.name}{with_query}"
        fault = Fault(("query",) if self.query else ("request",), "pact", requires, operation.documented)
        self.app.records.violation("undescribed", operation.name, fault, "&".join(sorted(self.query)))

    def _note(self, operation: Operation | None, problem: Problem, raw: bytes) -> None:
        name = operation.name if operation else f"{self.method} {self.path}"
        documented = operation.documented if operation else ""
        faults = problem.faults or (Fault(("request",), problem.kind, problem.message, documented),)
        sent = "" if problem.kind == "unauthenticated" else raw.decode("utf-8", errors="replace")
        for fault in faults:
            self.app.records.violation("refused", name, fault, sent)

    def seen(self, name: str, raw: bytes | None, status: int, fault: InjectedFault | None) -> dict[str, Any]:
        """The request as it is remembered."""
        return {
            "operation": name,
            "method": self.method,
            "path": self.path,
            "query": self.query,
            "headers": shown_headers(self.headers),
            "body": (raw or b"")[:4096].decode("utf-8", errors="replace"),
            "status": status,
            "fault": fault.kind if fault else None,
            "connection": self.connection,
        }


def _bounded(raw: bytes | None) -> bytes:
    if raw is None:
        raise Problem("too_large", f"the body should have at most {MAX_BODY} bytes")
    return raw


def _answer_fault(operation: Operation, answer: Answer) -> tuple[str, str] | None:
    """Where an answer breaks the contract, and how."""
    response = operation.responses.get(answer.status)
    if response is None:
        return "status", f"{answer.status} is not documented for {operation.name}"
    for name in response.headers:
        if name not in {header.lower() for header in answer.headers}:
            return f"header {name}", "is required"
    if answer.body is None:
        return ("body", "is required") if response.content else None
    kind = answer.media_type.partition(";")[0]
    if kind not in response.content:
        return "content-type", f"{kind} is not documented"
    validator = response.content[kind]
    if validator is None or validator.is_valid(answer.body):
        return None
    error = next(iter(validator.iter_errors(answer.body)))
    return "/" + "/".join(map(str, error.instance_path)), error.message


def _faulty(app: StubApp, fault: InjectedFault, answer: Answer) -> Answer:
    """The answer as a fault makes it; what happens on the wire is left to the transmission."""
    if fault.kind == "status":
        problem = Problem("fault", f"injected {fault.status}", status=fault.status)
        answer = app.stub.hooks.errors(problem)
        if fault.retry_after is not None:
            answer.headers["Retry-After"] = str(fault.retry_after)
    elif fault.kind == "drop" and isinstance(answer.body, dict | list):
        answer.body = without(copy.deepcopy(answer.body), fault.field or "")
    elif fault.kind == "malformed" and fault.kind not in BEFORE:
        answer.body = (
            json.dumps(answer.body).encode()[:-1] if not isinstance(answer.body, bytes) else answer.body
        )
    return answer


def _complete(vendor: str, contract: Contract, stub: Stub[Any]) -> None:
    documented = {operation.name for operation in contract.operations}
    if missing := sorted(documented - stub.operations.keys()):
        raise LookupError(f"{vendor}: the stub does not answer {', '.join(missing)}")
    if unknown := sorted(stub.operations.keys() - documented):
        raise LookupError(f"{vendor}: schemas/{vendor}/openapi.json does not have {', '.join(unknown)}")
