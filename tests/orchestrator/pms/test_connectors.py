"""The PMS connectors and their capabilities."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from orchestrator.pms.adapters.apaleo import ApaleoConnector
from orchestrator.pms.adapters.memory import InMemoryConnector
from orchestrator.pms.adapters.mews import MewsConnector
from orchestrator.pms.errors import CapabilityNotSupportedError, PmsRejectedError, ReservationNotFoundError
from orchestrator.pms.interface import Capability, PmsConnector, require_capability
from orchestrator.pms.models import BookingRequest, Guest, Money, Reservation, ReservationAmendment

CONNECTORS: tuple[type[PmsConnector], ...] = (ApaleoConnector, MewsConnector, InMemoryConnector)
DOCUMENT = Path(__file__).parents[3] / "docs/architecture.md"
ARRIVAL, DEPARTURE = date(2027, 5, 10), date(2027, 5, 12)
GUEST = Guest(last_name="Muster", phone="+4930123456")
STAY = BookingRequest(
    hotel_id="MUC", rate_plan_id="STANDARD", arrival=ARRIVAL, departure=DEPARTURE, adults=2, guest=GUEST
)


def test_documented_capabilities_match_connectors() -> None:
    """The table in docs/architecture.md has a line per capability."""
    lines = DOCUMENT.read_text().splitlines()

    documented = {
        cells[0]: [cell == "✓" for cell in cells[1:]]
        for line in lines
        if line.startswith("|") and (cells := [cell.strip() for cell in line.strip("|").split("|")])
    }

    for capability in Capability:
        assert documented[capability] == [capability in connector.capabilities for connector in CONNECTORS]


@pytest.mark.parametrize("connector", CONNECTORS)
def test_missing_capability_is_named(connector: type[PmsConnector]) -> None:
    """The error names the capability and the provider."""
    pms = connector.__new__(connector)
    missing = frozenset(Capability) - connector.capabilities

    for capability in missing:
        with pytest.raises(
            CapabilityNotSupportedError, match=f"^{connector.provider} does not support: {capability}$"
        ):
            require_capability(pms, capability)
    for capability in connector.capabilities:
        require_capability(pms, capability)


async def test_in_memory_pms_sells_last_room_once() -> None:
    """The room is available again after its reservation is cancelled."""
    pms = InMemoryConnector(rooms=1)
    first = (await pms.create_booking(STAY, idempotency_key="a")).reservation_id
    with pytest.raises(PmsRejectedError):
        await pms.create_booking(STAY, idempotency_key="b")
    offers_when_full = await pms.find_offers("MUC", ARRIVAL, DEPARTURE, 2)
    await pms.cancel_reservation(first)

    again = (await pms.create_booking(STAY, idempotency_key="c")).reservation_id

    assert (offers_when_full, again != first) == ([], True)


async def test_in_memory_pms_books_once_per_key() -> None:
    """Repeated bookings return the same id and use one room."""
    pms = InMemoryConnector(rooms=2)

    ids = {(await pms.create_booking(STAY, idempotency_key="a")).reservation_id for _ in range(3)}
    [offer] = await pms.find_offers("MUC", ARRIVAL, DEPARTURE, 2)

    assert (len(ids), offer.available_units) == (1, 1)
    assert offer.total_amount == Money(amount=Decimal(200), currency="EUR")


async def test_in_memory_pms_finds_and_amends_reservations() -> None:
    """Reservations in house come first; one that has ended cannot be amended."""
    past = Reservation(
        id="OLD-1",
        booking_id="OLD",
        hotel_id="MUC",
        status="checked_out",
        arrival=ARRIVAL,
        departure=DEPARTURE,
        adults=1,
        guest=GUEST,
    )
    current = past.model_copy(update={"id": "NOW-1", "status": "in_house"})
    pms = InMemoryConnector([past, current])
    booked = (await pms.create_booking(STAY, idempotency_key="a")).reservation_id
    change = ReservationAmendment(
        arrival=ARRIVAL, departure=date(2027, 5, 14), adults=1, rate_plan_id="STANDARD"
    )

    await pms.amend_reservation(booked, change)
    with pytest.raises(PmsRejectedError):
        await pms.amend_reservation("OLD-1", change)

    assert [stay.id for stay in await pms.find_reservations_by_phone("MUC", "+4930123456")] == [
        "NOW-1",
        booked,
    ]
    assert (await pms.get_reservation(booked)).departure == date(2027, 5, 14)
    with pytest.raises(ReservationNotFoundError):
        await pms.get_reservation("NEVER-1")
