"""The hotel itself: properties, unit groups, availability, rate plans and folios."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from provider_verification.stubs.sdk import StubRequest, StubResponse, no_content, ok
from provider_verification.stubs.vendors.apaleo import stub
from provider_verification.stubs.vendors.apaleo.hooks import validation_error
from provider_verification.stubs.vendors.apaleo.reservations import total_amount
from provider_verification.stubs.vendors.apaleo.state import (
    PROPERTY,
    RATE_PLAN,
    UNIT_GROUP,
    ApaleoState,
    local_timestamp,
    money,
    parse_date,
)

DEFAULT_PAGE = 100
CREATED_AT = "2020-01-01T10:00:00+01:00"
LOCATION = {"addressLine1": "Example Street 1", "postalCode": "80331", "city": "Munich", "countryCode": "DE"}


def page_response(call: StubRequest, plural: str, items: list[Any]) -> StubResponse:
    """A page of items; an empty one is 204."""
    size = call.query.get("pageSize", DEFAULT_PAGE)
    start = (call.query.get("pageNumber", 1) - 1) * size
    page = items[start : start + size]
    return ok({plural: page, "count": len(items)}) if page else no_content()


def _here(call: StubRequest) -> bool:
    return bool(call.query.get("propertyId", PROPERTY["id"]) == PROPERTY["id"])


@stub.operation("listProperties")
def list_properties(_hotel: ApaleoState, call: StubRequest) -> StubResponse:
    """The one hotel there is."""
    return page_response(call, "properties", [_property()])


@stub.operation("getProperty")
def get_property(_hotel: ApaleoState, call: StubRequest) -> StubResponse:
    """With its name in every language, and who runs it."""
    if call.path_params["id"] != PROPERTY["id"]:
        return StubResponse(404)
    more = {
        "name": {"en": PROPERTY["name"], "de": PROPERTY["name"]},
        "companyName": "Example Hotels",
        "commercialRegisterEntry": "HRB 0",
        "taxId": "DE000000000",
        "paymentTerms": {"en": "On departure"},
    }
    return ok({**_property(), **more})


def _property() -> dict[str, Any]:
    return {
        "id": PROPERTY["id"],
        "code": PROPERTY["code"],
        "name": PROPERTY["name"],
        "timeZone": "Europe/Berlin",
        "currencyCode": "EUR",
        "created": CREATED_AT,
        "isTemplate": False,
        "location": LOCATION,
    }


@stub.operation("listUnitGroups")
def list_unit_groups(hotel: ApaleoState, call: StubRequest) -> StubResponse:
    """The one kind of room there is."""
    group = {**UNIT_GROUP, "memberCount": hotel.units, "maxPersons": 2, "property": {"id": PROPERTY["id"]}}
    return page_response(call, "unitGroups", [group] if _here(call) else [])


@stub.operation("availability")
def availability(hotel: ApaleoState, call: StubRequest) -> StubResponse:
    """By night, from the first to the last day, both included."""
    first, last = parse_date(call.query["from"]), parse_date(call.query["to"])
    if last < first:
        return validation_error("to should not be before from")
    nights = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    return page_response(
        call, "timeSlices", [_night(hotel, night) for night in nights] if _here(call) else []
    )


def _night(hotel: ApaleoState, night: date) -> dict[str, Any]:
    sold = sum(stay.covers(night) for stay in hotel.reservations.values())
    free = hotel.units - sold
    counts = {
        "physicalCount": hotel.units,
        "houseCount": hotel.units,
        "soldCount": sold,
        "occupancy": round(100 * sold / hotel.units, 2) if hotel.units else 0.0,
        "sellableCount": max(0, free),
        "allowedOverbookingCount": 0,
    }
    group = {"id": UNIT_GROUP["id"], "type": "BedRoom"}
    return {
        "from": local_timestamp(night, 15),
        "to": local_timestamp(night + timedelta(days=1), 11),
        "property": counts,
        "unitGroups": [{"unitGroup": group, "availableCount": free, **counts}],
    }


@stub.operation("listRatePlans")
def list_rate_plans(_hotel: ApaleoState, call: StubRequest) -> StubResponse:
    """The one rate plan there is."""
    plan = {
        "id": RATE_PLAN["id"],
        "code": RATE_PLAN["code"],
        "name": RATE_PLAN["name"],
        "description": "Can be cancelled until the day before arrival",
        "minGuaranteeType": "PM6Hold",
        "property": {"id": PROPERTY["id"]},
    }
    return page_response(call, "ratePlans", [plan] if _here(call) else [])


@stub.operation("listFolios")
def list_folios(hotel: ApaleoState, call: StubRequest) -> StubResponse:
    """The guest's main folio of each reservation; what is owed is negative."""
    wanted = call.query.get("reservationIds")
    found = [
        {
            "id": f"{stay.id}-1",
            "type": "Guest",
            "balance": money(-total_amount(stay)),
            "isMainFolio": True,
            "isEmpty": False,
            "reservation": {"id": stay.id, "bookingId": stay.booking_id},
        }
        for stay in hotel.reservations.values()
        if wanted is None or stay.id in wanted
    ]
    return page_response(call, "folios", found)


@stub.operation("getBooking")
def get_booking(hotel: ApaleoState, call: StubRequest) -> StubResponse:
    """With its reservations when they are asked for."""
    stays = [stay for stay in hotel.reservations.values() if stay.booking_id == call.path_params["id"]]
    if not stays:
        return StubResponse(404)
    shown = {
        "id": call.path_params["id"],
        "created": CREATED_AT,
        "modified": CREATED_AT,
        "booker": stays[0].booker,
    }
    return ok(shown)


@stub.operation("listBookings")
def list_bookings(hotel: ApaleoState, call: StubRequest) -> StubResponse:
    """Those that a reservation belongs to, or that a text is found in."""
    text, wanted = call.query.get("textSearch", "").lower(), call.query.get("reservationId")
    found = {
        stay.booking_id: {
            "id": stay.booking_id,
            "created": CREATED_AT,
            "modified": CREATED_AT,
            "booker": stay.booker,
        }
        for stay in hotel.reservations.values()
        if wanted in {None, stay.id} and text in f"{stay.booking_id} {stay.booker['lastName']}".lower()
    }
    return page_response(call, "bookings", list(found.values()))
