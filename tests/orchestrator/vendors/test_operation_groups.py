"""The groups of each vendor's operations, for every request of the pacts."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from orchestrator.vendors.operation_groups import group_of, groups_of

PACTS = Path("pacts")


@pytest.mark.parametrize(
    ("vendor", "path", "group"),
    [
        ("apaleo", "/connect/token", "identity"),
        ("apaleo", "/booking/v1/reservations/X-1", "booking"),
        ("apaleo", "/booking/v1/reservation-actions/X-1/amend", "booking"),
        ("apaleo", "/booking/v1/offers", "availability"),
        ("apaleo", "/availability/v1/unit-groups", "availability"),
        ("apaleo", "/inventory/v1/properties", "inventory"),
        ("apaleo", "/rateplan/v1/rate-plans", "inventory"),
        ("apaleo", "/finance/v1/folios", "finance"),
        ("livekit", "/twirp/livekit.RoomService/CreateRoom", "rooms"),
        ("livekit", "/twirp/livekit.SIP/TransferSIPParticipant", "sip"),
        ("livekit", "/twirp/livekit.AgentDispatchService/CreateDispatch", "agents"),
        ("livekit", "/twirp/livekit.Egress/ListEgress", "recordings"),
        ("mews", "/api/connector/v1/reservations/cancel", "reservations"),
        ("mews", "/api/connector/v1/reservations/price", "availability"),
        ("mews", "/api/connector/v1/services/getAvailability", "availability"),
        ("mews", "/api/connector/v1/services/getAll", "profiles"),
        ("mews", "/api/connector/v1/customers/getAll", "profiles"),
        ("tts", "/v1/text-to-speech/concierge/stream", "speech"),
        ("tts", "/v2/voices", "voices"),
        ("memory", "/", "api"),
    ],
)
def test_group_follows_from_path(vendor: str, path: str, group: str) -> None:
    """Each group is one service of the vendor."""
    assert group_of(vendor, path) == group
    assert group in groups_of(vendor)


@pytest.mark.parametrize("vendor", ["apaleo", "livekit", "mews", "tts"])
def test_requests_of_the_pacts_exercise_every_group(vendor: str) -> None:
    """A group without a request would be a misspelled prefix."""
    pact = json.loads((PACTS / f"voicehive-orchestrator-{vendor}.json").read_text(encoding="utf-8"))
    paths = {
        interaction["request"]["path"] for interaction in pact["interactions"] if "request" in interaction
    }

    assert {group_of(vendor, path) for path in paths} == set(groups_of(vendor))
