"""Attributes what the service receives to the interactions of the pacts, as the stubs attribute what they send."""

from __future__ import annotations

import json
from functools import cache
from typing import Any
from urllib.parse import urlencode

from consumer_tests.operations import Operation, find_operation
from contract_usage.exchanges import Instance, http_exchange, message_exchange
from orchestrator.vendors.http_client import VendorRequest
from provider_verification.stubs.engine.pact_index import PactIndex, decode_request
from provider_verification.stubs.engine.pact_messages import PactMessages

STREAM = b""
"""Stands for a body that is not complete when it is attributed: only the request and the status count, as at the stub."""


class _Operations:
    """The operations of a vendor, without the compiled schemas that a stub has."""

    def __init__(self, vendor: str) -> None:
        self._vendor = vendor

    def match_operation(self, method: str, path: str) -> tuple[Operation, None] | None:
        """Return the operation of a request, or None."""
        operation = find_operation(self._vendor, method, path)
        return (operation, None) if operation else None


def attribute_response(vendor: str, request: VendorRequest, status: int, body: bytes | None) -> Instance:
    """Return what a response is an instance of; `body` is None for a stream."""
    exchange = http_exchange(vendor, request.method, request.path, status)
    query = {name: [str(value)] for name, value in request.query.items() if value is not None}
    sent = json.loads(json.dumps(request.json)) if request.form is None else urlencode(request.form)
    received = STREAM if body is None else decode_request(body)
    interactions, candidates = _interactions(vendor).classify(
        exchange.operation, query, sent, status, received
    )
    return Instance(exchange, tuple(interactions), tuple(candidates))


def attribute_message(vendor: str, content: Any) -> Instance:
    """Return what a message is an instance of."""
    return Instance(message_exchange(vendor, content), tuple(_messages(vendor).matching(content)))


@cache
def _interactions(vendor: str) -> PactIndex:
    return PactIndex(vendor, _Operations(vendor))


@cache
def _messages(vendor: str) -> PactMessages:
    return PactMessages(vendor)
