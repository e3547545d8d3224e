"""Apaleo's properties, unit groups, units, availability, rate plans and folios."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from provider_verification.stubs.sdk import StubRequest, StubResponse, no_content, ok
from provider_verification.stubs.vendors.apaleo import stub
from provider_verification.stubs.vendors.apaleo.hooks import validation_error
from provider_verification.stubs.vendors.apaleo.paging import page_indexes, page_of, page_response
from provider_verification.stubs.vendors.apaleo.reservations import amount_due
from provider_verification.stubs.vendors.apaleo.state import (
    PROPERTY,
    RATE_PLAN,
    UNIT_GROUP,
    ApaleoState,
    money,
    night_bounds,
    parse_date,
    unit_ref,
)

CREATED_AT = "2020-01-01T10:00:00+01:00"
LOCATION = {"addressLine1": "Example Street 1", "postalCode": "80331", "city": "Munich", "countryCode": "DE"}


@stub.operation("listProperties")
def list_properties(_state: ApaleoState, request: StubRequest) -> StubResponse:
    """All properties: the stub has one."""
    return page_response(request, "properties", [_property()])


@stub.operation("getProperty")
def get_property(_state: ApaleoState, request: StubRequest) -> StubResponse:
    """One property."""
    if request.path_params["id"] != PROPERTY["id"]:
        return StubResponse(404)
    # Apaleo's inventory spec: names are maps by language here, and strings in the list.
    details = {
        "name": {"en": PROPERTY["name"], "de": PROPERTY["name"]},
        "companyName": "Example Hotels",
        "commercialRegisterEntry": "HRB 0",
        "taxId": "DE000000000",
        "paymentTerms": {"en": "On departure"},
    }
    return ok({**_property(), **details})


@stub.operation("listUnitGroups")
def list_unit_groups(state: ApaleoState, request: StubRequest) -> StubResponse:
    """Unit groups of a property: the stub has one."""
    unit_group = {
        **UNIT_GROUP,
        "memberCount": state.units,
        "maxPersons": 2,
        "property": {"id": PROPERTY["id"]},
    }
    return _property_page(request, "unitGroups", [unit_group])


@stub.operation("listUnits")
def list_units(state: ApaleoState, request: StubRequest) -> StubResponse:
    """Units of a property; the stub's belong to one unit group."""
    units = [
        {
            **unit_ref(unit),
            "description": "A room",
            "property": {"id": PROPERTY["id"]},
            "unitGroup": {"id": UNIT_GROUP["id"]},
            "status": {"isOccupied": False, "condition": "Clean"},
            "maxPersons": 2,
            "created": CREATED_AT,
        }
        for unit in state.unit_ids
        if request.query.get("unitGroupId", UNIT_GROUP["id"]) == UNIT_GROUP["id"]
    ]
    return _property_page(request, "units", units)


@stub.operation("availability")
def availability(state: ApaleoState, request: StubRequest) -> StubResponse:
    """Availability per night."""
    first, last = parse_date(request.query["from"]), parse_date(request.query["to"])
    if last < first:
        return validation_error("to should not be before from")
    if request.query["propertyId"] != PROPERTY["id"]:
        return no_content()
    # Both days are included: `to` is the last night, not the day of departure.
    count = (last - first).days + 1
    # Only the nights of the page are computed: the dates may be centuries apart.
    nights = [first + timedelta(days=index) for index in page_indexes(request, count)]
    return page_of("timeSlices", [_night_availability(state, night) for night in nights], count)


@stub.operation("listRatePlans")
def list_rate_plans(_state: ApaleoState, request: StubRequest) -> StubResponse:
    """Rate plans of a property: the stub has one."""
    rate_plan = {
        "id": RATE_PLAN["id"],
        "code": RATE_PLAN["code"],
        "name": RATE_PLAN["name"],
        "description": "Can be cancelled until the day before arrival",
        "minGuaranteeType": "PM6Hold",
        "property": {"id": PROPERTY["id"]},
    }
    return _property_page(request, "ratePlans", [rate_plan])


@stub.operation("listFolios")
def list_folios(state: ApaleoState, request: StubRequest) -> StubResponse:
    """The main guest folio of each reservation; a negative balance is owed by the guest."""
    reservation_ids = request.query.get("reservationIds")
    folios = [
        {
            "id": f"{reservation.id}-1",
            "type": "Guest",
            "balance": money(0.0 - amount_due(reservation)),
            "isMainFolio": True,
            "isEmpty": False,
            "reservation": {"id": reservation.id, "bookingId": reservation.booking_id},
        }
        for reservation in state.reservations.values()
        if reservation_ids is None or reservation.id in reservation_ids
    ]
    return page_response(request, "folios", folios)


def _property_page(request: StubRequest, plural: str, items: list[Any]) -> StubResponse:
    """A page of items that belong to the stub's property; empty for any other property."""
    property_id = request.query.get("propertyId", PROPERTY["id"])
    return page_response(request, plural, items if property_id == PROPERTY["id"] else [])


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


def _night_availability(state: ApaleoState, night: date) -> dict[str, Any]:
    sold = sum(reservation.occupies(night) for reservation in state.reservations.values())
    available = state.units - sold
    counts = {
        "physicalCount": state.units,
        "houseCount": state.units,
        "soldCount": sold,
        "occupancy": round(100 * sold / state.units, 2) if state.units else 0.0,
        # UNCONFIRMED: availableCount may be negative with overbooking, sellableCount may not.
        "sellableCount": max(0, available),
        "allowedOverbookingCount": 0,
    }
    unit_group = {"id": UNIT_GROUP["id"], "type": "BedRoom"}
    return {
        **night_bounds(night),
        "property": counts,
        "unitGroups": [{"unitGroup": unit_group, "availableCount": available, **counts}],
    }
