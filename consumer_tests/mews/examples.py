"""Values that several expectations of Mews share."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from consumer_tests.contract import provider_state
from consumer_tests.interaction import ProviderState, Response
from orchestrator.vendors.mews.reservations import Stay

ID = "5f0a1c2e-0000-4000-8000-000000000001"
CUSTOMER_ID = "5f0a1c2e-0000-4000-8000-000000000002"
RESOURCE_ID = "5f0a1c2e-0000-4000-8000-000000000003"
ENTERPRISE_ID = "5f0a1c2e-0000-4000-8000-000000000004"
GROUP_ID = "5f0a1c2e-0000-4000-8000-000000000005"
SERVICE_ID = "5f0a1c2e-0000-4000-8000-000000000012"
RATE_ID = "5f0a1c2e-0000-4000-8000-000000000013"
CATEGORY_ID = "5f0a1c2e-0000-4000-8000-000000000014"
ADULTS_ID = "5f0a1c2e-0000-4000-8000-000000000015"
ROOM_SERVICE_ID = "5f0a1c2e-0000-4000-8000-000000000017"
BREAKFAST_ID = "5f0a1c2e-0000-4000-8000-00000000001d"
UNKNOWN_ID = "5f0a1c2e-0000-4000-8000-0000000000ff"
GUEST = {
    "LastName": "Muster",
    "FirstName": "Ada",
    "Email": "ada.muster@example.org",
    "Phone": "030 123456",
    "LanguageCode": "de-DE",
}
CUSTOMER = {"Id": CUSTOMER_ID, **GUEST}
CHANNEL_NUMBER = "0123456789abcdef0123456789abcdef"
FIRST_ROW = {"Count": 1, "Cursor": None}
FULL_PAGE = {"Count": 1000, "Cursor": None}
RESERVATION: dict[str, Any] = {
    "Id": ID,
    "GroupId": GROUP_ID,
    "AccountId": CUSTOMER_ID,
    "RateId": RATE_ID,
    "RequestedResourceCategoryId": CATEGORY_ID,
    "State": "Started",
    "ScheduledStartUtc": "2027-05-10T13:00:00Z",
    "ScheduledEndUtc": "2027-05-12T10:00:00Z",
    "PersonCounts": [{"Count": 2}],
    "AssignedResourceId": RESOURCE_ID,
}
STAY = Stay(
    rate_id=RATE_ID,
    category_id=CATEGORY_ID,
    start=datetime(2027, 5, 10, 13, tzinfo=UTC),
    end=datetime(2027, 5, 12, 10, tzinfo=UTC),
    age_category_id=ADULTS_ID,
    persons=2,
)
STAY_BODY = {
    "RateId": RATE_ID,
    "RequestedCategoryId": CATEGORY_ID,
    "StartUtc": "2027-05-10T13:00:00Z",
    "EndUtc": "2027-05-12T10:00:00Z",
    "PersonCounts": [{"AgeCategoryId": ADULTS_ID, "Count": 2}],
}


def done() -> Response:
    """A success with a JSON body that the client does not read."""
    return Response(200, headers={"Content-Type": ("application/json", r"^application/json")})


def reservation_state(**params: Any) -> ProviderState:
    """A reservation of a guest in room 101; the vendor chooses the ids."""
    sold = {"RateId": RATE_ID, "RequestedResourceCategoryId": CATEGORY_ID, **params.pop("fields", {})}
    state = provider_state("a reservation", id=ID, guest=GUEST, room="101", fields=sold, **params)
    return state.providing(customerId=CUSTOMER_ID, resourceId=RESOURCE_ID, groupId=GROUP_ID)


def breakfast_state() -> ProviderState:
    """A breakfast that the guest of the reservation ordered."""
    return provider_state("a breakfast that a guest ordered", service=ROOM_SERVICE_ID, product=BREAKFAST_ID)


def profile_state() -> ProviderState:
    """A guest's profile; the vendor chooses its id."""
    return provider_state("a guest's profile", guest=GUEST).providing(customerId=CUSTOMER_ID)
