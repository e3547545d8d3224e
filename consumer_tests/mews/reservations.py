"""A guest's stay, read in four calls, and cancelled."""

from __future__ import annotations

from typing import Any

from consumer_tests.contract import failure, ok, refused, state
from consumer_tests.expectation import Request
from consumer_tests.mews import contract, mews
from orchestrator.vendors.errors import RateLimited, Rejected, Unauthorised, VendorUnavailable
from orchestrator.vendors.mews.models import (
    Cancelled,
    Configuration,
    Customer,
    CustomerList,
    Reservation,
    ReservationList,
    Resource,
    ResourceList,
)

ID = "5f0a1c2e-0000-4000-8000-000000000001"
GUEST = "5f0a1c2e-0000-4000-8000-000000000002"
ROOM = "5f0a1c2e-0000-4000-8000-000000000003"
HOTEL = "5f0a1c2e-0000-4000-8000-000000000004"
RESERVATION: dict[str, Any] = {
    "Id": ID,
    "Number": "4711",
    "GroupId": "5f0a1c2e-0000-4000-8000-000000000005",
    "AccountId": GUEST,
    "State": "Started",
    "ScheduledStartUtc": "2027-05-10T13:00:00Z",
    "ScheduledEndUtc": "2027-05-12T10:00:00Z",
    "PersonCounts": [{"Count": 2}],
    "AssignedResourceId": ROOM,
}
NO_SHOW = RESERVATION | {"State": "Canceled", "CancellationReason": "NoShow"}
PERSON = {
    "Id": GUEST,
    "LastName": "Muster",
    "FirstName": "Ada",
    "Email": "ada.muster@example.org",
    "Phone": "030 123456",
    "LanguageCode": "de-DE",
}
PLACE = {"Id": ROOM, "Name": "101"}
ONE = {"Count": 1}


def the_reservation() -> Request:
    """The look-up by id."""
    return mews("reservations/getAll/2023-06-06", ReservationIds=[ID], Limitation=ONE)


def cancelling() -> Request:
    """The cancellation."""
    return mews(
        "reservations/cancel",
        ReservationIds=[ID],
        Notes="as wished",
        PostCancellationFee=False,
        SendEmail=False,
    )


contract.expect(
    "the hotel of the credentials",
    call=lambda client: client.configuration(),
    request=mews("configuration/get"),
    response=ok(Configuration, {"Enterprise": {"Id": HOTEL, "TimeZoneIdentifier": "Europe/Berlin"}}),
)
contract.expect(
    "the hotel of credentials that are not valid",
    given=state("credentials that are not valid"),
    call=lambda client: client.configuration(),
    request=mews("configuration/get"),
    response=refused(401),
    raises=Unauthorised,
)
contract.expect(
    "a guest in the house",
    given=state("a reservation", id=ID, state="Started"),
    call=lambda client: client.reservation(ID),
    request=the_reservation(),
    response=ok(ReservationList, {"Reservations": [RESERVATION]}),
    returns=Reservation.model_validate(RESERVATION),
)
contract.expect(
    "a guest who did not come",
    given=state("a reservation", id=ID, state="Canceled", reason="NoShow"),
    call=lambda client: client.reservation(ID),
    request=the_reservation(),
    response=ok(ReservationList, {"Reservations": [NO_SHOW]}),
    returns=Reservation.model_validate(NO_SHOW),
)
contract.expect(
    "a reservation that does not exist",
    call=lambda client: client.reservation(ID),
    request=the_reservation(),
    response=ok(ReservationList, {"Reservations": []}),
    returns=None,
)
contract.expect(
    "a reservation while Mews limits the rate",
    given=state("the rate limit reached", retry_after=7),
    call=lambda client: client.reservation(ID),
    request=the_reservation(),
    response=refused(429, headers={"Retry-After": ("7", r"^\d+$")}),
    raises=failure(RateLimited, retry_after=7.0),
)
contract.expect(
    "a reservation while Mews fails",
    given=state("Mews is down", status=500),
    call=lambda client: client.reservation(ID),
    request=the_reservation(),
    response=refused(500),
    raises=VendorUnavailable,
)
contract.expect(
    "a guest's profile",
    given=state("a reservation", id=ID, state="Started"),
    call=lambda client: client.customer(GUEST),
    request=mews(
        "customers/getAll",
        CustomerIds=[GUEST],
        Extent={"Customers": True, "Addresses": False},
        Limitation=ONE,
    ),
    response=ok(CustomerList, {"Customers": [PERSON]}),
    returns=Customer.model_validate(PERSON),
)
contract.expect(
    "a room",
    given=state("a reservation", id=ID, state="Started"),
    call=lambda client: client.resource(ROOM),
    request=mews("resources/getAll", ResourceIds=[ROOM], Extent={"Resources": True}, Limitation=ONE),
    response=ok(ResourceList, {"Resources": [PLACE]}),
    returns=Resource.model_validate(PLACE),
)
contract.expect(
    "a reservation being cancelled",
    given=state("a reservation", id=ID, state="Confirmed"),
    call=lambda client: client.cancel(ID, "as wished"),
    request=cancelling(),
    response=ok(Cancelled, {"ReservationIds": [ID]}),
)
contract.expect(
    "a guest in the house being cancelled",
    given=state("a reservation", id=ID, state="Started"),
    call=lambda client: client.cancel(ID, "as wished"),
    request=cancelling(),
    response=refused(403),
    raises=failure(Unauthorised, status=403),
)
contract.expect(
    "a reservation that does not exist being cancelled",
    call=lambda client: client.cancel(ID, "as wished"),
    request=cancelling(),
    response=refused(400),
    raises=Rejected,
)
