"""The words expectations are written in, and the list of them each vendor keeps."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import httpx

from consumer_tests.interaction import (
    CredentialSpec,
    ExpectedError,
    HttpInteraction,
    Json,
    MessageInteraction,
    ProviderState,
    Request,
    Response,
)
from orchestrator.vendors.errors import VendorError

_USE_CONTRACT_CREDENTIAL = CredentialSpec("", "", "", "", None)


class ConsumerContract:
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
        credential: CredentialSpec | None,
    ) -> None:
        self.vendor = vendor
        self.client = client
        self.expectations: list[HttpInteraction] = []
        self.messages: list[MessageInteraction] = []
        self._credential = credential

    def add_interaction(
        self,
        description: str,
        *,
        invoke: Callable[[Any], Awaitable[Any]],
        request: Request,
        response: Response,
        given: ProviderState | tuple[ProviderState, ...] = (),
        credential: CredentialSpec | None = _USE_CONTRACT_CREDENTIAL,
        raises: ExpectedError | type[VendorError] | None = None,
        returns: Any = ...,
    ) -> None:
        """Add an expectation: `invoke` on the vendor's client must send `request` and understand `response`."""
        self.expectations.append(
            HttpInteraction(
                vendor=self.vendor,
                description=description,
                given=given if isinstance(given, tuple) else (given,),
                credential=self._credential if credential is _USE_CONTRACT_CREDENTIAL else credential,
                invoke=invoke,
                request=request,
                response=response,
                raises=ExpectedError(raises) if isinstance(raises, type) else raises,
                returns=returns,
            )
        )

    def add_message(
        self,
        description: str,
        *,
        parse: Callable[[bytes], Any],
        model: Any,
        example: Json,
        media_type: str,
        given: ProviderState | tuple[ProviderState, ...] = (),
        returns: Any = ...,
    ) -> None:
        """Add a message the orchestrator consumes: `parse` must understand a body like `example`."""
        self.messages.append(
            MessageInteraction(
                vendor=self.vendor,
                description=description,
                given=given if isinstance(given, tuple) else (given,),
                parse=parse,
                model=model,
                example=example,
                media_type=media_type,
                returns=returns,
            )
        )


def provider_state(name: str, /, **params: Json) -> ProviderState:
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


def ok(model: Any, example: Json, status: int = 200, **parts: Any) -> Response:
    """A success with a JSON body that the client reads as `model`."""
    return Response(status, model, example, **parts)


def no_content() -> Response:
    """A success without a body."""
    return Response(204)


def error_response(status: int, model: Any = None, example: Json = None, **parts: Any) -> Response:
    """An error, with the vendor's error body where the client reads one."""
    return Response(status, model, example, **parts)


def expected_error(error: type[VendorError], **data: Any) -> ExpectedError:
    """The error the client must raise, with the data it must carry."""
    return ExpectedError(error, data)
