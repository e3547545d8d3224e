"""The fault catalogue: every fault, by the layer in which it happens.

Names follow WireMock (`CONNECTION_RESET_BY_PEER`, `EMPTY_RESPONSE`, …) and Toxiproxy (`latency`, `timeout`, …) in lower case
where they have one.
"""

from __future__ import annotations

from fault_injection.fault import (
    TIMEOUT,
    Address,
    ClockSkew,
    Delivery,
    Fault,
    Group,
    SocketFault,
    StubFault,
    Target,
)
from fault_injection.message_faults import SOCKET_FAULTS, WEBHOOK_FAULTS
from fault_injection.network_faults import CONNECTION_FAULTS, FRAMING_FAULTS, TIME_FAULTS
from fault_injection.response_faults import BODY_FAULTS, CLOCK_FAULTS, FLAPPING_FAULTS, STATUS_FAULTS

__all__ = [
    "FAULTS",
    "TIMEOUT",
    "Address",
    "ClockSkew",
    "Delivery",
    "Fault",
    "Group",
    "SocketFault",
    "StubFault",
    "Target",
]

FAULTS: tuple[Fault, ...] = (
    *CONNECTION_FAULTS, *TIME_FAULTS, *FRAMING_FAULTS, *BODY_FAULTS, *STATUS_FAULTS, *CLOCK_FAULTS,
    *FLAPPING_FAULTS, *SOCKET_FAULTS, *WEBHOOK_FAULTS,
)  # fmt: skip
"""Every fault, in the order of the heat map's columns."""
