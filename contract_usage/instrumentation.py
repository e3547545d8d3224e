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
from contract_usage.exchanges import Exchange, http_exchange, message_exchange
from contract_usage.tracking import Node, instrument, track
from contract_usage.usage_log import UsageLog
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
    exchanges = _Exchanges(log)
    _note_responses(exchanges)
    _note_parsing(exchanges)
    _track_parsed(log)


class _Exchanges:
    """The exchanges of the responses that the HTTP client received."""

    def __init__(self, log: UsageLog) -> None:
        self._log = log
        self._newest: dict[tuple[str, str], Exchange] = {}
        """By vendor and client operation."""

    def note(self, client: VendorHttpClient, request: VendorRequest, status: int) -> Exchange:
        """Record that a request got a response."""
        exchange = http_exchange(client.vendor, request.method, request.path, status)
        self._newest[client.vendor, request.operation] = exchange
        self._log.record(exchange)
        return exchange

    def of(self, client: VendorHttpClient, response: VendorResponse) -> Exchange | None:
        """Return the exchange of a response."""
        # a part of a stream is made by the vendor's client
        newest = self._newest.get((client.vendor, response.operation))
        return getattr(response, "exchange", newest)


def _note_responses(exchanges: _Exchanges) -> None:
    """Note each response, and let it know its exchange."""
    send_once, read = VendorHttpClient._send_once, VendorHttpClient._read  # noqa: SLF001 - no public place knows the path

    @functools.wraps(send_once)
    async def noted_send(self: VendorHttpClient, request: VendorRequest) -> httpx.Response:
        response = await send_once(self, request)
        exchanges.note(self, request, response.status_code)
        return response

    @functools.wraps(read)
    async def noted_read(
        self: VendorHttpClient, request: VendorRequest, response: httpx.Response
    ) -> VendorResponse:
        result = await read(self, request, response)
        noted = _Response(result.operation, result.status, result.headers, result.body)
        # the class is frozen
        object.__setattr__(noted, "exchange", exchanges.note(self, request, result.status))
        return noted

    # setattr, because mypy takes an assignment for a mistake
    for name, function in {"_send_once": noted_send, "_read": noted_read}.items():
        setattr(VendorHttpClient, name, function)


def _note_parsing(exchanges: _Exchanges) -> None:
    """Tell the parsing of bodies which exchange they belong to."""
    parse, error_for = VendorHttpClient.parse_json, VendorHttpClient._error_for  # noqa: SLF001 - as above

    @functools.wraps(parse)
    def noted_parse(self: VendorHttpClient, model: type[Any], response: VendorResponse) -> Any:
        with _parsing(exchanges.of(self, response)):
            return parse(self, model, response)

    @functools.wraps(error_for)
    def noted_error(self: VendorHttpClient, response: VendorResponse) -> Any:
        with _parsing(exchanges.of(self, response)):
            return error_for(self, response)

    for name, function in {"parse_json": noted_parse, "_error_for": noted_error}.items():
        setattr(VendorHttpClient, name, function)


def _track_parsed(log: UsageLog) -> None:
    """Track what is parsed from an exchange; a vendor's model that is parsed outside of one is a message."""
    validate = TypeAdapter.validate_json
    validate_model = ResponseModel.model_validate_json.__func__  # type: ignore[attr-defined]  # a class method
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
