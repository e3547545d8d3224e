"""What the author of a vendor's stub writes: operations, provider states, messages and the vendor's error shape."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeAlias, TypeVar

if TYPE_CHECKING:
    from provider_verification.stubs.engine.websocket import WebSocketSession

Json = Any
StateT = TypeVar("StateT")
SocketHandler: TypeAlias = "Callable[[WebSocketSession], Awaitable[None]]"
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
    """One thing wrong with a request: where (`("body", "reservations", 0, "adults")`), the rule, and in words."""

    location: tuple[str | int, ...]
    rule: str
    message: str
    schema_pointer: str = ""

    @property
    def path(self) -> str:
        """The place in one word: `body.reservations[0].adults`."""
        text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in self.location)
        return text.removeprefix(".")


class RequestRejected(Exception):
    """A request the vendor refuses, before its own rules come into play.

    Attributes:
        kind: which check refused it.
        message: what the vendor requires.
        faults: each thing that is wrong, the first one first.
        status: the status to answer, where the kind alone does not say (an injected fault).
        route: method and path, set before `errors` sees it.
    """

    def __init__(
        self,
        kind: ProblemKind,
        message: str,
        faults: tuple[ValidationIssue, ...] = (),
        *,
        status: int | None = None,
    ) -> None:
        self.kind = kind
        self.message = message
        self.issues = faults
        self.status = status
        self.route = ""
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class StubRequest:
    """A request that reached an operation. `query` holds lists for comma-separated parameters; header names are lower case."""

    operation_id: str
    path_params: Mapping[str, str]
    query: Mapping[str, Any]
    headers: Mapping[str, str]
    body: Json
    raw_body: bytes
    principal: Any
    base_url: str


@dataclass(slots=True)
class StubResponse:
    """What the stub answers: a JSON value, bytes, or pieces of bytes that are sent one by one."""

    status: int
    body: Json | bytes | AsyncIterator[bytes] | None = None
    headers: dict[str, str] = field(default_factory=dict)
    media_type: str = "application/json"


@dataclass(frozen=True, slots=True)
class VendorMessage:
    """A message the vendor sends of its own accord."""

    contents: Json | bytes
    content_type: str = "application/json"


@dataclass(frozen=True, slots=True, kw_only=True)
class VendorHooks(Generic[StateT]):
    """Where vendors differ beyond their schemas.

    Args:
        errors: the vendor's own error answer for a problem.
        authenticate: who sends the request, from headers, query and path, or a Problem; comes before routing.
        authorise: may that caller do this, or a Problem.
        decode: the JSON body of a call as the schema describes it, for vendors that accept several spellings.
        encode: the answer in the encoding the caller asked for.
        interrupt: an answer that comes instead of the operation's, for an outage or a limit.
    """

    error_response: Callable[[RequestRejected], StubResponse]
    authenticate: Callable[[StateT, Mapping[str, str], Mapping[str, str]], Any] = (
        lambda _world, _headers, _query: None
    )
    authorize: Callable[[StateT, StubRequest], None] = lambda _world, _call: None
    decode: Callable[[str, Mapping[str, str], bytes], Json] | None = None
    encode: Callable[[StubRequest, StubResponse], StubResponse] | None = None
    outage_response: Callable[[StateT, StubRequest], StubResponse | None] = lambda _world, _call: None


class StubDefinition(Generic[StateT]):
    """A vendor: its world, its operations, states and messages.

    Args:
        state_factory: makes the vendor's state from nothing; called at each reset.
        hooks: where the vendor differs beyond its schemas.
        env_vars: the variables that point an orchestrator at the stub; `{url}` stands for its address.
    """

    def __init__(
        self, *, state_factory: Callable[[], StateT], hooks: VendorHooks[StateT], env_vars: Mapping[str, str]
    ) -> None:
        self.state_factory = state_factory
        self.hooks = hooks
        self.env_vars = env_vars
        self.operations: dict[str, Callable[[StateT, StubRequest], StubResponse]] = {}
        self.states: dict[str, Callable[..., Mapping[str, Json] | None]] = {}
        self.messages: dict[str, Callable[[StateT], VendorMessage]] = {}
        self.sockets: dict[tuple[str, str, str], SocketHandler] = {}

    def operation(
        self, name: str
    ) -> Callable[
        [Callable[[StateT, StubRequest], StubResponse]], Callable[[StateT, StubRequest], StubResponse]
    ]:
        """Register the function that answers an operation of the schemas, by its operationId."""
        return _register(self.operations, name)

    def provider_state(
        self, name: str
    ) -> Callable[[Callable[..., Mapping[str, Json] | None]], Callable[..., Mapping[str, Json] | None]]:
        """Register the function that makes a provider state true; what it returns fills the pact's generators."""
        return _register(self.states, name)

    def websocket(self, name: str, path: str, *, messages: str) -> Callable[[SocketHandler], SocketHandler]:
        """Register the function that serves a WebSocket; `messages` is the schema file whose `$defs` are its messages."""
        return _register(self.sockets, (name, path, messages))

    def message(
        self, name: str
    ) -> Callable[[Callable[[StateT], VendorMessage]], Callable[[StateT], VendorMessage]]:
        """Register the function that makes a message the vendor sends, by the description in the pact."""
        return _register(self.messages, name)


def ok(body: Json, **headers: str) -> StubResponse:
    """200 with a JSON body."""
    return StubResponse(200, body, headers)


def no_content() -> StubResponse:
    """204."""
    return StubResponse(204)


F = TypeVar("F")
Key = TypeVar("Key")


def _register(table: dict[Key, F], name: Key) -> Callable[[F], F]:
    if name in table:
        raise ValueError(f"'{name}' is registered twice")

    def register(function: F) -> F:
        table[name] = function
        return function

    return register
