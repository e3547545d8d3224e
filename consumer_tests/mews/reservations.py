"""Reservations, which take four requests to read, and their cancellation."""

from __future__ import annotations

from typing import Any

from consumer_tests.contract import error_response, expected_error, ok, provider_state
from consumer_tests.interaction import ProviderState, Request
from consumer_tests.mews import connector_request, contract
from orchestrator.vendors.errors import AccessDenied, RateLimited, RequestRejected, VendorUnavailable
from orchestrator.vendors.mews.models import (
    CancelReservationsResponse,
    Configuration,
    Customer,
    CustomerList,
    Reservation,
    ReservationList,
    Resource,
    ResourceList,
)

ID = "5f0a1c2e-0000-4000-8000-000000000001"
CUSTOMER_ID = "5f0a1c2e-0000-4000-8000-000000000002"
RESOURCE_ID = "5f0a1c2e-0000-4000-8000-000000000003"
ENTERPRISE_ID = "5f0a1c2e-0000-4000-8000-000000000004"
GROUP_ID = "5f0a1c2e-0000-4000-8000-000000000005"
RESERVATION: dict[str, Any] = {
    "Id": ID,
    "Number": "4711",
    "GroupId": GROUP_ID,
    "AccountId": CUSTOMER_ID,
    "State": "Started",
    "ScheduledStartUtc": "2027-05-10T13:00:00Z",
    "ScheduledEndUtc": "2027-05-12T10:00:00Z",
    "PersonCounts": [{"Count": 2}],
    "AssignedResourceId": RESOURCE_ID,
}
NO_SHOW = RESERVATION | {"State": "Canceled", "CancellationReason": "NoShow"}
GUEST = {
    "LastName": "Muster",
    "FirstName": "Ada",
    "Email": "ada.muster@example.org",
    "Phone": "030 123456",
    "LanguageCode": "de-DE",
}
CUSTOMER = {"Id": CUSTOMER_ID, **GUEST}
RESOURCE = {"Id": RESOURCE_ID, "Name": "101"}
SINGLE_RESULT_PAGE = {"Count": 1}


def reservation_state(**params: str) -> ProviderState:
    """A reservation of a guest in room 101; the vendor chooses the ids."""
    state = provider_state("a reservation", id=ID, guest=GUEST, room="101", **params)
    return state.providing(customerId=CUSTOMER_ID, resourceId=RESOURCE_ID, groupId=GROUP_ID)


def get_reservation_request() -> Request:
    """The request for a reservation by its id."""
    return connector_request(
        "reservations/getAll/2023-06-06", ReservationIds=[ID], Limitation=SINGLE_RESULT_PAGE
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


contract.add_interaction(
    "the hotel of the credentials",
    invoke=lambda client: client.get_configuration(),
    request=connector_request("configuration/get"),
    response=ok(Configuration, {"Enterprise": {"Id": ENTERPRISE_ID, "TimeZoneIdentifier": "Europe/Berlin"}}),
)
contract.add_interaction(
    "the hotel of credentials that are not valid",
    given=provider_state("credentials that are not valid"),
    invoke=lambda client: client.get_configuration(),
    request=connector_request("configuration/get"),
    response=error_response(401),
    raises=AccessDenied,
)
contract.add_interaction(
    "a guest in the house",
    given=reservation_state(state="Started"),
    invoke=lambda client: client.get_reservation(ID),
    request=get_reservation_request(),
    response=ok(ReservationList, {"Reservations": [RESERVATION]}),
    returns=Reservation.model_validate(RESERVATION),
)
contract.add_interaction(
    "a guest who did not come",
    given=reservation_state(state="Canceled", reason="NoShow"),
    invoke=lambda client: client.get_reservation(ID),
    request=get_reservation_request(),
    response=ok(ReservationList, {"Reservations": [NO_SHOW]}),
    returns=Reservation.model_validate(NO_SHOW),
)
contract.add_interaction(
    "a reservation that does not exist",
    invoke=lambda client: client.get_reservation(ID),
    request=get_reservation_request(),
    response=ok(ReservationList, {"Reservations": []}),
    returns=None,
)
contract.add_interaction(
    "a reservation while Mews limits the rate",
    given=provider_state("the rate limit reached", retry_after=7),
    invoke=lambda client: client.get_reservation(ID),
    request=get_reservation_request(),
    response=error_response(429, headers={"Retry-After": ("7", r"^\d+$")}),
    raises=expected_error(RateLimited, retry_after=7.0),
)
contract.add_interaction(
    "a reservation while Mews fails",
    given=provider_state("Mews is down", status=500),
    invoke=lambda client: client.get_reservation(ID),
    request=get_reservation_request(),
    response=error_response(500),
    raises=VendorUnavailable,
)
contract.add_interaction(
    "a guest's profile",
    given=reservation_state(state="Started"),
    invoke=lambda client: client.get_customer(CUSTOMER_ID),
    request=connector_request(
        "customers/getAll",
        CustomerIds=[CUSTOMER_ID],
        Extent={"Customers": True, "Addresses": False},
        Limitation=SINGLE_RESULT_PAGE,
    ),
    response=ok(CustomerList, {"Customers": [CUSTOMER]}),
    returns=Customer.model_validate(CUSTOMER),
)
contract.add_interaction(
    "a room",
    given=reservation_state(state="Started"),
    invoke=lambda client: client.get_resource(RESOURCE_ID),
    request=connector_request(
        "resources/getAll",
        ResourceIds=[RESOURCE_ID],
        Extent={"Resources": True},
        Limitation=SINGLE_RESULT_PAGE,
    ),
    response=ok(ResourceList, {"Resources": [RESOURCE]}),
    returns=Resource.model_validate(RESOURCE),
)
contract.add_interaction(
    "a reservation being cancelled",
    given=reservation_state(state="Confirmed"),
    invoke=lambda client: client.cancel_reservation(ID, "as wished"),
    request=cancel_request(),
    response=ok(CancelReservationsResponse, {"ReservationIds": [ID]}),
)
contract.add_interaction(
    "a guest in the house being cancelled",
    given=reservation_state(state="Started"),
    invoke=lambda client: client.cancel_reservation(ID, "as wished"),
    request=cancel_request(),
    response=error_response(403),
    raises=expected_error(AccessDenied, status=403),
)
contract.add_interaction(
    "a reservation that does not exist being cancelled",
    invoke=lambda client: client.cancel_reservation(ID, "as wished"),
    request=cancel_request(),
    response=error_response(400),
    raises=RequestRejected,
)
