"""What `make stubs` starts with at Mews: guests in house, arriving, leaving and departed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, NamedTuple

from provider_verification.stubs.vendors.mews import stub
from provider_verification.stubs.vendors.mews.accounts import add_item
from provider_verification.stubs.vendors.mews.catalogue import (
    BREAKFAST_ID,
    ROOM_101_ID,
    ROOM_102_ID,
    SUITE_201_ID,
    SUITE_ID,
)
from provider_verification.stubs.vendors.mews.rows import (
    CATEGORY_ID,
    CHECK_IN,
    CHECK_OUT,
    customer,
    fake_guid,
    instant,
    reservation,
)
from provider_verification.stubs.vendors.mews.state import MewsState

FIRST_RESERVATION, FIRST_CUSTOMER, FIRST_GROUP = 0x2000, 0x3000, 0x4000


class Stay(NamedTuple):
    """A reservation: its arrival in days from today, its nights, and its room if one is assigned."""

    first_name: str
    last_name: str
    state: str
    arrives_in: int
    nights: int
    room: str | None = None


STAYS = (
    Stay("Ada", "Muster", "Started", -1, 3, ROOM_101_ID),
    Stay("Alan", "Abreise", "Started", -2, 2, ROOM_102_ID),
    Stay("Emmy", "Anreise", "Confirmed", 0, 2, SUITE_201_ID),
    Stay("Kurt", "Spaet", "Confirmed", 0, 1),
    Stay("Lise", "Sommer", "Confirmed", 9, 2),
    Stay("Carl", "Gestern", "Processed", -4, 3, ROOM_101_ID),
    Stay("Sofia", "Storno", "Canceled", 2, 2),
)


@stub.world
def furnish(state: MewsState) -> None:
    """Add the guests; the one in house has ordered a breakfast. The provider state `no reservation` takes them away."""
    for number, stay in enumerate(STAYS):
        customer_id = fake_guid(FIRST_CUSTOMER + number)
        state.customers[customer_id] = customer(
            customer_id,
            {
                "FirstName": stay.first_name,
                "LastName": stay.last_name,
                "Email": f"{stay.first_name}.{stay.last_name}@example.org".lower(),
                "Phone": "030 123456" if number == 0 else f"030 12350{number}",
                "LanguageCode": "de-DE",
            },
        )
        row = reservation(
            fake_guid(FIRST_RESERVATION + number),
            customer_id,
            State=stay.state,
            GroupId=fake_guid(FIRST_GROUP + number),
            RequestedResourceCategoryId=SUITE_ID if stay.room == SUITE_201_ID else CATEGORY_ID,
            AssignedResourceId=stay.room,
            **_times(state, stay),
        )
        state.reservations[row["Id"]] = row
    add_item(state, state.new_id(), fake_guid(FIRST_CUSTOMER), BREAKFAST_ID, 1)


@stub.provider_state("no reservation")
def no_reservation(state: MewsState) -> None:
    """The hotel has no reservation, no customer and no order."""
    state.reservations.clear()
    state.customers.clear()
    state.order_items.clear()


def _times(state: MewsState, stay: Stay) -> dict[str, Any]:
    arrival = state.today + timedelta(days=stay.arrives_in)
    departure = arrival + timedelta(days=stay.nights)
    start, end = instant(arrival, CHECK_IN), instant(departure, CHECK_OUT)
    has_come, has_left = stay.state in {"Started", "Processed"}, stay.state == "Processed"
    return {
        "ScheduledStartUtc": start,
        "ScheduledEndUtc": end,
        "ActualStartUtc": start if has_come else None,
        "ActualEndUtc": end if has_left else None,
    }
