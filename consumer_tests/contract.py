"""The consumer contract of a vendor, and the functions its interactions are written with."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
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
from orchestrator.resilience.policy import CallPolicy
from orchestrator.vendors.errors import VendorError

# a value of its own, because None means a request without a credential
_USE_CONTRACT_CREDENTIAL = CredentialSpec("", "", "", "", None)


class ConsumerContract:
    """All interactions that the orchestrator expects of one vendor.

    Args:
        vendor: the provider's name in the pacts, which is the name of the folder.
        client: creates the orchestrator's client for a base URL, a connection pool and a policy.
        credential: the credential of each request, unless an interaction sets another one.

    Attributes:
        interactions: the HTTP interactions, in the order they were added.
        messages: the messages, in the order they were added.
    """

    def __init__(
        self,
        vendor: str,
        *,
        client: Callable[[str, httpx.AsyncClient, CallPolicy], Any],
        credential: CredentialSpec | None,
    ) -> None:
        self.vendor = vendor
        self.client = client
        self.interactions: list[HttpInteraction] = []
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
        # Ellipsis, because None is a value that an operation may return
        returns: Any = ...,
    ) -> None:
        """Add an interaction: `invoke` on the vendor's client must send `request` and understand `response`.

        By default the client returns the response's example, parsed into its model; otherwise set `returns` or `raises`.
        """
        self.interactions.append(
            HttpInteraction(
                vendor=self.vendor,
                source=_calling_line(),
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
        """Add a message that the orchestrator consumes: `parse` must understand a body like `example`."""
        self.messages.append(
            MessageInteraction(
                vendor=self.vendor,
                source=_calling_line(),
                description=description,
                given=given if isinstance(given, tuple) else (given,),
                parse=parse,
                model=model,
                example=example,
                media_type=media_type,
                returns=returns,
            )
        )


def _calling_line() -> str:
    """Return file and line of the statement that calls the function that calls this one."""
    frame = inspect.currentframe()
    for _ in range(2):
        frame = frame.f_back if frame else None
    if frame is None:  # only CPython has frames
        return "unknown"
    path = Path(frame.f_code.co_filename)
    checkout = Path(__file__).parents[1]
    return f"{path.relative_to(checkout) if path.is_relative_to(checkout) else path}:{frame.f_lineno}"


def provider_state(name: str, /, **params: Json) -> ProviderState:
    """A provider state: what must be true at the vendor before the request. Its ids become generators."""
    return ProviderState(name, params)


def get(path: str, query: Mapping[str, str] | None = None, **fields: Any) -> Request:
    """A GET request; `fields` are those of `Request`."""
    return Request("GET", path, query or {}, **fields)


def post(path: str, body: Json = None, **fields: Any) -> Request:
    """A POST request with a JSON body."""
    return Request("POST", path, body=body, **fields)


def put(path: str, body: Json = None, **fields: Any) -> Request:
    """A PUT request, with a JSON body if one is given."""
    return Request("PUT", path, body=body, **fields)


def delete(path: str, **fields: Any) -> Request:
    """A DELETE request."""
    return Request("DELETE", path, **fields)


def ok(model: Any, example: Json, status: int = 200, **fields: Any) -> Response:
    """A success with a JSON body that the client parses into `model`."""
    return Response(status, model, example, **fields)


def no_content() -> Response:
    """A success without a body."""
    return Response(204)


def error_response(status: int, model: Any = None, example: Json = None, **fields: Any) -> Response:
    """An error, with the vendor's error body if the client parses it."""
    return Response(status, model, example, **fields)


def expected_error(error: type[VendorError], **data: Any) -> ExpectedError:
    """The error that the client must raise, with the attributes it must have."""
    return ExpectedError(error, data)
