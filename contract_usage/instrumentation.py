"""Records in the service's process what it reads of vendors' responses and webhooks; the service does not know of it."""

from __future__ import annotations

import functools
import importlib
import pkgutil
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

import httpx
from pydantic import BaseModel, TypeAdapter

import orchestrator.vendors
from consumer_tests.operations import operation_id
from contract_usage.tracking import Node, instrument, track
from contract_usage.usage_log import Exchange, UsageLog, message_exchange
from orchestrator.vendors.http_client import VendorHttpClient, VendorRequest, VendorResponse
from orchestrator.vendors.models import ResponseModel

_CURRENT: ContextVar[Exchange | None] = ContextVar("current_exchange", default=None)
M = TypeVar("M", bound=BaseModel)


class _Response(VendorResponse):
    """A response that knows its exchange."""

    exchange: Exchange


def install(log: UsageLog) -> None:
    """Instrument the vendors' models, the parsing of JSON and the HTTP client in this process."""
    for module in pkgutil.walk_packages(orchestrator.vendors.__path__, "orchestrator.vendors."):
        importlib.import_module(module.name)  # instrument() finds the classes that exist
    instrument(ResponseModel)
    _record_exchanges(log)
    _track_parsed(log)


def _record_exchanges(log: UsageLog) -> None:
    """Note each response with its exchange, and tell the parsing which one it parses."""
    send_once, read = VendorHttpClient._send_once, VendorHttpClient._read  # noqa: SLF001 - no public place knows the path
    parse, error_for = VendorHttpClient.parse_json, VendorHttpClient._error_for  # noqa: SLF001 - as above
    by_client_operation: dict[tuple[str, str], Exchange] = {}

    def note(client: VendorHttpClient, request: VendorRequest, status: int) -> Exchange:
        operation = operation_id(client.vendor, request.method, request.path) or request.operation
        exchange = Exchange(client.vendor, operation, status)
        by_client_operation[client.vendor, request.operation] = exchange
        log.record(exchange)
        return exchange

    @functools.wraps(send_once)
    async def noted_send(self: VendorHttpClient, request: VendorRequest) -> httpx.Response:
        response = await send_once(self, request)
        note(self, request, response.status_code)
        return response

    @functools.wraps(read)
    async def noted_read(
        self: VendorHttpClient, request: VendorRequest, response: httpx.Response
    ) -> VendorResponse:
        result = await read(self, request, response)
        noted = _Response(result.operation, result.status, result.headers, result.body)
        # the class is frozen
        object.__setattr__(noted, "exchange", note(self, request, result.status))
        return noted

    def exchange_of(client: VendorHttpClient, response: VendorResponse) -> Exchange | None:
        # a part of a stream is made by the vendor's client
        fallback = by_client_operation.get((client.vendor, response.operation))
        return getattr(response, "exchange", fallback)

    @functools.wraps(parse)
    def noted_parse(self: VendorHttpClient, model: type[Any], response: VendorResponse) -> Any:
        with _parsing(exchange_of(self, response)):
            return parse(self, model, response)

    @functools.wraps(error_for)
    def noted_error(self: VendorHttpClient, response: VendorResponse) -> Any:
        with _parsing(exchange_of(self, response)):
            return error_for(self, response)

    replacements = {
        "_send_once": noted_send,
        "_read": noted_read,
        "parse_json": noted_parse,
        "_error_for": noted_error,
    }
    for name, function in replacements.items():
        setattr(VendorHttpClient, name, function)


def _track_parsed(log: UsageLog) -> None:
    """Track what is parsed from an exchange; a vendor's model that is parsed outside of one is a message."""
    validate, validate_model = TypeAdapter.validate_json, ResponseModel.model_validate_json.__func__  # type: ignore[attr-defined]  # a class method

    nodes: dict[Exchange, Node] = {}

    def tracked(parsed: Any) -> Any:
        exchange = _CURRENT.get()
        if exchange is None:
            if not isinstance(parsed, ResponseModel):
                return parsed
            vendor = type(parsed).__module__.split(".")[2]
            exchange = message_exchange(vendor, parsed.__dict__)
            log.record(exchange)
        if exchange not in nodes:
            nodes[exchange] = Node(functools.partial(log.record, exchange))
        return track(parsed, nodes[exchange])

    @functools.wraps(validate)
    def tracked_validate(self: TypeAdapter[Any], *args: Any, **options: Any) -> Any:
        return tracked(validate(self, *args, **options))

    @functools.wraps(validate_model)
    def tracked_validate_model(cls: type[M], *args: Any, **options: Any) -> Any:
        return tracked(validate_model(cls, *args, **options))

    TypeAdapter.validate_json = tracked_validate  # type: ignore[method-assign]  # that is what instrumenting means
    ResponseModel.model_validate_json = classmethod(tracked_validate_model)  # type: ignore[method-assign, assignment]  # as above


@contextmanager
def _parsing(exchange: Exchange | None) -> Iterator[None]:
    token = _CURRENT.set(exchange)
    try:
        yield
    finally:
        _CURRENT.reset(token)
