"""One exchange: a request to the vendor's own paths, checked, responded to and recorded in the journal."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from functools import partial
from typing import Any
from urllib.parse import parse_qs, quote

from starlette.types import Scope

from provider_verification.stubs.engine.fault_injection import FaultRule
from provider_verification.stubs.engine.journal import RecordedRequest
from provider_verification.stubs.engine.lazy_attribution import LazyAttribution
from provider_verification.stubs.engine.masking import MASK
from provider_verification.stubs.engine.not_modelled import not_modelled_issue, not_modelled_response
from provider_verification.stubs.engine.openapi import Operation
from provider_verification.stubs.engine.pact_examples import Attribution
from provider_verification.stubs.engine.pact_index import decode_request
from provider_verification.stubs.engine.request_validation import (
    decode_body,
    require_body_within_limit,
    require_bounded_json,
    validate_body,
    validate_parameters,
)
from provider_verification.stubs.engine.request_violations import RequestViolations
from provider_verification.stubs.engine.response_validation import find_response_error
from provider_verification.stubs.engine.runtime import StubRuntime
from provider_verification.stubs.engine.sent_request import MAX_BODY_SAMPLE_BYTES, SentRequest
from provider_verification.stubs.sdk import (
    DecodedBody,
    NotModelled,
    RequestRejected,
    StubRequest,
    StubResponse,
    ValidationIssue,
)

MAX_KEPT_BYTES = 16 * 1024
"""Bytes of a request and its response that are kept until the interactions are read."""


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
        self._scope = scope
        self._match = runtime.contract.match_operation(self.method, self.path)
        self._violations = RequestViolations(runtime.journal, self._sent_request)

    @property
    def operation(self) -> Operation | None:
        """The operation of the method and path, or None."""
        return self._match[0] if self._match else None

    @property
    def target(self) -> str:
        """Path and query as they were sent."""
        query = self._scope["query_string"].decode("latin-1")
        path: bytes = self._scope.get("raw_path") or quote(self.path).encode()
        return path.decode("latin-1") + (f"?{query}" if query else "")

    def respond(self, raw_body: bytes | None) -> StubResponse:
        """Return the vendor's response.

        Args:
            raw_body: the request body; None if it is too large.
        """
        try:
            return self._answer(raw_body)
        except NotModelled as gap:
            return self._not_modelled(gap, raw_body or b"")
        except RequestRejected as problem:
            return self._reject(problem, raw_body or b"")
        except RecursionError:
            too_deep = RequestRejected("malformed", "the request should not be nested so deeply")
            return self._reject(too_deep, raw_body or b"")

    def _answer(self, raw_body: bytes | None) -> StubResponse:
        operation = self.operation
        if operation is not None:
            self._record_misspelled_headers(operation, raw_body or b"")
        if operation is None and (documented := self._runtime.index.match(self.method, self.path)):
            raise NotModelled(f"the operation {documented.name}")
        body = require_body_within_limit(raw_body)
        # Vendors authenticate before they route: an unknown path without a credential is 401, not 404.
        principal = None if operation and operation.public else self._authenticate()
        if self._match is None:
            raise self._unknown_operation()
        operation, path_params = self._match
        request = self._build_request(operation, path_params, principal, body)
        return self._run_operation(operation, request)

    def record(
        self,
        operation: str,
        raw_body: bytes | None,
        response: StubResponse,
        rule: FaultRule | None,
        content: bytes,
    ) -> None:
        """Record the request, the status of its response and its interactions in the journal.

        Args:
            operation: its operationId.
            raw_body: the request body; None if it is too large.
            response: what is sent.
            rule: the injected fault, if any.
            content: the bytes of the response body.
        """
        attribution = self._attribute(operation, raw_body or b"", response, content)
        # a vendor is not expected to respond as an injected fault does
        if rule:
            attribution = Attribution(attribution.interactions, nearest=attribution.nearest)
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
            attribution=attribution,
        )
        self._runtime.journal.requests.append(request)

    def _attribute(
        self, operation: str, raw_body: bytes, response: StubResponse, content: bytes
    ) -> Attribution | LazyAttribution:
        attribute = partial(self._runtime.pact_index.attribute, operation, self.query)
        status, body = response.status, response.body
        # the bytes, because later requests may change the objects
        if isinstance(body, dict | list) and len(raw_body) + len(content) <= MAX_KEPT_BYTES:
            return LazyAttribution(lambda: attribute(decode_request(raw_body), status, json.loads(content)))
        return attribute(decode_request(raw_body), status, body)

    def _record_misspelled_headers(self, operation: Operation, raw_body: bytes) -> None:
        """Record them before the credentials are checked: a misspelled header is often why they are missing."""
        for issue in self._runtime.names[operation.operation_id].find_misspelled_headers(self.headers):
            # Its value may be a credential that no list of names knows.
            self.headers[str(issue.location[1])] = MASK
            self._violations.record("warning", operation.operation_id, issue, raw_body, "")

    def _authenticate(self) -> Any:
        query = {name: values[0] for name, values in self.query.items()}
        return self._hooks.authenticate(self._runtime.state, self.headers, query)

    def _unknown_operation(self) -> RequestRejected:
        if self._runtime.contract.has_path(self.path) or self._runtime.index.has_path(self.path):
            return RequestRejected("wrong_method", f"{self.path} does not take {self.method}")
        return RequestRejected("unknown_route", f"there is no {self.method} {self.path}")

    def _build_request(
        self, operation: Operation, path_params: Mapping[str, str], principal: Any, raw_body: bytes
    ) -> StubRequest:
        decoded = self._decode(operation, raw_body)
        query = self._join_repeated_lists(operation, raw_body)
        values, issues = validate_parameters(operation, query, self.headers)
        request = StubRequest(
            operation.operation_id,
            self.path,
            operation.scopes,
            path_params,
            values,
            self.headers,
            decoded.value,
            raw_body,
            principal,
            self.base_url,
        )
        # Vendors check permissions before the body: 403 comes before 422.
        self._hooks.authorize(self._runtime.state, request)
        if self._runtime.validate:
            self._validate_request(operation, request, decoded, issues)
        return request

    def _decode(self, operation: Operation, raw_body: bytes) -> DecodedBody:
        # A body that the operation does not have, such as that of a GET, is not read.
        if not operation.body:
            return DecodedBody(None, None)
        require_bounded_json(raw_body)
        if self._hooks.decode:
            return self._hooks.decode(operation.operation_id, self.headers, raw_body)
        body = decode_body(operation, self.headers, raw_body)
        return DecodedBody(body, body)

    def _join_repeated_lists(self, operation: Operation, raw_body: bytes) -> Mapping[str, list[str]]:
        """Return the query with each list in one parameter, if the vendor may read one that is sent as several."""
        is_repeated = any(len(values) > 1 for values in self.query.values())
        if not is_repeated or not self._hooks.joins_repeated_lists:
            return self.query
        joined = {
            parameter.name: [",".join(self.query[parameter.name])]
            for parameter in operation.parameters
            if parameter.is_list and not parameter.is_repeated and len(self.query.get(parameter.name, ())) > 1
        }
        for name in joined:
            message = "separate the values by commas in one parameter, as the vendor documents it"
            issue = ValidationIssue(("query", name), "repeated_list", message, operation.schema_pointer)
            self._violations.record("warning", operation.operation_id, issue, raw_body)
        return {**self.query, **joined}

    def _validate_request(
        self, operation: Operation, request: StubRequest, decoded: DecodedBody, issues: list[ValidationIssue]
    ) -> None:
        """Reject an invalid request; one with something that the stub lacks before, which its schemas may not allow."""
        ignored = self._runtime.names[operation.operation_id].find_ignored(self.query, decoded.sent)
        issues += validate_body(operation, self.headers, request.body)
        if issues:
            raise RequestRejected("invalid", f"{issues[0].path} {issues[0].message}", tuple(issues))
        for issue in (*ignored, *decoded.ignored):
            self._violations.record_ignored(operation.operation_id, issue, request.raw_body, self.query)

    def _run_operation(self, operation: Operation, request: StubRequest) -> StubResponse:
        state = self._runtime.state
        response = self._hooks.outage_response(state, request)
        if response is None:
            response = self._runtime.definition.operations[operation.operation_id](state, request)
        for kind, issues in (("warning", response.warnings), ("rejected", response.rejections)):
            for issue in issues:
                self._violations.record(kind, operation.operation_id, issue, request.raw_body)
        response = self._validate_response(operation, response)
        if response.status < 400 and not self._runtime.pact_index.has_interaction(
            operation.operation_id, self.query
        ):
            self._violations.record_not_in_pacts(operation, self.query, request.raw_body)
        return self._hooks.encode(state, request, response) if self._hooks.encode else response

    def _validate_response(self, operation: Operation, response: StubResponse) -> StubResponse:
        """Return the response, or a 500 that names the place where it violates the stub's own schemas."""
        error = find_response_error(operation, response) if self._runtime.validate else None
        if error is None:
            return response
        defect = self._runtime.journal.record_defect(operation.operation_id, response.status, *error)
        return StubResponse(500, {"stub_defect": defect})

    def _reject(self, problem: RequestRejected, raw_body: bytes) -> StubResponse:
        problem.route = f"{self.method} {self.path}"
        self._violations.record_rejection(self.operation, problem, raw_body, self.query)
        response = self._hooks.error_response(problem)
        return self._validate_response(self.operation, response) if self.operation else response

    def _not_modelled(self, gap: NotModelled, raw_body: bytes) -> StubResponse:
        name = self.operation.operation_id if self.operation else gap.what.removeprefix("the operation ")
        self._violations.record("not_modelled", name, not_modelled_issue(gap), raw_body)
        return not_modelled_response(self._runtime.vendor, gap)

    def _sent_request(self, raw_body: bytes) -> SentRequest:
        body = raw_body[:MAX_BODY_SAMPLE_BYTES]
        return SentRequest(
            self.headers.get("user-agent") or f"connection {self.client_port}",
            self.method,
            self.base_url,
            self.target,
            self.headers,
            body,
            is_complete=len(body) == len(raw_body),
        )
