"""Mews's operations on the hotel, its rooms and its availability."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from provider_verification.stubs.sdk import StubRequest, StubResponse, ok
from provider_verification.stubs.vendors.mews import stub
from provider_verification.stubs.vendors.mews.catalogue import (
    AGE_CATEGORIES,
    CATEGORIES,
    RATES,
    ROOMS,
    SERVICES,
)
from provider_verification.stubs.vendors.mews.hooks import invalid_field, mews_error
from provider_verification.stubs.vendors.mews.paging import page_response, select_rows
from provider_verification.stubs.vendors.mews.rows import (
    CHAIN_ID,
    CURRENCY,
    DATES,
    ENTERPRISE_ID,
    SERVICE_ID,
    TIME_ZONE,
    Row,
    fake_guid,
    format_utc,
    instant,
    parse_utc,
)
from provider_verification.stubs.vendors.mews.state import MewsState

MAX_NIGHTS = 367
FIRST_ASSIGNMENT_ID = 0x100
OF_SERVICE = {"ServiceIds": "ServiceId"}


@stub.operation("getConfiguration")
def get_configuration(state: MewsState, _request: StubRequest) -> StubResponse:
    """The hotel that the credentials belong to."""
    enterprise = {
        "Id": ENTERPRISE_ID,
        "ChainId": CHAIN_ID,
        "ChainName": "Example",
        "Name": "Hotel Example",
        "TimeZoneIdentifier": TIME_ZONE.key,
        "DefaultLanguageCode": "de-DE",
        "Pricing": "Gross",
        "Currencies": [{"Currency": CURRENCY, "IsDefault": True, "IsEnabled": True}],
        **DATES,
    }
    return ok({"NowUtc": format_utc(state.now), "Enterprise": enterprise})


@stub.operation("getServices")
def get_services(_state: MewsState, request: StubRequest) -> StubResponse:
    """A page of the services of a kind."""
    kind = request.body.get("ServiceType")
    rows = [row for row in SERVICES if kind in (None, row["Data"]["Discriminator"])]
    return page_response("Services", select_rows(rows, request, {"ServiceIds": "Id"}), request)


@stub.operation("getResourceCategories")
def get_categories(_state: MewsState, request: StubRequest) -> StubResponse:
    """A page of the room types of a service."""
    return _active_rows("ResourceCategories", CATEGORIES, request)


@stub.operation("getRates")
def get_rates(_state: MewsState, request: StubRequest) -> StubResponse:
    """A page of the rates of a service, those included that cannot be booked."""
    return _active_rows("Rates", RATES, request)


@stub.operation("getAgeCategories")
def get_age_categories(_state: MewsState, request: StubRequest) -> StubResponse:
    """A page of the age categories of a service."""
    return _active_rows("AgeCategories", AGE_CATEGORIES, request)


@stub.operation("getAvailability")
def get_availability(state: MewsState, request: StubRequest) -> StubResponse:
    """The rooms that are left in each night, which is named by the midnight with which it begins."""
    body = request.body
    if body["ServiceId"] != SERVICE_ID:
        return mews_error(400, "Invalid ServiceId")
    first, last = parse_utc(body["FirstTimeUnitStartUtc"]), parse_utc(body["LastTimeUnitStartUtc"])
    for name, moment in (("FirstTimeUnitStartUtc", first), ("LastTimeUnitStartUtc", last)):
        # The operation's description: a time that is not the start of a unit is refused.
        if moment.astimezone(TIME_ZONE).time() != time():
            return invalid_field(name, "should be a midnight of the hotel")
    days = _days_between(first, last)
    if not 0 <= days < MAX_NIGHTS:
        return invalid_field(
            "LastTimeUnitStartUtc",
            f"should not be before FirstTimeUnitStartUtc, and less than {MAX_NIGHTS} days after it",
        )
    nights = [first.astimezone(TIME_ZONE).date() + timedelta(days=number) for number in range(days + 1)]
    rows = [
        {
            "CategoryId": category["Id"],
            "Availabilities": state.free_rooms(category["Id"], nights),
            "Adjustments": [0 for _ in nights],
        }
        for category in CATEGORIES
    ]
    return ok({"TimeUnitStartsUtc": [instant(night) for night in nights], "CategoryAvailabilities": rows})


@stub.operation("getResources")
def get_resources(state: MewsState, request: StubRequest) -> StubResponse:
    """A page of the rooms that pass every filter."""
    filters = {"ResourceIds": "Id", "Names": "Name"}
    return page_response("Resources", select_rows(state.resources.values(), request, filters), request)


@stub.operation("getResourceCategoryAssignments")
def get_room_types(_state: MewsState, request: StubRequest) -> StubResponse:
    """A page of the rooms of room types."""
    rows = [
        {
            "Id": fake_guid(FIRST_ASSIGNMENT_ID + number),
            "IsActive": True,
            "ResourceId": room_id,
            "CategoryId": category_id,
            **DATES,
        }
        for number, (room_id, (_, category_id)) in enumerate(ROOMS.items())
    ]
    is_asked = "Active" in request.body.get("ActivityStates", ["Active"])
    selected = select_rows(
        rows if is_asked else [], request, {"ResourceCategoryIds": "CategoryId", "ResourceIds": "ResourceId"}
    )
    return page_response("ResourceCategoryAssignments", selected, request)


def _active_rows(plural: str, rows: list[Row], request: StubRequest) -> StubResponse:
    """A page of the rows of a service; none of the hotel's is deleted."""
    is_asked = "Active" in request.body.get("ActivityStates", ["Active"])
    return page_response(plural, select_rows(rows, request, OF_SERVICE) if is_asked else [], request)


def _days_between(first: datetime, last: datetime) -> int:
    return (last.astimezone(TIME_ZONE).date() - first.astimezone(TIME_ZONE).date()).days
