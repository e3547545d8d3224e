"""Every PMS does what its capabilities say, and the document says the same."""

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

KINDS: tuple[type[PmsConnector], ...] = (ApaleoConnector, MewsConnector, InMemoryConnector)
DOCUMENT = Path(__file__).parents[3] / "docs/architecture.md"
ARRIVAL, DEPARTURE = date(2027, 5, 10), date(2027, 5, 12)
GUEST = Guest(last_name="Muster", phone="+4930123456")
STAY = BookingRequest(
    hotel_id="MUC", rate_plan_id="STANDARD", arrival=ARRIVAL, departure=DEPARTURE, adults=2, guest=GUEST
)


def test_the_document_has_the_matrix() -> None:
    """Line by line."""
    lines = DOCUMENT.read_text().splitlines()

    shown = {
        cells[0]: [cell == "✓" for cell in cells[1:]]
        for line in lines
        if line.startswith("|") and (cells := [cell.strip() for cell in line.strip("|").split("|")])
    }

    for capability in Capability:
        assert shown[capability] == [capability in kind.capabilities for kind in KINDS]


@pytest.mark.parametrize("kind", KINDS)
def test_what_a_pms_cannot_do_is_named(kind: type[PmsConnector]) -> None:
    """The capability, and the kind."""
    pms = kind.__new__(kind)
    missing = frozenset(Capability) - kind.capabilities

    for capability in missing:
        with pytest.raises(
            CapabilityNotSupportedError, match=f"^{kind.provider} cannot do this: {capability}$"
        ):
            require_capability(pms, capability)
    for capability in kind.capabilities:
        require_capability(pms, capability)


async def test_the_last_room_of_a_pms_in_memory_is_sold_once() -> None:
    """And is free again when its stay is cancelled."""
    pms = InMemoryConnector(rooms=1)
    first = await pms.create_booking(STAY, idempotency_key="a")
    with pytest.raises(PmsRejectedError):
        await pms.create_booking(STAY, idempotency_key="b")
    full = await pms.find_offers("MUC", ARRIVAL, DEPARTURE, 2)
    await pms.cancel_reservation(first)

    again = await pms.create_booking(STAY, idempotency_key="c")

    assert (full, again != first) == ([], True)


async def test_a_booking_in_memory_is_made_once_per_key() -> None:
    """The same id, and one room less."""
    pms = InMemoryConnector(rooms=2)

    ids = {await pms.create_booking(STAY, idempotency_key="a") for _ in range(3)}
    [offer] = await pms.find_offers("MUC", ARRIVAL, DEPARTURE, 2)

    assert (len(ids), offer.available_units) == (1, 1)
    assert offer.total_amount == Money(amount=Decimal(200), currency="EUR")


async def test_a_stay_in_memory_is_found_by_number_and_moved() -> None:
    """Those in the house first; one that is over is not moved."""
    over = Reservation(
        id="OLD-1",
        booking_id="OLD",
        hotel_id="MUC",
        status="checked_out",
        arrival=ARRIVAL,
        departure=DEPARTURE,
        adults=1,
        guest=GUEST,
    )
    now = over.model_copy(update={"id": "NOW-1", "status": "in_house"})
    pms = InMemoryConnector([over, now])
    booked = await pms.create_booking(STAY, idempotency_key="a")
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
