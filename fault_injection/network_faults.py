"""Faults of the network: connections, time, and the framing of messages."""

from __future__ import annotations

from typing import Any

from fault_injection.fault import TIMEOUT, UNAVAILABLE, Address, Fault, Group, Injection, Target
from fault_injection.proxy import SLICES, Toxic

WITHIN_DEADLINE_SECONDS, BEYOND_DEADLINE_SECONDS = 1.0, 60.0


def _lost_connection(
    name: str, description: str, injection: Injection, target: Target = Target.REQUEST, **fields: Any
) -> Fault:
    group = fields.pop("group", Group.CONNECTION)
    return Fault(
        name=name, description=description, group=group, injection=injection, target=target,
        raises=UNAVAILABLE, retried=True, **fields,
    )  # fmt: skip


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
