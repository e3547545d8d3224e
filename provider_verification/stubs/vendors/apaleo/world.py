"""What `make stubs` starts with at Apaleo: a hotel with guests in house, arriving, leaving and departed."""

from __future__ import annotations

from datetime import timedelta
from typing import NamedTuple

from provider_verification.stubs.vendors.apaleo import stub
from provider_verification.stubs.vendors.apaleo.state import GUEST, ApaleoState, Reservation

UNITS = 12


class Stay(NamedTuple):
    """A reservation: its arrival in days from today, its nights, and its unit if one is assigned."""

    id: str
    first_name: str
    last_name: str
    status: str
    arrives_in: int
    nights: int
    unit: str | None = None
    services: tuple[str, ...] = ()


STAYS = (
    Stay("INHOUSE1-1", "Ada", "Muster", "InHouse", -1, 3, "MUC-101", ("MUC-BREAKFAST",)),
    Stay("INHOUSE2-1", "Grace", "Beispiel", "InHouse", -2, 4, "MUC-102"),
    Stay("LEAVING1-1", "Alan", "Abreise", "InHouse", -2, 2, "MUC-103"),
    Stay("ARRIVAL1-1", "Emmy", "Anreise", "Confirmed", 0, 2, "MUC-104"),
    Stay("ARRIVAL2-1", "Kurt", "Spaet", "Confirmed", 0, 1),
    Stay("FUTURE01-1", "Lise", "Sommer", "Confirmed", 9, 2),
    Stay("DEPARTD1-1", "Carl", "Gestern", "CheckedOut", -4, 3, "MUC-105"),
    Stay("CANCELD1-1", "Sofia", "Storno", "Canceled", 2, 2),
)
"""The first guest has the telephone number of the suites' guest, the others have numbers that differ in the last digits."""


@stub.world
def furnish(state: ApaleoState) -> None:
    """Add the reservations; the provider state `no reservation` takes them away."""
    state.units = UNITS
    for number, stay in enumerate(STAYS):
        arrival = state.today + timedelta(days=stay.arrives_in)
        guest = {
            **GUEST,
            "firstName": stay.first_name,
            "lastName": stay.last_name,
            "email": f"{stay.first_name}.{stay.last_name}@example.org".lower(),
            "phone": str(GUEST["phone"]) if number == 0 else f"+49301235{number:02}",
        }
        state.reservations[stay.id] = Reservation(
            stay.id,
            arrival,
            arrival + timedelta(days=stay.nights),
            status=stay.status,
            guest=guest,
            booker=dict(guest),
            unit=stay.unit,
            services=list(stay.services),
        )
