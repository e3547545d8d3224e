"""What a fault is: how it is injected, what it applies to, and what a client must raise.

The errors are the classes of the orchestrator's error taxonomy, by name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Literal

from fault_injection.proxy import Toxic

UNAVAILABLE, TIMEOUT, INVALID = "VendorUnavailable", "VendorTimeout", "InvalidVendorResponse"
RATE_LIMITED, DENIED = "RateLimited", "AccessDenied"


class Group(StrEnum):
    """Where a fault happens."""

    CONNECTION = "connection"
    TIME = "time"
    FRAMING = "framing"
    BODY = "body"
    STATUS = "status"
    FLAPPING = "flapping"
    CREDENTIALS = "credentials"
    STREAM = "stream"
    WEBHOOK = "webhook"


class Target(StrEnum):
    """What a fault applies to.

    Attributes:
        REQUEST: every HTTP request.
        BODY: a response with a body.
        JSON: a response with a JSON body.
        AUTHENTICATED: a request with an access token.
        SIGNED_TOKEN: a request with a token that the client signs itself.
        AUDIO_STREAM: a response with audio that is passed on as it arrives.
        WEBSOCKET: a WebSocket that the client opens.
        WEBHOOK: a message that the vendor sends.
    """

    REQUEST = "request"
    BODY = "body"
    JSON = "JSON body"
    AUTHENTICATED = "authenticated request"
    SIGNED_TOKEN = "request with a signed token"  # noqa: S105 - not a secret
    AUDIO_STREAM = "audio stream"
    WEBSOCKET = "WebSocket"
    WEBHOOK = "webhook"


class Address(StrEnum):
    """An address that no vendor listens on."""

    CLOSED_PORT = "closed port"
    TLS = "TLS at a server without TLS"
    UNKNOWN_HOST = "host name that does not resolve"


@dataclass(frozen=True, slots=True)
class StubFault:
    """A fault of the stubs' control API; `options` are the members of the body of `POST /_stub/faults`."""

    kind: str
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ClockSkew:
    """The client's clock is ahead by `seconds`, or behind if negative."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Delivery:
    """The deliveries of a vendor's messages, as indexes in the order of their creation."""

    order: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class SocketFault:
    """What a vendor does to a WebSocket after the first piece of audio, or instead of accepting it."""

    name: Literal["close", "reset", "stall", "malformed", "reject"]
    code: int = 0


Injection = StubFault | Toxic | Address | ClockSkew | Delivery | SocketFault


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One way in which the network or a vendor fails.

    Attributes:
        name: identifies the fault.
        description: what happens, for people.
        group: where it happens.
        injection: how it is injected.
        target: what it applies to.
        raises: the error class that a client must raise, if the fault lasts; None if the client must not notice it.
        retried: whether an idempotent request is repeated.
        status: the status that the client sees; None if there is none.
        retry_after: the delay in seconds that the vendor asks for.
        times: how many attempts fail; None for all.
    """

    name: str
    description: str
    group: Group
    injection: Injection
    target: Target = Target.REQUEST
    raises: str | None = None
    retried: bool = False
    status: int | None = None
    retry_after: int | None = None
    times: int | None = None
