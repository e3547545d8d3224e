"""Reservations: reading, booking, changing and cancelling them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from consumer_tests.contract import error_response, expected_error, ok, provider_state
from consumer_tests.interaction import Request
from consumer_tests.mews import connector_request, contract
from consumer_tests.mews.examples import (
    CHANNEL_NUMBER,
    CUSTOMER_ID,
    FIRST_ROW,
    ID,
    RESERVATION,
    SERVICE_ID,
    STAY,
    STAY_BODY,
    done,
    profile_state,
    reservation_state,
)
from orchestrator.vendors.errors import AccessDenied, RateLimited, RequestRejected, VendorUnavailable
from orchestrator.vendors.mews.models import (
    AddedReservation,
    AddedReservationList,
    AddReservationsResponse,
    PriceList,
    Reservation,
    ReservationList,
    ReservationPrice,
)

NO_SHOW = RESERVATION | {"State": "Canceled", "CancellationReason": "NoShow"}
CONFIRMED = RESERVATION | {"State": "Confirmed"}
ADDED = {"Id": ID, "Number": "4711"}
PRICE = {"Identifier": "offer-1", "TotalAmount": {"Currency": "EUR", "GrossValue": 240.0}}
ALL_STATES = ["Inquired", "Requested", "Optional", "Confirmed", "Started", "Processed", "Canceled"]
START, END = datetime(2027, 5, 1, tzinfo=UTC), datetime(2027, 7, 30, tzinfo=UTC)
CHANGE = {name: {"Value": value} for name, value in STAY_BODY.items()}


def get_reservation_request() -> Request:
    """The request for a reservation by its id."""
    return connector_request("reservations/getAll/2023-06-06", ReservationIds=[ID], Limitation=FIRST_ROW)


def list_request(cursor: str | None = None) -> Request:
    """The request for a page of one current reservation."""
    return connector_request(
        "reservations/getAll/2023-06-06",
        CollidingUtc={"StartUtc": "2027-05-01T00:00:00Z", "EndUtc": "2027-07-30T00:00:00Z"},
        ServiceIds=[SERVICE_ID],
        States=["Confirmed", "Started"],
        Limitation={"Count": 1, "Cursor": cursor},
    )


def search_request() -> Request:
    """The request for the reservation that was added with the channel number."""
    return connector_request(
        "reservations/getAll/2023-06-06",
        ChannelNumbers=[CHANNEL_NUMBER],
        States=ALL_STATES,
        Limitation=FIRST_ROW,
    )


def add_request() -> Request:
    """The request that books the stay."""
    stay = {
        **STAY_BODY,
        "State": "Confirmed",
        "CustomerId": CUSTOMER_ID,
        "ChannelNumber": CHANNEL_NUMBER,
    }
    return connector_request(
        "reservations/add",
        ServiceId=SERVICE_ID,
        Reservations=[stay],
        CheckRateApplicability=True,
        CheckOverbooking=True,
        SendConfirmationEmail=False,
    )


def update_request(changes: dict[str, Any] | None = None) -> Request:
    """The request that moves the reservation to the stay, by default with the number of guests."""
    return connector_request(
        "reservations/update",
        ReservationId=ID,
        ReservationUpdates=[{"ReservationId": ID, **(changes or CHANGE)}],
        Reprice=True,
        ApplyCancellationFee=False,
        Reason="as wished",
    )


def cancel_request() -> Request:
    """The request that cancels the reservation."""
    return connector_request(
        "reservations/cancel",
        ReservationIds=[ID],
        Notes="as wished",
        PostCancellationFee=False,
        SendEmail=False,
    )


async def add(client: Any) -> Any:
    """Book the stay."""
    return await client.reservations.add(
        SERVICE_ID, STAY, customer_id=CUSTOMER_ID, channel_number=CHANNEL_NUMBER
    )


async def update(client: Any, *, replace_persons: bool = True) -> Any:
    """Move the reservation to the stay."""
    return await client.reservations.update(ID, STAY, reason="as wished", replace_persons=replace_persons)


contract.add_interaction(
    "a guest in the house",
    given=reservation_state(state="Started"),
    invoke=lambda client: client.reservations.get(ID),
    request=get_reservation_request(),
    response=ok(ReservationList, {"Reservations": [RESERVATION]}),
    returns=Reservation.model_validate(RESERVATION),
)
contract.add_interaction(
    "a guest who did not come",
    given=reservation_state(state="Canceled", reason="NoShow"),
    invoke=lambda client: client.reservations.get(ID),
    request=get_reservation_request(),
    response=ok(ReservationList, {"Reservations": [NO_SHOW]}),
    returns=Reservation.model_validate(NO_SHOW),
)
contract.add_interaction(
    "a reservation that does not exist",
    invoke=lambda client: client.reservations.get(ID),
    request=get_reservation_request(),
    response=ok(ReservationList, {"Reservations": []}),
    returns=None,
)
contract.add_interaction(
    "a reservation with credentials that are not valid",
    given=provider_state("credentials that are not valid"),
    invoke=lambda client: client.reservations.get(ID),
    request=get_reservation_request(),
    response=error_response(401),
    raises=AccessDenied,
)
contract.add_interaction(
    "a reservation while Mews limits the rate",
    given=provider_state("the rate limit reached", retry_after=7),
    invoke=lambda client: client.reservations.get(ID),
    request=get_reservation_request(),
    response=error_response(429, headers={"Retry-After": ("7", r"^\d+$")}),
    raises=expected_error(RateLimited, retry_after=7.0),
)
contract.add_interaction(
    "a reservation while Mews fails",
    given=provider_state("Mews is down", status=500),
    invoke=lambda client: client.reservations.get(ID),
    request=get_reservation_request(),
    response=error_response(500),
    raises=VendorUnavailable,
)
contract.add_interaction(
    "a page of the current reservations",
    given=reservation_state(state="Confirmed"),
    invoke=lambda client: client.reservations.list_current(SERVICE_ID, START, END, count=1),
    request=list_request(),
    response=ok(ReservationList, {"Reservations": [CONFIRMED], "Cursor": ID}),
)
contract.add_interaction(
    "the page after the last reservation",
    given=reservation_state(state="Confirmed"),
    invoke=lambda client: client.reservations.list_current(SERVICE_ID, START, END, count=1, cursor=ID),
    request=list_request(cursor=ID),
    response=ok(ReservationList, {"Reservations": []}),
)
contract.add_interaction(
    "a reservation by its channel number",
    given=reservation_state(state="Confirmed", fields={"ChannelNumber": CHANNEL_NUMBER}),
    invoke=lambda client: client.reservations.find_by_channel_number(CHANNEL_NUMBER),
    request=search_request(),
    response=ok(AddedReservationList, {"Reservations": [ADDED]}),
    returns=AddedReservation.model_validate(ADDED),
)
contract.add_interaction(
    "a channel number without a reservation",
    invoke=lambda client: client.reservations.find_by_channel_number(CHANNEL_NUMBER),
    request=search_request(),
    response=ok(AddedReservationList, {"Reservations": []}),
    returns=None,
)
contract.add_interaction(
    "the price of a stay",
    invoke=lambda client: client.reservations.price(SERVICE_ID, {"offer-1": STAY}),
    request=connector_request(
        "reservations/price", ServiceId=SERVICE_ID, Reservations=[{"Identifier": "offer-1", **STAY_BODY}]
    ),
    response=ok(PriceList, {"ReservationPrices": [PRICE]}),
    returns=[ReservationPrice.model_validate(PRICE)],
)
contract.add_interaction(
    "a stay being booked",
    given=profile_state(),
    invoke=add,
    request=add_request(),
    response=ok(AddReservationsResponse, {"Reservations": [{"Reservation": ADDED}]}),
    returns=AddedReservation.model_validate(ADDED),
)
contract.add_interaction(
    "a stay being booked while no room is left",
    given=(profile_state(), provider_state("rooms to sell", available=0)),
    invoke=add,
    request=add_request(),
    response=error_response(403),
    raises=expected_error(AccessDenied, status=403),
)
contract.add_interaction(
    "a reservation being moved",
    given=reservation_state(state="Confirmed"),
    invoke=update,
    request=update_request(),
    response=done(),
    returns=None,
)
contract.add_interaction(
    "a reservation being moved with the guests that it has",
    given=reservation_state(state="Confirmed"),
    invoke=lambda client: update(client, replace_persons=False),
    request=update_request({name: CHANGE[name] for name in CHANGE if name != "PersonCounts"}),
    response=done(),
    returns=None,
)
contract.add_interaction(
    "a reservation being moved after the departure",
    given=reservation_state(state="Processed"),
    invoke=update,
    request=update_request(),
    response=error_response(403),
    raises=expected_error(AccessDenied, status=403),
)
contract.add_interaction(
    "a reservation being cancelled",
    given=reservation_state(state="Confirmed"),
    invoke=lambda client: client.reservations.cancel(ID, "as wished"),
    request=cancel_request(),
    response=done(),
    returns=None,
)
contract.add_interaction(
    "a guest in the house being cancelled",
    given=reservation_state(state="Started"),
    invoke=lambda client: client.reservations.cancel(ID, "as wished"),
    request=cancel_request(),
    response=error_response(403),
    raises=expected_error(AccessDenied, status=403),
)
contract.add_interaction(
    "a reservation that does not exist being cancelled",
    invoke=lambda client: client.reservations.cancel(ID, "as wished"),
    request=cancel_request(),
    response=error_response(400),
    raises=RequestRejected,
)
