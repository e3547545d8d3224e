"""The stay: the room, check-in, check-out and what is to be paid."""

from __future__ import annotations

from datetime import UTC, datetime

from consumer_tests.contract import error_response, expected_error, ok, provider_state
from consumer_tests.interaction import Request
from consumer_tests.mews import connector_request, contract
from consumer_tests.mews.examples import (
    CUSTOMER_ID,
    FULL_PAGE,
    ID,
    RESERVATION,
    RESOURCE_ID,
    breakfast_state,
    done,
    reservation_state,
)
from orchestrator.vendors.errors import AccessDenied
from orchestrator.vendors.mews.models import Charge, ChargeList, PaymentList, Reservation, ReservationList

START, END = datetime(2027, 5, 10, 13, tzinfo=UTC), datetime(2027, 5, 12, 10, tzinfo=UTC)
PAST = {"arrival": "2026-05-10", "departure": "2026-05-12"}
FUTURE = {"arrival": "2099-05-10", "departure": "2099-05-12"}
CHARGE = {"Amount": {"Currency": "EUR", "GrossValue": 18.0}}
PAYMENT = {"Amount": {"Currency": "EUR", "GrossValue": -10.0}}
OPEN = {"AccountIds": [CUSTOMER_ID], "AccountingStates": ["Open"], "Limitation": FULL_PAGE}


def assign_request() -> Request:
    """The request that assigns room 101."""
    return connector_request(
        "reservations/update",
        ReservationId=ID,
        ReservationUpdates=[{"ReservationId": ID, "AssignedResourceId": {"Value": RESOURCE_ID}}],
        Reprice=False,
        ApplyCancellationFee=False,
        Reason="as wished",
    )


def process_request() -> Request:
    """The request that checks the guest out."""
    return connector_request(
        "reservations/process", ReservationId=ID, CloseBills=True, AllowOpenBalance=False
    )


contract.add_interaction(
    "the guests of a room in two nights",
    given=reservation_state(state="Started"),
    invoke=lambda client: client.reservations.list_in_rooms(START, END, [RESOURCE_ID]),
    request=connector_request(
        "reservations/getAll/2023-06-06",
        CollidingUtc={"StartUtc": "2027-05-10T13:00:00Z", "EndUtc": "2027-05-12T10:00:00Z"},
        AssignedResourceIds=[RESOURCE_ID],
        States=["Optional", "Confirmed", "Started"],
        Limitation=FULL_PAGE,
    ),
    response=ok(ReservationList, {"Reservations": [RESERVATION]}),
    returns=[Reservation.model_validate(RESERVATION)],
)
contract.add_interaction(
    "a room being assigned",
    given=reservation_state(state="Confirmed"),
    invoke=lambda client: client.reservations.assign_room(ID, RESOURCE_ID, reason="as wished"),
    request=assign_request(),
    response=done(),
    returns=None,
)
contract.add_interaction(
    "a guest being checked in",
    given=reservation_state(state="Confirmed", **PAST),
    invoke=lambda client: client.reservations.start(ID),
    request=connector_request("reservations/start", ReservationId=ID),
    response=done(),
    returns=None,
)
contract.add_interaction(
    "a guest being checked in before the day of arrival",
    given=reservation_state(state="Confirmed", **FUTURE),
    invoke=lambda client: client.reservations.start(ID),
    request=connector_request("reservations/start", ReservationId=ID),
    response=error_response(403),
    raises=expected_error(AccessDenied, status=403),
)
contract.add_interaction(
    "a guest being checked out",
    given=reservation_state(state="Started", **PAST),
    invoke=lambda client: client.reservations.process(ID),
    request=process_request(),
    response=done(),
    returns=None,
)
contract.add_interaction(
    "a guest with an open balance being checked out",
    given=(
        reservation_state(state="Started", **PAST),
        breakfast_state(),
    ),
    invoke=lambda client: client.reservations.process(ID),
    request=process_request(),
    response=error_response(403),
    raises=expected_error(AccessDenied, status=403),
)
contract.add_interaction(
    "what is charged to a guest and not paid",
    given=(reservation_state(state="Started"), breakfast_state()),
    invoke=lambda client: client.accounts.list_open_charges(CUSTOMER_ID),
    request=connector_request("orderItems/getAll", **OPEN),
    response=ok(ChargeList, {"OrderItems": [CHARGE]}),
    returns=[Charge.model_validate(CHARGE)],
)
contract.add_interaction(
    "the payments of a guest",
    given=(reservation_state(state="Started"), provider_state("a payment of a guest", gross=10.0)),
    invoke=lambda client: client.accounts.list_open_payments(CUSTOMER_ID),
    request=connector_request("payments/getAll", **OPEN),
    response=ok(PaymentList, {"Payments": [PAYMENT]}),
    returns=[Charge.model_validate(PAYMENT)],
)
