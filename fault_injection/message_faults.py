"""Faults of WebSockets and of the messages that a vendor sends."""

from __future__ import annotations

from fault_injection.fault import (
    DENIED,
    INVALID,
    TIMEOUT,
    UNAVAILABLE,
    Delivery,
    Fault,
    Group,
    SocketFault,
    Target,
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
