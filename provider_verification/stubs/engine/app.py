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

from provider_verification.stubs.control import api
from provider_verification.stubs.engine import asgi_io, websocket
from provider_verification.stubs.engine.fault_injection import (
    BEFORE,
    FaultQueue,
    FaultRule,
    remove_at_pointer,
)
from provider_verification.stubs.engine.journal import Journal, mask_secret_headers
from provider_verification.stubs.engine.openapi import OpenApiContract, Operation, load_contract
from provider_verification.stubs.engine.pact_index import PactIndex
from provider_verification.stubs.engine.request_validation import (
    decode_body,
    find_unknown_parameters,
    validate_body,
    validate_parameters,
)
from provider_verification.stubs.sdk import (
    RequestRejected,
    StubDefinition,
    StubRequest,
    StubResponse,
    ValidationIssue,
)

MAX_BODY = 16 * 1024 * 1024


class StubApp(FastAPI):
    """One vendor's stub.

    Args:
        vendor: its name.
        stub: what its author wrote.
        contract: its schemas; those of `schemas/<vendor>/` by default.
        validate: hold requests and answers to the schemas; off only to measure what that costs.

    Raises:
        LookupError: the author wrote an operation that the schemas do not have, or left one out.
    """

    def __init__(
        self,
        vendor: str,
        stub: StubDefinition[Any],
        contract: OpenApiContract | None = None,
        *,
        validate: bool = True,
    ) -> None:
        super().__init__(title=f"{vendor} stub", docs_url=None, redoc_url=None, openapi_url=None)
        self.vendor = vendor
        self.stub = stub
        self.contract = contract or load_contract(vendor)
        self.validate = validate
        self.pact_index = PactIndex(vendor, self.contract)
        self.journal = Journal()
        self.faults = FaultQueue()
        self.world = stub.state_factory()
        _check_operations_complete(vendor, self.contract, stub)
        self.include_router(api.router(self))
        for (name, path, messages), handler in stub.sockets.items():
            self.add_api_websocket_route(path, websocket.websocket_endpoint(self, name, messages, handler))

    def reset_state(self) -> None:
        """Make the world new."""
        self.world = self.stub.state_factory()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve `/_stub/` by FastAPI and everything else as the vendor."""
        if scope["type"] != "http" or scope["path"].startswith("/_stub/"):
            await super().__call__(scope, receive, send)
            return
        exchange = _Exchange(self, scope)
        try:
            raw = await asgi_io.read_body(receive, MAX_BODY)
        except asgi_io.ClientDisconnected:
            return
        operation, answer = exchange.respond(raw)
        name = operation.operation_id if operation else "(unknown)"
        fault = self.faults.next_for(name)
        if fault and operation:
            answer = _apply_fault(self, fault, answer)
        self.journal.requests.append(exchange.journal_entry(name, raw, answer.status, fault))
        await asgi_io.send_response(send, receive, answer, fault)


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

    def respond(self, raw: bytes | None) -> tuple[Operation | None, StubResponse]:
        """The operation that was meant, if any, and what the vendor answers."""
        operation: Operation | None = None
        try:
            body = _require_body_within_limit(raw)
            found = self.app.contract.match_operation(self.method, self.path)
            operation = found[0] if found else None
            caller = None if operation and operation.public else self._authenticate()
            if found is None:
                raise self._unknown()
            operation, path = found
            call = self._build_request(operation, path, caller, body)
            answer = self.app.stub.hooks.outage_response(self.app.world, call) or self._run_operation(call)
            encode = self.app.stub.hooks.encode
            checked = self._validate_response(operation, answer)
            self._record_if_not_in_pacts(operation, checked)
            return operation, encode(call, checked) if encode else checked
        except RequestRejected as problem:
            problem.route = f"{self.method} {self.path}"
            self._record_violations(operation, problem, raw or b"")
            answer = self.app.stub.hooks.error_response(problem)
            return operation, self._validate_response(operation, answer) if operation else answer

    def _authenticate(self) -> Any:
        query = {name: values[0] for name, values in self.query.items()}
        return self.app.stub.hooks.authenticate(self.app.world, self.headers, query)

    def _unknown(self) -> RequestRejected:
        if self.app.contract.has_path(self.path):
            return RequestRejected("wrong_method", f"{self.path} does not take {self.method}")
        return RequestRejected("unknown_route", f"there is no {self.method} {self.path}")

    def _build_request(
        self, operation: Operation, path: Mapping[str, str], caller: Any, raw: bytes
    ) -> StubRequest:
        hooks = self.app.stub.hooks
        if hooks.decode:
            body = hooks.decode(operation.operation_id, self.headers, raw)
        else:
            body = decode_body(operation, self.headers, raw)
        values, faults = validate_parameters(operation, self.query, self.headers)
        call = StubRequest(
            operation.operation_id, path, values, self.headers, body, raw, caller, self.base_url
        )
        hooks.authorize(self.app.world, call)
        if self.app.validate:
            faults += validate_body(operation, self.headers, body)
            if faults:
                raise RequestRejected("invalid", f"{faults[0].path} {faults[0].message}", tuple(faults))
            for fault in find_unknown_parameters(operation, self.query):
                self.app.journal.record_violation(
                    "unknown_parameter", operation.operation_id, fault, self.query[str(fault.location[1])][0]
                )
        return call

    def _run_operation(self, call: StubRequest) -> StubResponse:
        return self.app.stub.operations[call.operation_id](self.app.world, call)

    def _validate_response(self, operation: Operation, answer: StubResponse) -> StubResponse:
        """The answer, or a 500 that names the field in which the stub breaks its own contract."""
        if not self.app.validate:
            return answer
        wrong = _response_error(operation, answer)
        if wrong is None:
            return answer
        defect = self.app.journal.record_defect(operation.operation_id, answer.status, *wrong)
        return StubResponse(500, {"stub_defect": defect})

    def _record_if_not_in_pacts(self, operation: Operation, answer: StubResponse) -> None:
        if answer.status >= 400 or self.app.pact_index.has_interaction(operation.operation_id, self.query):
            return
        with_query = f" with {', '.join(sorted(self.query))}" if self.query else ""
        requires = f"an interaction of {operation.operation_id}{with_query}"
        fault = ValidationIssue(
            ("query",) if self.query else ("request",), "pact", requires, operation.schema_pointer
        )
        self.app.journal.record_violation(
            "not_in_pacts", operation.operation_id, fault, "&".join(sorted(self.query))
        )

    def _record_violations(self, operation: Operation | None, problem: RequestRejected, raw: bytes) -> None:
        name = operation.operation_id if operation else f"{self.method} {self.path}"
        documented = operation.schema_pointer if operation else ""
        faults = problem.issues or (ValidationIssue(("request",), problem.kind, problem.message, documented),)
        sent = "" if problem.kind == "unauthenticated" else raw.decode("utf-8", errors="replace")
        for fault in faults:
            self.app.journal.record_violation("rejected", name, fault, sent)

    def journal_entry(
        self, name: str, raw: bytes | None, status: int, fault: FaultRule | None
    ) -> dict[str, Any]:
        """The request as it is remembered."""
        return {
            "operation": name,
            "method": self.method,
            "path": self.path,
            "query": self.query,
            "headers": mask_secret_headers(self.headers),
            "body": (raw or b"")[:4096].decode("utf-8", errors="replace"),
            "status": status,
            "fault": fault.kind if fault else None,
            "connection": self.connection,
        }


def _require_body_within_limit(raw: bytes | None) -> bytes:
    if raw is None:
        raise RequestRejected("too_large", f"the body should have at most {MAX_BODY} bytes")
    return raw


def _response_error(operation: Operation, answer: StubResponse) -> tuple[str, str] | None:
    """Where an answer breaks the contract, and how."""
    response = operation.responses.get(answer.status)
    if response is None:
        return "status", f"{answer.status} is not documented for {operation.operation_id}"
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


def _apply_fault(app: StubApp, fault: FaultRule, answer: StubResponse) -> StubResponse:
    """The answer as a fault makes it; what happens on the wire is left to the transmission."""
    if fault.kind == "status":
        problem = RequestRejected("fault", f"injected {fault.status}", status=fault.status)
        answer = app.stub.hooks.error_response(problem)
        if fault.retry_after is not None:
            answer.headers["Retry-After"] = str(fault.retry_after)
    elif fault.kind == "drop" and isinstance(answer.body, dict | list):
        answer.body = remove_at_pointer(copy.deepcopy(answer.body), fault.json_pointer or "")
    elif fault.kind == "malformed" and fault.kind not in BEFORE:
        answer.body = (
            json.dumps(answer.body).encode()[:-1] if not isinstance(answer.body, bytes) else answer.body
        )
    return answer


def _check_operations_complete(vendor: str, contract: OpenApiContract, stub: StubDefinition[Any]) -> None:
    documented = {operation.operation_id for operation in contract.operations}
    if missing := sorted(documented - stub.operations.keys()):
        raise LookupError(f"{vendor}: the stub does not answer {', '.join(missing)}")
    if unknown := sorted(stub.operations.keys() - documented):
        raise LookupError(f"{vendor}: schemas/{vendor}/openapi.json does not have {', '.join(unknown)}")
