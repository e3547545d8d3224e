"""A vendor's stub: its hooks, and the registration of operations, provider states, messages and WebSockets."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Generic, TypeAlias, TypeVar

from pydantic import Field

from provider_verification.stubs.sdk.messages import (
    DecodedBody,
    Json,
    StubRequest,
    StubResponse,
    VendorMessage,
)
from provider_verification.stubs.sdk.problems import RequestRejected
from provider_verification.stubs.sdk.websockets import HandshakeCheck, WebSocketHandler, WebSocketRoute

Count: TypeAlias = Annotated[int, Field(ge=0, le=10_000)]
"""How many items a provider state creates; a number without a limit would stop all stubs for as long."""

StateT = TypeVar("StateT")
FunctionT = TypeVar("FunctionT")
KeyT = TypeVar("KeyT")

OperationHandler: TypeAlias = Callable[[StateT, StubRequest], StubResponse]
ProviderStateHandler: TypeAlias = Callable[..., Mapping[str, Json] | None]
MessageFactory: TypeAlias = Callable[[StateT], VendorMessage]


@dataclass(frozen=True, slots=True, kw_only=True)
class VendorHooks(Generic[StateT]):
    """Vendor behaviour that the schemas do not describe.

    Args:
        error_response: builds the vendor's error response for a rejected request.
        authenticate: returns the principal from state, headers and query, or raises RequestRejected; runs before routing.
        authorize: raises RequestRejected if the principal is not allowed to send the request.
        decode: decodes the body of an operation, for vendors that accept several encodings.
        encode: encodes the response of an operation as the client asked for.
        joins_repeated_lists: read a comma-separated list that is sent as several parameters as one, with a warning;
            otherwise it is rejected.
        outage_response: a response that replaces the operation's, for an outage or a rate limit.
    """

    error_response: Callable[[RequestRejected], StubResponse]
    authenticate: Callable[[StateT, Mapping[str, str], Mapping[str, str]], Any] = (
        lambda _state, _headers, _query: None
    )
    authorize: Callable[[StateT, StubRequest], None] = lambda _state, _request: None
    decode: Callable[[str, Mapping[str, str], bytes], DecodedBody] | None = None
    encode: Callable[[StateT, StubRequest, StubResponse], StubResponse] | None = None
    joins_repeated_lists: bool = False
    outage_response: Callable[[StateT, StubRequest], StubResponse | None] = lambda _state, _request: None


class StubDefinition(Generic[StateT]):
    """A vendor's stub: its state, hooks, operations, provider states, messages and WebSockets.

    Args:
        state_factory: creates the initial state; called at start and at each reset.
        hooks: vendor behaviour that the schemas do not describe.
        env_vars: the environment variables that point an orchestrator at the stub; `{url}` stands for its address.
    """

    def __init__(
        self, *, state_factory: Callable[[], StateT], hooks: VendorHooks[StateT], env_vars: Mapping[str, str]
    ) -> None:
        self.state_factory = state_factory
        self.hooks = hooks
        self.env_vars = env_vars
        self.operations: dict[str, OperationHandler[StateT]] = {}
        self.harmless: dict[str, frozenset[str]] = {}
        self.states: dict[str, ProviderStateHandler] = {}
        self.messages: dict[str, MessageFactory[StateT]] = {}
        self.sockets: dict[str, WebSocketRoute] = {}
        self.furnish: Callable[[StateT], None] = lambda _state: None

    def operation(
        self, name: str, *, harmless: Iterable[str] = ()
    ) -> Callable[[OperationHandler[StateT]], OperationHandler[StateT]]:
        """Register the function that handles an operation.

        Args:
            name: its operationId.
            harmless: parameters and fields that the vendor has and that would change nothing in the stub's response, such
                as `query.languages` and `body.reservations.comment`; others that the schemas lack are answered 501.
        """
        self.harmless[name] = frozenset(harmless)
        return _register(self.operations, name)

    def provider_state(self, name: str) -> Callable[[ProviderStateHandler], ProviderStateHandler]:
        """Register the function that sets up a provider state; its result supplies the pact's generated values."""
        return _register(self.states, name)

    def websocket(
        self,
        name: str,
        path: str,
        *,
        messages: str,
        client_messages: tuple[str, ...] = (),
        query: Iterable[str] = (),
        check_handshake: HandshakeCheck = lambda _state, _query: None,
    ) -> Callable[[WebSocketHandler], WebSocketHandler]:
        """Register the function that serves a WebSocket; the other arguments are those of `WebSocketRoute`."""

        def register(handler: WebSocketHandler) -> WebSocketHandler:
            route = WebSocketRoute(
                name, messages, handler, client_messages, frozenset(query), check_handshake
            )
            _register(self.sockets, path)(route)
            return handler

        return register

    def world(self, function: Callable[[StateT], None]) -> Callable[[StateT], None]:
        """Register the function that adds what a user needs at once; without it the stub starts with its plain state."""
        self.furnish = function
        return function

    def message(self, name: str) -> Callable[[MessageFactory[StateT]], MessageFactory[StateT]]:
        """Register the function that creates a message of the vendor, by its description in the pact."""
        return _register(self.messages, name)


def _register(registry: dict[KeyT, FunctionT], key: KeyT) -> Callable[[FunctionT], FunctionT]:
    if key in registry:
        raise ValueError(f"'{key}' is registered twice")

    def register(function: FunctionT) -> FunctionT:
        registry[key] = function
        return function

    return register
