"""The hotel: what it sells, and how much of it is left."""

from __future__ import annotations

from datetime import UTC, datetime

from consumer_tests.contract import ok, provider_state
from consumer_tests.interaction import Request
from consumer_tests.mews import connector_request, contract
from consumer_tests.mews.examples import (
    ADULTS_ID,
    CATEGORY_ID,
    ENTERPRISE_ID,
    FULL_PAGE,
    RATE_ID,
    RESOURCE_ID,
    SERVICE_ID,
    reservation_state,
)
from consumer_tests.value_markers import exactly
from orchestrator.vendors.mews.hotel_models import (
    AgeCategory,
    AgeCategoryList,
    Availability,
    CategoryAvailability,
    Configuration,
    Rate,
    RateList,
    Resource,
    ResourceCategory,
    ResourceCategoryAssignment,
    ResourceCategoryAssignmentList,
    ResourceCategoryList,
    ResourceList,
    Service,
    ServiceList,
)

ENTERPRISE = {"Id": ENTERPRISE_ID, "TimeZoneIdentifier": "Europe/Berlin", "DefaultLanguageCode": "de-DE"}
SERVICE = {
    "Id": SERVICE_ID,
    "IsActive": True,
    "Data": {
        "Value": {"StartOffset": "P0M0DT15H0M0S", "EndOffset": "P0M0DT12H0M0S", "TimeUnitPeriod": "Day"}
    },
}
CATEGORY = {"Id": CATEGORY_ID, "Names": {"de-DE": "Doppelzimmer"}, "Capacity": 2}
RATE = {"Id": RATE_ID, "IsEnabled": True, "IsPublic": True}
AGE_CATEGORY = {"Id": ADULTS_ID, "Classification": "Adult"}
AVAILABILITY = {"CategoryId": CATEGORY_ID, "Availabilities": [4, 4]}
SOLD_OUT = {"CategoryId": CATEGORY_ID, "Availabilities": [exactly(0), exactly(0)]}
RESOURCE = {"Id": RESOURCE_ID, "Name": "101", "State": exactly("Inspected")}
FIRST_NIGHT, LAST_NIGHT = datetime(2027, 5, 9, 22, tzinfo=UTC), datetime(2027, 5, 10, 22, tzinfo=UTC)
OF_SERVICE = {"ServiceIds": [SERVICE_ID], "ActivityStates": ["Active"], "Limitation": FULL_PAGE}


def availability_request() -> Request:
    """The request for two nights, which are named by the midnights with which they begin."""
    return connector_request(
        "services/getAvailability",
        ServiceId=SERVICE_ID,
        FirstTimeUnitStartUtc="2027-05-09T22:00:00Z",
        LastTimeUnitStartUtc="2027-05-10T22:00:00Z",
    )


contract.add_interaction(
    "the hotel of the credentials",
    invoke=lambda client: client.hotel.get_configuration(),
    request=connector_request("configuration/get"),
    response=ok(Configuration, {"Enterprise": ENTERPRISE}),
)
contract.add_interaction(
    "the services that are booked for a time",
    invoke=lambda client: client.hotel.list_bookable_services(),
    request=connector_request("services/getAll", ServiceType="Bookable", Limitation=FULL_PAGE),
    response=ok(ServiceList, {"Services": [SERVICE]}),
    returns=[Service.model_validate(SERVICE)],
)
contract.add_interaction(
    "the room types",
    invoke=lambda client: client.hotel.list_categories(SERVICE_ID),
    request=connector_request("resourceCategories/getAll", **OF_SERVICE),
    response=ok(ResourceCategoryList, {"ResourceCategories": [CATEGORY]}),
    returns=[ResourceCategory.model_validate(CATEGORY)],
)
contract.add_interaction(
    "the rates",
    invoke=lambda client: client.hotel.list_rates(SERVICE_ID),
    request=connector_request("rates/getAll", **OF_SERVICE),
    response=ok(RateList, {"Rates": [RATE]}),
    returns=[Rate.model_validate(RATE)],
)
contract.add_interaction(
    "the age categories",
    invoke=lambda client: client.hotel.list_age_categories(SERVICE_ID),
    request=connector_request("ageCategories/getAll", **OF_SERVICE),
    response=ok(AgeCategoryList, {"AgeCategories": [AGE_CATEGORY]}),
    returns=[AgeCategory.model_validate(AGE_CATEGORY)],
)
contract.add_interaction(
    "the rooms that are left in two nights",
    invoke=lambda client: client.hotel.get_availability(SERVICE_ID, FIRST_NIGHT, LAST_NIGHT),
    request=availability_request(),
    response=ok(Availability, {"CategoryAvailabilities": [AVAILABILITY]}),
    returns=[CategoryAvailability.model_validate(AVAILABILITY)],
)
contract.add_interaction(
    "two nights in which no room is left",
    given=provider_state("rooms to sell", available=0),
    invoke=lambda client: client.hotel.get_availability(SERVICE_ID, FIRST_NIGHT, LAST_NIGHT),
    request=availability_request(),
    response=ok(Availability, {"CategoryAvailabilities": [SOLD_OUT]}),
    returns=[CategoryAvailability.model_validate(SOLD_OUT)],
)
contract.add_interaction(
    "a room",
    given=reservation_state(state="Started"),
    invoke=lambda client: client.hotel.list_resources([RESOURCE_ID]),
    request=connector_request(
        "resources/getAll", ResourceIds=[RESOURCE_ID], Extent={"Resources": True}, Limitation=FULL_PAGE
    ),
    response=ok(ResourceList, {"Resources": [RESOURCE]}),
    returns=[Resource.model_validate(RESOURCE)],
)
contract.add_interaction(
    "the rooms of a type",
    invoke=lambda client: client.hotel.list_room_assignments(CATEGORY_ID),
    request=connector_request(
        "resourceCategoryAssignments/getAll",
        ResourceCategoryIds=[CATEGORY_ID],
        ActivityStates=["Active"],
        Limitation=FULL_PAGE,
    ),
    response=ok(
        ResourceCategoryAssignmentList, {"ResourceCategoryAssignments": [{"ResourceId": RESOURCE_ID}]}
    ),
    returns=[ResourceCategoryAssignment(resource_id=RESOURCE_ID)],
)
