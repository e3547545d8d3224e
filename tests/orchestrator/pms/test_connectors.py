"""Every PMS does what its capabilities say, and the document says the same."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from orchestrator.pms.apaleo import ApaleoPms
from orchestrator.pms.connector import Capability, Pms, require
from orchestrator.pms.errors import NotSupported, PmsRefused, StayNotFound
from orchestrator.pms.memory import MemoryPms
from orchestrator.pms.mews import MewsPms
from orchestrator.pms.models import Guest, Money, NewStay, Reservation, StayChange

KINDS: tuple[type[Pms], ...] = (ApaleoPms, MewsPms, MemoryPms)
DOCUMENT = Path(__file__).parents[3] / "docs/architecture.md"
ARRIVAL, DEPARTURE = date(2027, 5, 10), date(2027, 5, 12)
GUEST = Guest(last_name="Muster", phone="+4930123456")
STAY = NewStay(
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
def test_what_a_pms_cannot_do_is_named(kind: type[Pms]) -> None:
    """The capability, and the kind."""
    pms = kind.__new__(kind)
    missing = frozenset(Capability) - kind.capabilities

    for capability in missing:
        with pytest.raises(NotSupported, match=f"^{kind.kind} cannot do this: {capability}$"):
            require(pms, capability)
    for capability in kind.capabilities:
        require(pms, capability)


async def test_the_last_room_of_a_pms_in_memory_is_sold_once() -> None:
    """And is free again when its stay is cancelled."""
    pms = MemoryPms(rooms=1)
    first = await pms.book(STAY, key="a")
    with pytest.raises(PmsRefused):
        await pms.book(STAY, key="b")
    full = await pms.offers("MUC", ARRIVAL, DEPARTURE, 2)
    await pms.cancel(first)

    again = await pms.book(STAY, key="c")

    assert (full, again != first) == ([], True)


async def test_a_booking_in_memory_is_made_once_per_key() -> None:
    """The same id, and one room less."""
    pms = MemoryPms(rooms=2)

    ids = {await pms.book(STAY, key="a") for _ in range(3)}
    [offer] = await pms.offers("MUC", ARRIVAL, DEPARTURE, 2)

    assert (len(ids), offer.available) == (1, 1)
    assert offer.total == Money(amount=Decimal(200), currency="EUR")


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
    pms = MemoryPms([over, now])
    booked = await pms.book(STAY, key="a")
    change = StayChange(arrival=ARRIVAL, departure=date(2027, 5, 14), adults=1, rate_plan_id="STANDARD")

    await pms.change(booked, change)
    with pytest.raises(PmsRefused):
        await pms.change("OLD-1", change)

    assert [stay.id for stay in await pms.stays_of_phone("MUC", "+4930123456")] == ["NOW-1", booked]
    assert (await pms.stay(booked)).departure == date(2027, 5, 14)
    with pytest.raises(StayNotFound):
        await pms.stay("NEVER-1")
