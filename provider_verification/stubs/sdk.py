"""What the author of a vendor's stub imports: requests, responses, hooks, and the registration of operations."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Annotated, Any, Generic, Literal, NamedTuple, Protocol, TypeAlias, TypeVar

from pydantic import Field

Count: TypeAlias = Annotated[int, Field(ge=0, le=10_000)]
"""How many items a provider state creates; a number without a limit would stop all stubs for as long."""

Json: TypeAlias = Any
StateT = TypeVar("StateT")
FunctionT = TypeVar("FunctionT")
KeyT = TypeVar("KeyT")

FORM = "application/x-www-form-urlencoded"
POLICY_VIOLATION = 1008
"""The WebSocket close code of a vendor that rejects what the client sent (RFC 6455, section 7.4.1)."""

ProblemKind = Literal[
    "unauthenticated",
    "forbidden",
    "unknown_route",
    "wrong_method",
    "media_type",
    "malformed",
    "invalid",
    "too_large",
    "fault",
]


@dataclass(frozen=True, slots=True)
class ValidationIssue:
    """One rule that a request breaks.

    Attributes:
        location: the path to the invalid value, such as `("body", "reservations", 0, "adults")`.
        rule: the keyword of the schema that is violated, such as `required`.
        message: the requirement as text.
        schema_pointer: file and JSON pointer of the rule in `schemas/`; empty if no schema has the rule.
    """

    location: tuple[str | int, ...]
    rule: str
    message: str
    schema_pointer: str = ""

    @property
    def path(self) -> str:
        """The location as text: `body.reservations[0].adults`."""
        return dotted_path(self.location)


class RequestRejected(Exception):
    """The vendor rejects a request before its operation runs.

    Attributes:
        kind: the check that failed.
        message: what the vendor requires.
        issues: every rule that is violated, in the order of detection.
        status: the response status; None if it follows from the kind.
        route: method and path, set before `error_response` is called.
    """

    def __init__(
        self,
        kind: ProblemKind,
        message: str,
        issues: tuple[ValidationIssue, ...] = (),
        *,
        status: int | None = None,
    ) -> None:
        self.kind = kind
        self.message = message
        self.issues = issues
        self.status = status
        self.route = ""
        super().__init__(message)


class NotModelled(Exception):
    """The vendor has something that the stub lacks; the response is 501, and it does not count against the client.

    Every hook, operation and handler of a WebSocket may raise it.

    Attributes:
        what: what the stub lacks, such as `the header X-Vault-Namespace`.
        location: where the request has it, such as `("header", "x-vault-namespace")`.
        schema_pointer: file and JSON pointer of the operation in `schemas/`; empty if it has none.
    """

    def __init__(
        self, what: str, location: tuple[str | int, ...] = ("request",), schema_pointer: str = ""
    ) -> None:
        self.what = what
        self.location = location
        self.schema_pointer = schema_pointer
        super().__init__(f"the stub does not model {what}")


class DecodedBody(NamedTuple):
    """A request body that was decoded.

    Attributes:
        value: what the operation reads.
        sent: the fields that the client sent, with the names of the schemas, those included that `value` lacks.
    """

    value: Json
    sent: Json


@dataclass(frozen=True, slots=True)
class StubRequest:
    """A request that matches an operation of the schemas.

    Attributes:
        operation_id: the operation's name in `openapi.json`.
        required_scopes: scopes of which the principal needs at least one; empty if none is required.
        path_params: the parameters of the path template.
        query: the declared query parameters with their types; comma-separated ones are lists.
        headers: header names are lower case.
        body: the decoded body; None without a body.
        raw_body: the body as received.
        principal: what `authenticate` returned.
        base_url: the stub's own address, for links in responses.
    """

    operation_id: str
    required_scopes: frozenset[str]
    path_params: Mapping[str, str]
    query: Mapping[str, Any]
    headers: Mapping[str, str]
    body: Json
    raw_body: bytes
    principal: Any
    base_url: str


@dataclass(slots=True)
class StubResponse:
    """The stub's response.

    Attributes:
        body: a JSON value, bytes, or chunks of bytes that are sent one by one.
        warnings: what the vendor accepts and is probably a mistake of the client; they are recorded, not sent.
    """

    status: int
    body: Json | bytes | AsyncIterator[bytes] | None = None
    headers: dict[str, str] = field(default_factory=dict)
    media_type: str = "application/json"
    warnings: tuple[ValidationIssue, ...] = ()


@dataclass(frozen=True, slots=True)
class VendorMessage:
    """A message that the vendor sends on its own initiative, such as a webhook event."""

    contents: Json | bytes
    content_type: str = "application/json"


class WebSocketSession(Protocol):
    """An open WebSocket whose messages are validated against the schemas in both directions.

    Attributes:
        state: the vendor's state.
        path_params: the parameters of the path template.
        query: the query parameters.
        headers: the headers of the handshake; names are lower case.
    """

    state: Any
    path_params: Mapping[str, str]
    query: dict[str, str]
    headers: dict[str, str]

    async def receive(self, kind_of: Callable[[Json], str]) -> Json:
        """Return the next message, validated as the kind of message that `kind_of` returns for it.

        Raises:
            RequestRejected: the message is not a text frame with a JSON object, or it violates its schema. The violation is
                recorded.
            NotModelled: the vendor has one of the message's fields, and the stub lacks it.
        """
        ...

    def record_violation(self, issue: ValidationIssue, sample: str = "", kind: str = "rejected") -> None:
        """Record a violation that no schema describes."""
        ...

    async def send(self, kind: str, value: Json) -> None:
        """Send a message of the given kind; a value that violates its schema closes the connection with 1011."""
        ...

    async def close(self, code: int = 1000, reason: str = "") -> None:
        """Close the connection."""
        ...


OperationHandler: TypeAlias = Callable[[StateT, StubRequest], StubResponse]
ProviderStateHandler: TypeAlias = Callable[..., Mapping[str, Json] | None]
MessageFactory: TypeAlias = Callable[[StateT], VendorMessage]
WebSocketHandler: TypeAlias = Callable[[WebSocketSession], Awaitable[None]]
HandshakeCheck: TypeAlias = Callable[[Any, Mapping[str, str]], None]


@dataclass(frozen=True, slots=True)
class WebSocketRoute:
    """A WebSocket of a vendor.

    Attributes:
        name: the operation's name, for the journal.
        messages: the file in the vendor's schema folder whose `$defs` are the messages.
        handler: serves an accepted connection.
        client_messages: the messages of the client; without any, fields that no schema has are not recorded.
        query: the query parameters that the stub models; others that the vendor has are not modelled.
        check_handshake: raises RequestRejected, from state and query, if the vendor denies the handshake.
    """

    name: str
    messages: str
    handler: WebSocketHandler
    client_messages: tuple[str, ...]
    query: frozenset[str]
    check_handshake: HandshakeCheck


@dataclass(frozen=True, slots=True, kw_only=True)
class VendorHooks(Generic[StateT]):
    """Vendor behaviour that the schemas do not describe.

    Args:
        error_response: builds the vendor's error response for a rejected request.
        authenticate: returns the principal from state, headers and query, or raises RequestRejected; runs before routing.
        authorize: raises RequestRejected if the principal is not allowed to send the request.
        decode: decodes the body of an operation, for vendors that accept several encodings.
        encode: encodes the response as the client asked for.
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
    encode: Callable[[StubRequest, StubResponse], StubResponse] | None = None
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


def ok(body: Json, **headers: str) -> StubResponse:
    """Return a 200 response with a JSON body."""
    return StubResponse(200, body, headers)


def no_content() -> StubResponse:
    """Return a 204 response."""
    return StubResponse(204)


def with_warning(
    response: StubResponse, rule: str, message: str, location: tuple[str | int, ...] = ("request",)
) -> StubResponse:
    """Return the response with a warning: the vendor accepts the request, but it is probably a mistake of the client.

    Args:
        response: the response, which is sent as it is.
        rule: a name of the rule in snake_case, such as `repeated_booking`.
        message: what the client should do.
        location: the path to the value that the warning is about.
    """
    return replace(response, warnings=(*response.warnings, ValidationIssue(location, rule, message)))


def dotted_path(location: Iterable[str | int]) -> str:
    """Return a location as text: `body.reservations[0].adults`."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in location)
    return text.removeprefix(".")


def media_type(headers: Mapping[str, str]) -> str:
    """Return the media type of the Content-Type header in lower case, without its parameters."""
    return headers.get("content-type", "").partition(";")[0].strip().lower()


def _register(registry: dict[KeyT, FunctionT], key: KeyT) -> Callable[[FunctionT], FunctionT]:
    if key in registry:
        raise ValueError(f"'{key}' is registered twice")

    def register(function: FunctionT) -> FunctionT:
        registry[key] = function
        return function

    return register
