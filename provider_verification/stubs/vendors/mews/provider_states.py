"""Provider states of the Mews stub. State and parameter names are those of the pacts."""

from __future__ import annotations

from datetime import date
from typing import Any

from provider_verification.stubs.sdk import Count
from provider_verification.stubs.vendors.mews import stub
from provider_verification.stubs.vendors.mews.accounts import add_item
from provider_verification.stubs.vendors.mews.catalogue import BREAKFAST_ID, ROOM_101_ID, ROOM_SERVICE_ID
from provider_verification.stubs.vendors.mews.rows import (
    CHECK_IN,
    CHECK_OUT,
    customer,
    fake_guid,
    instant,
    parse_utc,
    payment,
    reservation,
    resource,
)
from provider_verification.stubs.vendors.mews.state import MewsState

GUEST = {
    "LastName": "Muster",
    "FirstName": "Ada",
    "Email": "ada.muster@example.org",
    "Phone": "030 123456",
    "LanguageCode": "de-DE",
}
CUSTOMER_ID = fake_guid(2)
FIRST_LISTED_ID = 0x100000


@stub.provider_state("a reservation")
def a_reservation(  # noqa: PLR0913 - the parameters of the state
    stub_state: MewsState,
    *,
    id: str,  # noqa: A002 - the parameter's name in the state
    state: str,
    reason: str | None = None,
    guest: dict[str, Any] | None = None,
    room: str | None = "101",
    arrival: str = "2027-05-10",
    departure: str = "2027-05-12",
    fields: dict[str, Any] | None = None,
) -> dict[str, str]:
    """A reservation of a customer, with an assigned room or none; `fields` are further ones of the reservation."""
    stub_state.reservations[id] = reservation(
        id,
        CUSTOMER_ID,
        State=state,
        CancellationReason=reason,
        AssignedResourceId=ROOM_101_ID if room else None,
        ScheduledStartUtc=instant(date.fromisoformat(arrival), CHECK_IN),
        ScheduledEndUtc=instant(date.fromisoformat(departure), CHECK_OUT),
        **(fields or {}),
    )
    stub_state.customers[CUSTOMER_ID] = customer(CUSTOMER_ID, guest or GUEST)
    if room:
        stub_state.resources[ROOM_101_ID] = resource(ROOM_101_ID, room)
    group_id = stub_state.reservations[id]["GroupId"]
    return {"id": id, "customerId": CUSTOMER_ID, "resourceId": ROOM_101_ID, "groupId": group_id}


@stub.provider_state("a guest's profile")
def a_profile(state: MewsState, guest: dict[str, Any] | None = None) -> dict[str, str]:
    """A customer without a reservation."""
    state.customers[CUSTOMER_ID] = customer(CUSTOMER_ID, guest or GUEST)
    return {"customerId": CUSTOMER_ID}


@stub.provider_state("reservations of several guests")
def several_reservations(state: MewsState, count: Count, arrival: str, departure: str) -> dict[str, str]:
    """Confirmed reservations, each of a customer without a phone number; the first has the smallest id."""
    times = {
        "ScheduledStartUtc": instant(date.fromisoformat(arrival), CHECK_IN),
        "ScheduledEndUtc": instant(date.fromisoformat(departure), CHECK_OUT),
    }
    for number in range(count):
        reservation_id = fake_guid(FIRST_LISTED_ID + 2 * number)
        customer_id = fake_guid(FIRST_LISTED_ID + 2 * number + 1)
        state.customers[customer_id] = customer(customer_id, {"LastName": "Beispiel"})
        state.reservations[reservation_id] = reservation(reservation_id, customer_id, **times)
    return {"firstId": fake_guid(FIRST_LISTED_ID)}


@stub.provider_state("rooms to sell")
def rooms_to_sell(state: MewsState, available: Count) -> None:
    """The number of rooms of each type, of which reservations take some."""
    state.rooms = available


@stub.provider_state("a breakfast that a guest ordered")
def ordered_breakfast(state: MewsState, service: str = ROOM_SERVICE_ID, product: str = BREAKFAST_ID) -> None:
    """A product of an additional service that is charged to the customer of the reservation."""
    item_id = add_item(state, state.new_id(), CUSTOMER_ID, product, 1)
    state.order_items[item_id]["ServiceId"] = service


@stub.provider_state("a payment of a guest")
def paid(state: MewsState, gross: float) -> None:
    """A payment of the customer of the reservation."""
    payment_id = state.new_id()
    state.payments[payment_id] = payment(payment_id, CUSTOMER_ID, gross)


@stub.provider_state("the time at the hotel")
def fixed_time(state: MewsState, now: str) -> None:
    """The current time, as Mews writes it."""
    state.fixed_time = parse_utc(now)


@stub.provider_state("credentials that are not valid")
def credentials_rejected(state: MewsState) -> None:
    """Mews rejects the credentials, for instance after the integration was disabled."""
    state.rejects_credentials = True


@stub.provider_state("the rate limit reached")
def rate_limited(state: MewsState, retry_after: int) -> None:
    """Every operation responds with 429 and Retry-After in seconds."""
    state.retry_after = retry_after


@stub.provider_state("Mews is down")
def outage(state: MewsState, status: int) -> None:
    """Every operation responds with this status."""
    state.outage_status = status
