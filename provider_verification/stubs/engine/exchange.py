"""One exchange: a request to the vendor's own paths, checked, responded to and recorded in the journal."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs

from starlette.types import Scope

from provider_verification.stubs.engine.fault_injection import FaultRule
from provider_verification.stubs.engine.http_limits import MAX_BODY_BYTES
from provider_verification.stubs.engine.journal import MAX_BODY_SAMPLE_BYTES, RecordedRequest
from provider_verification.stubs.engine.openapi import Operation
from provider_verification.stubs.engine.pact_index import decode_request
from provider_verification.stubs.engine.request_validation import (
    decode_body,
    find_unknown_parameters,
    validate_body,
    validate_parameters,
)
from provider_verification.stubs.engine.response_validation import find_response_error
from provider_verification.stubs.engine.runtime import StubRuntime
from provider_verification.stubs.sdk import RequestRejected, StubRequest, StubResponse, ValidationIssue


class Exchange:
    """One request to a stub and its response.

    Args:
        runtime: the stub.
        scope: the ASGI scope of the request.
    """

    def __init__(self, runtime: StubRuntime, scope: Scope) -> None:
        self._runtime = runtime
        self._hooks = runtime.definition.hooks
        self.method: str = scope["method"]
        self.path: str = scope["path"]
        self.received_at = time.monotonic()
        self.client_port = (scope.get("client") or ("", 0))[1]
        self.query = parse_qs(scope["query_string"].decode("latin-1"), keep_blank_values=True)
        self.headers = {
            name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]
        }
        host, port = scope["server"] or ("127.0.0.1", 80)
        self.base_url = f"{scope.get('scheme', 'http')}://{host}:{port}"
        self._match = runtime.contract.match_operation(self.method, self.path)

    @property
    def operation(self) -> Operation | None:
        """The operation of the method and path, or None."""
        return self._match[0] if self._match else None

    def respond(self, raw_body: bytes | None) -> StubResponse:
        """Return the vendor's response.

        Args:
            raw_body: the request body; None if it is too large.
        """
        operation = self.operation
        try:
            body = _require_body_within_limit(raw_body)
            # Vendors authenticate before they route: an unknown path without a credential is 401, not 404.
            principal = None if operation and operation.public else self._authenticate()
            if self._match is None:
                raise self._unknown_operation()
            operation, path_params = self._match
            request = self._build_request(operation, path_params, principal, body)
            return self._run_operation(operation, request)
        except RequestRejected as problem:
            problem.route = f"{self.method} {self.path}"
            self._record_rejection(operation, problem, raw_body or b"")
            response = self._hooks.error_response(problem)
            return self._validate_response(operation, response) if operation else response

    def record(
        self, operation: str, raw_body: bytes | None, response: StubResponse, rule: FaultRule | None
    ) -> None:
        """Record the request, the status of its response and its interactions in the journal."""
        attribution = self._runtime.pact_index.attribute(
            operation, self.query, decode_request(raw_body or b""), response.status, response.body
        )
        request = RecordedRequest(
            operation=operation,
            method=self.method,
            path=self.path,
            query=self.query,
            headers=self.headers,
            body=(raw_body or b"")[:MAX_BODY_SAMPLE_BYTES],
            status=response.status,
            fault=rule.kind if rule else None,
            client_port=self.client_port,
            received_at=self.received_at,
            # a vendor is not expected to respond as an injected fault does
            attribution=replace(attribution, exercised=()) if rule else attribution,
        )
        self._runtime.journal.requests.append(request)

    def _authenticate(self) -> Any:
        query = {name: values[0] for name, values in self.query.items()}
        return self._hooks.authenticate(self._runtime.state, self.headers, query)

    def _unknown_operation(self) -> RequestRejected:
        if self._runtime.contract.has_path(self.path):
            return RequestRejected("wrong_method", f"{self.path} does not take {self.method}")
        return RequestRejected("unknown_route", f"there is no {self.method} {self.path}")

    def _build_request(
        self, operation: Operation, path_params: Mapping[str, str], principal: Any, raw_body: bytes
    ) -> StubRequest:
        if self._hooks.decode:
            body = self._hooks.decode(operation.operation_id, self.headers, raw_body)
        else:
            body = decode_body(operation, self.headers, raw_body)
        values, issues = validate_parameters(operation, self.query, self.headers)
        request = StubRequest(
            operation.operation_id,
            operation.scopes,
            path_params,
            values,
            self.headers,
            body,
            raw_body,
            principal,
            self.base_url,
        )
        # Vendors check permissions before the body: 403 comes before 422.
        self._hooks.authorize(self._runtime.state, request)
        if self._runtime.validate:
            issues += validate_body(operation, self.headers, body)
            if issues:
                raise RequestRejected("invalid", f"{issues[0].path} {issues[0].message}", tuple(issues))
            self._record_unknown_parameters(operation)
        return request

    def _run_operation(self, operation: Operation, request: StubRequest) -> StubResponse:
        state = self._runtime.state
        response = self._hooks.outage_response(state, request)
        if response is None:
            response = self._runtime.definition.operations[operation.operation_id](state, request)
        response = self._validate_response(operation, response)
        self._record_if_not_in_pacts(operation, response)
        return self._hooks.encode(request, response) if self._hooks.encode else response

    def _validate_response(self, operation: Operation, response: StubResponse) -> StubResponse:
        """Return the response, or a 500 that names the place where it violates the stub's own schemas."""
        error = find_response_error(operation, response) if self._runtime.validate else None
        if error is None:
            return response
        defect = self._runtime.journal.record_defect(operation.operation_id, response.status, *error)
        return StubResponse(500, {"stub_defect": defect})

    def _record_unknown_parameters(self, operation: Operation) -> None:
        for issue in find_unknown_parameters(operation, self.query):
            sample = self.query[str(issue.location[1])][0]
            self._runtime.journal.record_violation("unknown_parameter", operation.operation_id, issue, sample)

    def _record_if_not_in_pacts(self, operation: Operation, response: StubResponse) -> None:
        name = operation.operation_id
        if response.status >= 400 or self._runtime.pact_index.has_interaction(name, self.query):
            return
        parameters = sorted(self.query)
        suffix = f" with {', '.join(parameters)}" if parameters else ""
        location = ("query",) if parameters else ("request",)
        issue = ValidationIssue(
            location, "pact", f"an interaction of {name}{suffix}", operation.schema_pointer
        )
        self._runtime.journal.record_violation("not_in_pacts", name, issue, "&".join(parameters))

    def _record_rejection(
        self, operation: Operation | None, problem: RequestRejected, raw_body: bytes
    ) -> None:
        name = operation.operation_id if operation else f"{self.method} {self.path}"
        pointer = operation.schema_pointer if operation else ""
        issues = problem.issues or (ValidationIssue(("request",), problem.kind, problem.message, pointer),)
        # The body of an unauthenticated request can be a credential.
        sample = "" if problem.kind == "unauthenticated" else raw_body.decode("utf-8", errors="replace")
        for issue in issues:
            self._runtime.journal.record_violation("rejected", name, issue, sample)


def _require_body_within_limit(raw_body: bytes | None) -> bytes:
    if raw_body is None:
        raise RequestRejected("too_large", f"the body should have at most {MAX_BODY_BYTES} bytes")
    return raw_body
