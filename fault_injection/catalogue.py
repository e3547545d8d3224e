"""The fault catalogue: every fault with the way it is injected, what it applies to, and what a client must raise.

Names follow WireMock (`CONNECTION_RESET_BY_PEER`, `EMPTY_RESPONSE`, …) and Toxiproxy (`latency`, `timeout`, …) in lower case
where they have one. The errors are the classes of the orchestrator's error taxonomy, by name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Literal

from fault_injection.proxy import SLICES, Toxic


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


UNAVAILABLE, TIMEOUT, INVALID = "VendorUnavailable", "VendorTimeout", "InvalidVendorResponse"
RATE_LIMITED, DENIED = "RateLimited", "AccessDenied"
WITHIN_DEADLINE_SECONDS, BEYOND_DEADLINE_SECONDS = 1.0, 60.0


def _lost_connection(
    name: str, description: str, injection: Injection, target: Target = Target.REQUEST, **fields: Any
) -> Fault:
    group = fields.pop("group", Group.CONNECTION)
    return Fault(
        name=name, description=description, group=group, injection=injection, target=target,
        raises=UNAVAILABLE, retried=True, **fields,
    )  # fmt: skip


def _status(status: int, raises: str, *, retried: bool, retry_after: int | None = None) -> Fault:
    suffix = "" if retry_after is None else f"_retry_after_{retry_after}"
    options = {"status": status} | ({} if retry_after is None else {"retry_after": retry_after})
    return Fault(
        name=f"status_{status}{suffix}",
        description=f"every response is a {status}"
        + (f" with Retry-After: {retry_after}" if retry_after else ""),
        group=Group.STATUS,
        injection=StubFault("status", options),
        raises=raises,
        retried=retried,
        status=status,
        retry_after=retry_after,
    )


CONNECTION_FAULTS = (
    _lost_connection("connection_refused", "nothing listens on the vendor's port", Address.CLOSED_PORT),
    _lost_connection("dns_failure", "the vendor's name does not resolve", Address.UNKNOWN_HOST),
    _lost_connection("tls_handshake_failure", "the server speaks no TLS", Address.TLS),
    _lost_connection(
        "connection_reset_by_peer", "TCP reset before the vendor gets the request", Toxic(name="reset_peer")
    ),
    _lost_connection(
        "reset_in_headers",
        "TCP reset in the middle of the response's headers",
        Toxic(name="reset_in_headers"),
    ),
    _lost_connection(
        "reset_in_body",
        "TCP reset in the middle of the response's body",
        Toxic(name="reset_in_body"),
        Target.BODY,
    ),
    _lost_connection(
        "empty_response", "the connection is closed without a response", Toxic(name="EMPTY_RESPONSE")
    ),
)
TIME_FAULTS = (
    Fault(
        name="timeout",
        description="the vendor accepts the request and never responds",
        group=Group.TIME,
        injection=Toxic(name="timeout"),
        raises=TIMEOUT,
        retried=True,
    ),
    Fault(
        name="latency",
        description="the first byte is late, but within the timeout",
        group=Group.TIME,
        injection=Toxic(name="latency", seconds=WITHIN_DEADLINE_SECONDS),
    ),
    Fault(
        name="latency_beyond_deadline",
        description="the response comes after the deadline",
        group=Group.TIME,
        injection=Toxic(name="latency", seconds=BEYOND_DEADLINE_SECONDS),
        raises=TIMEOUT,
        retried=True,
    ),
    Fault(
        name="slicer",
        description="the response drips, but is complete within the timeout",
        group=Group.TIME,
        injection=Toxic(name="slicer", seconds=WITHIN_DEADLINE_SECONDS / SLICES),
    ),
    Fault(
        name="slicer_beyond_deadline",
        description="the response drips, each part in time, until after the deadline",
        group=Group.TIME,
        injection=Toxic(name="slicer", seconds=3.0),
        raises=TIMEOUT,
    ),
    Fault(
        name="chunked_dribble_delay",
        description="the body drips, each part in time, until after the deadline",
        group=Group.TIME,
        injection=Toxic(name="slicer_in_body", seconds=3.0),
        target=Target.BODY,
        raises=TIMEOUT,
    ),
    Fault(
        name="stall_in_body",
        description="the body, for example an audio stream, stalls in the middle",
        group=Group.TIME,
        injection=Toxic(name="stall_in_body"),
        target=Target.BODY,
        raises=TIMEOUT,
        retried=True,
    ),
    Fault(
        name="slow_close",
        description="the connection is closed long after the response",
        group=Group.TIME,
        injection=Toxic(name="slow_close", seconds=BEYOND_DEADLINE_SECONDS),
    ),
)
FRAMING_FAULTS = (
    _lost_connection(
        "limit_data", "the connection is closed in the middle of the body",
        Toxic(name="limit_data"), Target.BODY, group=Group.FRAMING,
    ),
    _lost_connection(
        "content_length_too_long", "Content-Length is longer than the body",
        Toxic(name="content_length_too_long"), Target.BODY, group=Group.FRAMING,
    ),
    _lost_connection(
        "content_length_too_short", "Content-Length is half of the body",
        Toxic(name="content_length_too_short"), Target.BODY, group=Group.FRAMING,
    ),
    _lost_connection(
        "malformed_response_chunk", "a status line, then garbage in place of a chunk",
        Toxic(name="MALFORMED_RESPONSE_CHUNK"), Target.BODY, group=Group.FRAMING,
    ),
    _lost_connection(
        "random_data_then_close", "garbage in place of the response",
        Toxic(name="RANDOM_DATA_THEN_CLOSE"), group=Group.FRAMING,
    ),
)  # fmt: skip
BODY_FAULTS = (
    Fault(
        name="malformed_json",
        description="the body ends in the middle of the JSON",
        group=Group.BODY,
        injection=StubFault("malformed"),
        target=Target.JSON,
        raises=INVALID,
    ),
    Fault(
        name="wrong_shape",
        description="the body is valid JSON that the vendor's schema does not allow",
        group=Group.BODY,
        injection=StubFault("wrong_shape"),
        target=Target.JSON,
        raises=INVALID,
    ),
    Fault(
        name="html",
        description="a proxy responds with 200 and a page",
        group=Group.BODY,
        injection=StubFault("html"),
        raises=INVALID,
        status=200,
    ),
    Fault(
        name="empty_200",
        description="the response is a 200 without a body",
        group=Group.BODY,
        injection=StubFault("empty"),
        raises=INVALID,
        status=200,
    ),
)
STATUS_FAULTS = (
    _status(500, UNAVAILABLE, retried=True),
    _status(502, UNAVAILABLE, retried=True),
    _status(503, UNAVAILABLE, retried=True),
    _status(503, UNAVAILABLE, retried=True, retry_after=2),
    _status(503, UNAVAILABLE, retried=False, retry_after=60),
    _status(504, UNAVAILABLE, retried=True),
    _status(429, RATE_LIMITED, retried=True),
    _status(429, RATE_LIMITED, retried=True, retry_after=2),
    Fault(
        name="token_revoked",
        description="the first response is a 401: the access token was revoked",
        group=Group.CREDENTIALS,
        injection=StubFault("status", {"status": 401, "times": 1}),
        target=Target.AUTHENTICATED,
        raises=DENIED,
        status=401,
        times=1,
    ),
    Fault(
        name="credentials_revoked",
        description="every response is a 401",
        group=Group.CREDENTIALS,
        injection=StubFault("status", {"status": 401}),
        target=Target.AUTHENTICATED,
        raises=DENIED,
        status=401,
    ),
)
CLOCK_FAULTS = tuple(
    Fault(
        name=f"clock_skew_{direction}",
        description=f"the client's clock is an hour {direction}, and the vendor rejects the tokens that it signs",
        group=Group.CREDENTIALS,
        injection=ClockSkew(seconds),
        target=Target.SIGNED_TOKEN,
        raises=DENIED,
        status=401,
    )
    for direction, seconds in (("behind", -3600.0), ("ahead", 3600.0))
)
FLAPPING_FAULTS = (
    Fault(
        name="flapping_503",
        description="two of three attempts get a 503",
        group=Group.FLAPPING,
        injection=StubFault("status", {"status": 503, "times": 2}),
        raises=UNAVAILABLE,
        retried=True,
        status=503,
        times=2,
    ),
    Fault(
        name="flapping_connection",
        description="one of two connections is reset after the vendor got the request",
        group=Group.FLAPPING,
        injection=Toxic(name="reset_in_headers", times=1),
        raises=UNAVAILABLE,
        retried=True,
        times=1,
    ),
)


def _socket(
    name: str, description: str, injection: SocketFault, raises: str, status: int | None = None
) -> Fault:
    return Fault(
        name=f"websocket_{name}",
        description=description,
        group=Group.STREAM,
        injection=injection,
        target=Target.WEBSOCKET,
        raises=raises,
        status=status,
    )


SOCKET_FAULTS = (
    _socket(
        "closed_in_speech", "closed with an error in the middle", SocketFault("close", 1011), UNAVAILABLE
    ),
    _socket(
        "ends_early",
        "closed in order, but before the end of the audio",
        SocketFault("close", 1000),
        UNAVAILABLE,
    ),
    _socket("reset_in_speech", "TCP reset in the middle", SocketFault("reset"), UNAVAILABLE),
    _socket("stalls", "no further audio comes", SocketFault("stall"), TIMEOUT),
    _socket("malformed", "a message is not JSON", SocketFault("malformed"), INVALID),
    _socket("rejected_503", "the handshake gets a 503", SocketFault("reject", 503), UNAVAILABLE, 503),
    _socket("rejected_401", "the handshake gets a 401", SocketFault("reject", 401), DENIED, 401),
)
WEBHOOK_FAULTS = (
    Fault(
        name="webhook_twice",
        description="the vendor delivers a message twice",
        group=Group.WEBHOOK,
        injection=Delivery((0, 0)),
        target=Target.WEBHOOK,
    ),
    Fault(
        name="webhooks_out_of_order",
        description="the vendor delivers the second message first",
        group=Group.WEBHOOK,
        injection=Delivery((1, 0)),
        target=Target.WEBHOOK,
    ),
)
FAULTS: tuple[Fault, ...] = (
    *CONNECTION_FAULTS, *TIME_FAULTS, *FRAMING_FAULTS, *BODY_FAULTS, *STATUS_FAULTS, *CLOCK_FAULTS,
    *FLAPPING_FAULTS, *SOCKET_FAULTS, *WEBHOOK_FAULTS,
)  # fmt: skip
"""Every fault, in the order of the heat map's columns."""
