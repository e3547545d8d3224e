"""The groups of each vendor's operations: parts of its API that fail independently of each other.

Each group has a circuit breaker and a bulkhead of its own, so that an outage of one does not block the others. The group
follows from the path of a request, because vendors route by path to separate services: Apaleo publishes an API per
path prefix, LiveKit's Twirp paths name the service. Apaleo's offers are computed by its availability and rates, not
by the store of bookings, although their path is below `/booking`.

Every operation of Apaleo needs an access token, so an outage of `identity` concerns all of them once the token expires.
"""

from __future__ import annotations

from collections.abc import Mapping

OPERATION_GROUPS: Mapping[str, Mapping[str, str]] = {
    "apaleo": {
        "/connect/": "identity",
        "/booking/v1/offers": "availability",
        "/booking/": "booking",
        "/availability/": "availability",
        "/finance/": "finance",
        "": "inventory",
    },
    "livekit": {
        "/twirp/livekit.SIP/": "sip",
        "/twirp/livekit.AgentDispatchService/": "agents",
        "/twirp/livekit.Egress/": "recordings",
        "": "rooms",
    },
    "mews": {
        "/api/connector/v1/reservations/price": "availability",
        "/api/connector/v1/services/getAvailability": "availability",
        "/api/connector/v1/reservations/": "reservations",
        "": "profiles",
    },
    "tts": {"/v1/text-to-speech/": "speech", "": "voices"},
}
"""The group by path prefix; the first prefix that matches counts."""
SINGLE_GROUP = {"": "api"}
"""Of a vendor that is not listed."""


def groups_of(vendor: str) -> list[str]:
    """Return the groups of a vendor, each once."""
    return list(dict.fromkeys(OPERATION_GROUPS.get(vendor, SINGLE_GROUP).values()))


def group_of(vendor: str, path: str) -> str:
    """Return the group that a request belongs to."""
    groups = OPERATION_GROUPS.get(vendor, SINGLE_GROUP)
    return next(group for prefix, group in groups.items() if path.startswith(prefix))
