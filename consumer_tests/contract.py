"""The words expectations are written in, and the list of them each vendor keeps."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import httpx

from consumer_tests.expectation import (
    Credential,
    Expectation,
    Failure,
    Json,
    MessageExpectation,
    ProviderState,
    Request,
    Response,
)
from orchestrator.vendors.errors import VendorError

_DEFAULT = Credential("", "", "", "", None)


class Contract:
    """All that the orchestrator expects of one vendor; what is common to its requests is said here once.

    Args:
        vendor: the provider's name in the pacts: the name of the folder.
        client: makes the orchestrator's client for a base URL over a shared connection pool.
        credential: what proves who sends a request, unless an expectation says otherwise.
    """

    def __init__(
        self,
        vendor: str,
        *,
        client: Callable[[str, httpx.AsyncClient], Any],
        credential: Credential | None,
    ) -> None:
        self.vendor = vendor
        self.client = client
        self.expectations: list[Expectation] = []
        self.messages: list[MessageExpectation] = []
        self._credential = credential

    def expect(
        self,
        description: str,
        *,
        call: Callable[[Any], Awaitable[Any]],
        request: Request,
        response: Response,
        given: ProviderState | tuple[ProviderState, ...] = (),
        credential: Credential | None = _DEFAULT,
        raises: Failure | type[VendorError] | None = None,
        returns: Any = ...,
    ) -> None:
        """Add an expectation: `call` on the vendor's client must send `request` and understand `response`."""
        self.expectations.append(
            Expectation(
                vendor=self.vendor,
                description=description,
                given=given if isinstance(given, tuple) else (given,),
                credential=self._credential if credential is _DEFAULT else credential,
                call=call,
                request=request,
                response=response,
                raises=Failure(raises) if isinstance(raises, type) else raises,
                returns=returns,
            )
        )

    def expect_message(
        self,
        description: str,
        *,
        handle: Callable[[bytes], Any],
        shape: Any,
        example: Json,
        media_type: str,
        given: ProviderState | tuple[ProviderState, ...] = (),
        returns: Any = ...,
    ) -> None:
        """Add a message the orchestrator consumes: `handle` must understand a body like `example`."""
        self.messages.append(
            MessageExpectation(
                vendor=self.vendor,
                description=description,
                given=given if isinstance(given, tuple) else (given,),
                handle=handle,
                shape=shape,
                example=example,
                media_type=media_type,
                returns=returns,
            )
        )


def state(name: str, /, **params: Json) -> ProviderState:
    """What must be true at the vendor before the request."""
    return ProviderState(name, params)


def get(path: str, query: Mapping[str, str] | None = None, **parts: Any) -> Request:
    """A GET request."""
    return Request("GET", path, query or {}, **parts)


def post(path: str, body: Json = None, **parts: Any) -> Request:
    """A POST request with a JSON body."""
    return Request("POST", path, body=body, **parts)


def put(path: str, body: Json = None, **parts: Any) -> Request:
    """A PUT request, with a JSON body if one is given."""
    return Request("PUT", path, body=body, **parts)


def patch(path: str, body: Json, **parts: Any) -> Request:
    """A PATCH request with a JSON body."""
    return Request("PATCH", path, body=body, **parts)


def delete(path: str, **parts: Any) -> Request:
    """A DELETE request."""
    return Request("DELETE", path, **parts)


def ok(shape: Any, example: Json, status: int = 200, **parts: Any) -> Response:
    """A success with a JSON body that the client reads as `shape`."""
    return Response(status, shape, example, **parts)


def no_content() -> Response:
    """A success without a body."""
    return Response(204)


def refused(status: int, shape: Any = None, example: Json = None, **parts: Any) -> Response:
    """An error, with the vendor's error body where the client reads one."""
    return Response(status, shape, example, **parts)


def failure(error: type[VendorError], **data: Any) -> Failure:
    """The error the client must raise, with the data it must carry."""
    return Failure(error, data)
