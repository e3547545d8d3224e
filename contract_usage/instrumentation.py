"""Records in the service's process what it reads of vendors' responses and webhooks; the service does not know of it."""

from __future__ import annotations

import functools
import importlib
import json
import pkgutil
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

import httpx
from pydantic import BaseModel, TypeAdapter

import orchestrator.vendors
from contract_usage.attribution import attribute_message, attribute_response
from contract_usage.exchanges import Instance
from contract_usage.tracking import Node, TrackedHeaders, instrument, track
from contract_usage.usage_log import UsageLog
from orchestrator.vendors.http_client import VendorHttpClient, VendorRequest, VendorResponse
from orchestrator.vendors.models import ResponseModel

_CURRENT: ContextVar[Instance | None] = ContextVar("current_instance", default=None)
M = TypeVar("M", bound=BaseModel)


class _Response(VendorResponse):
    """A response that knows what it is an instance of."""

    instance: Instance


def install(log: UsageLog) -> None:
    """Instrument the vendors' models, the parsing of JSON and the HTTP client in this process."""
    for module in pkgutil.walk_packages(orchestrator.vendors.__path__, "orchestrator.vendors."):
        importlib.import_module(module.name)  # instrument() finds the classes that exist
    instrument(ResponseModel)
    responses = _Responses(log)
    _note_responses(responses)
    _note_parsing(responses)
    _track_parsed(log)


class _Responses:
    """What the responses that the HTTP client received are instances of."""

    def __init__(self, log: UsageLog) -> None:
        self.log = log
        self._streams: dict[tuple[str, str], Instance] = {}
        """The newest stream by vendor and client operation."""

    def note(
        self, client: VendorHttpClient, request: VendorRequest, status: int, body: bytes | None
    ) -> Instance:
        """Record that a request got a response; `body` is None for a stream."""
        instance = attribute_response(client.vendor, request, status, body)
        if body is None:
            self._streams[client.vendor, request.operation] = instance
        self.log.record(instance)
        return instance

    def of(self, client: VendorHttpClient, response: VendorResponse) -> Instance | None:
        """Return what a response is an instance of."""
        # a part of a stream is made by the vendor's client
        stream = self._streams.get((client.vendor, response.operation))
        return getattr(response, "instance", stream)


def _note_responses(responses: _Responses) -> None:
    """Note each response, and let it know what it is an instance of."""
    # no public place knows the path
    read, iterate = VendorHttpClient._read, VendorHttpClient._iter_logged_chunks  # noqa: SLF001 - as said above

    @functools.wraps(read)
    async def recorded_read(
        self: VendorHttpClient, request: VendorRequest, response: httpx.Response
    ) -> VendorResponse:
        result = await read(self, request, response)
        instance = responses.note(self, request, result.status, result.body)
        headers = TrackedHeaders(result.headers, responses.log.reporter(instance))
        recorded = _Response(result.operation, result.status, headers, result.body)
        # the class is frozen
        object.__setattr__(recorded, "instance", instance)
        return recorded

    @functools.wraps(iterate)
    def recorded_iterate(
        self: VendorHttpClient, request: VendorRequest, response: httpx.Response
    ) -> AsyncIterator[bytes]:
        responses.note(self, request, response.status_code, None)
        return iterate(self, request, response)

    # setattr, because mypy takes an assignment for a mistake
    for name, function in {"_read": recorded_read, "_iter_logged_chunks": recorded_iterate}.items():
        setattr(VendorHttpClient, name, function)


def _note_parsing(responses: _Responses) -> None:
    """Tell the parsing of bodies which response they belong to."""
    parse, error_for = VendorHttpClient.parse_json, VendorHttpClient._error_for  # noqa: SLF001 - as above

    @functools.wraps(parse)
    def recorded_parse(self: VendorHttpClient, model: type[Any], response: VendorResponse) -> Any:
        with _parsing(responses.of(self, response)):
            return parse(self, model, response)

    @functools.wraps(error_for)
    def recorded_error(self: VendorHttpClient, response: VendorResponse) -> Any:
        with _parsing(responses.of(self, response)):
            return error_for(self, response)

    for name, function in {"parse_json": recorded_parse, "_error_for": recorded_error}.items():
        setattr(VendorHttpClient, name, function)


def _track_parsed(log: UsageLog) -> None:
    """Track what is parsed of a response; a vendor's model that is parsed of anything else is a message."""
    validate = TypeAdapter.validate_json
    validate_model = ResponseModel.model_validate_json.__func__  # type: ignore[attr-defined]  # a class method
    nodes: dict[Instance, Node] = {}

    def tracked(parsed: Any, body: bytes | str) -> Any:
        instance = _CURRENT.get()
        if instance is None:
            if not isinstance(parsed, ResponseModel):
                return parsed
            instance = attribute_message(type(parsed).__module__.split(".")[2], json.loads(body))
            log.record(instance)
        if instance not in nodes:
            nodes[instance] = Node(log.reporter(instance))
        return track(parsed, nodes[instance])

    @functools.wraps(validate)
    def tracked_validate(self: TypeAdapter[Any], *args: Any, **options: Any) -> Any:
        return tracked(validate(self, *args, **options), args[0])

    @functools.wraps(validate_model)
    def tracked_validate_model(cls: type[M], *args: Any, **options: Any) -> Any:
        return tracked(validate_model(cls, *args, **options), args[0])

    TypeAdapter.validate_json = tracked_validate  # type: ignore[method-assign]  # that is what instrumenting means
    ResponseModel.model_validate_json = classmethod(tracked_validate_model)  # type: ignore[method-assign, assignment]  # as above


@contextmanager
def _parsing(instance: Instance | None) -> Iterator[None]:
    token = _CURRENT.set(instance)
    try:
        yield
    finally:
        _CURRENT.reset(token)
