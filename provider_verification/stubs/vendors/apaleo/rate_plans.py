"""Apaleo's rate plans, their rates, and the availability of what they sell.

No official description of these APIs is at hand: paths and query parameters come from an index of them, fields from
third-party clients (apaleo-php, Apaleo's n8n node). Fields that only those name are UNCONFIRMED.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from provider_verification.stubs.sdk import RequestRejected, StubRequest, StubResponse, no_content, ok
from provider_verification.stubs.vendors.apaleo import stub
from provider_verification.stubs.vendors.apaleo.dates import (
    MAX_STAY_YEARS,
    is_too_long,
    night_bounds,
    parse_date,
)
from provider_verification.stubs.vendors.apaleo.filters import matches_filters, warn_of_unknown_values
from provider_verification.stubs.vendors.apaleo.inventory import in_languages
from provider_verification.stubs.vendors.apaleo.paging import page_indexes, page_of, page_response
from provider_verification.stubs.vendors.apaleo.state import (
    CHANNELS,
    MAX_PERSONS,
    NIGHTLY_RATE,
    PROPERTY,
    RATE_PLAN,
    TIME_SLICE_DEFINITION,
    TIME_SLICE_TEMPLATE,
    UNIT_GROUP,
    UNIT_GROUP_TYPE,
    ApaleoState,
    money,
)

DESCRIPTION = "Can be cancelled until the day before arrival"
REFERENCES = {"property": PROPERTY, "unitGroup": {**UNIT_GROUP, "type": UNIT_GROUP_TYPE}}
EXPANDABLE = (
    *REFERENCES,
    "cancellationPolicy",
    # The stub's rate plan has none of these.
    "services",
    "bookingPeriods",
    "surcharges",
    "ageCategories",
)
FILTERS = {
    "propertyId": PROPERTY["id"],
    "unitGroupIds": UNIT_GROUP["id"],
    "unitGroupTypes": UNIT_GROUP_TYPE,
    "ratePlanCodes": RATE_PLAN["code"],
    "channelCodes": CHANNELS,
    "timeSliceTemplate": TIME_SLICE_TEMPLATE,
    "timeSliceDefinitionIds": TIME_SLICE_DEFINITION,
    "minGuaranteeTypes": "PM6Hold",
    "cancellationPolicyIds": "MUC-FLEX",
    "noShowPolicyIds": "MUC-NOSHOW",
    "isDerived": False,
    "includeArchived": frozenset({True, False}),
    # The stub's rate plan is public, includes no service and is derived from no other.
    "promoCodes": None,
    "companyIds": None,
    "baseRatePlanIds": None,
    "includedServiceIds": None,
}


@stub.operation("listRatePlans")
def list_rate_plans(_state: ApaleoState, request: StubRequest) -> StubResponse:
    """The rate plans that pass every filter: the stub has one."""
    rate_plans = [_rate_plan(request)] if matches_filters(request.query, FILTERS) else []
    return _warn(page_response(request, "ratePlans", rate_plans), request)


@stub.operation("countRatePlans")
def count_rate_plans(_state: ApaleoState, request: StubRequest) -> StubResponse:
    """The number of rate plans that pass every filter."""
    return ok({"count": int(matches_filters(request.query, FILTERS))})


@stub.operation("getRatePlan")
def get_rate_plan(_state: ApaleoState, request: StubRequest) -> StubResponse:
    """One rate plan, whose name and description are maps by language."""
    if request.path_params["id"] != RATE_PLAN["id"]:
        return StubResponse(404)
    texts = {
        "name": in_languages(request, {"en": "Flexible", "de": "Flexibel"}),
        "description": in_languages(
            request, {"en": DESCRIPTION, "de": "Bis zum Tag vor der Anreise stornierbar"}
        ),
    }
    return _warn(ok({**_rate_plan(request), **texts}), request)


def _warn(response: StubResponse, request: StubRequest) -> StubResponse:
    return warn_of_unknown_values(response, request, "expand", EXPANDABLE)


def _rate_plan(request: StubRequest) -> dict[str, Any]:
    expand = request.query.get("expand", [])
    policy = {"id": "MUC-FLEX"}
    references = {
        name: value if name in expand else {"id": value["id"]} for name, value in REFERENCES.items()
    }
    return {
        "id": RATE_PLAN["id"],
        "code": RATE_PLAN["code"],
        "name": RATE_PLAN["name"],
        "description": DESCRIPTION,
        "minGuaranteeType": "PM6Hold",
        **references,
        "cancellationPolicy": policy | {"code": "FLEX", "name": "Flex"}
        if "cancellationPolicy" in expand
        else policy,
        "channelCodes": sorted(CHANNELS),
        "isBookable": True,
        "isSubjectToCityTax": RATE_PLAN["isSubjectToCityTax"],
        "isDerived": False,
    }


@stub.operation("listRates")
def list_rates(_state: ApaleoState, request: StubRequest) -> StubResponse:
    """The rate of each night; unlike the last day of an availability, `to` is excluded."""
    if request.path_params["id"] != RATE_PLAN["id"]:
        return StubResponse(404)
    first, last = parse_date(request.query["from"]), parse_date(request.query["to"])
    problem = _interval_error(first, last, minimum=timedelta(days=1))
    if problem:
        raise RequestRejected("invalid", problem)
    count = (last - first).days
    return page_of("rates", [_rate(night) for night in _page_of_nights(request, first, count)], count)


def _rate(night: date) -> dict[str, Any]:
    return {
        **night_bounds(night),
        "price": money(NIGHTLY_RATE),
        "calculatedPrices": [
            {"adults": adults, "price": money(NIGHTLY_RATE)} for adults in range(1, MAX_PERSONS + 1)
        ],
        "restrictions": {"closed": False, "closedOnArrival": False, "closedOnDeparture": False},
    }


@stub.operation("availability")
def availability(state: ApaleoState, request: StubRequest) -> StubResponse:
    """Availability per night; UNCONFIRMED: how long an interval Apaleo allows, and 404 for an unknown property."""
    first, last = parse_date(request.query["from"]), parse_date(request.query["to"])
    problem = _interval_error(first, last)
    if problem:
        raise RequestRejected("invalid", problem)
    if request.query["propertyId"] != PROPERTY["id"]:
        return StubResponse(404)
    if request.query.get("timeSliceTemplate", TIME_SLICE_TEMPLATE) != TIME_SLICE_TEMPLATE:
        return no_content()
    # Both days are included: `to` is the last night, not the day of departure.
    count = (last - first).days + 1
    nights = _page_of_nights(request, first, count)
    sold = state.occupied_units(nights[0], nights[-1] + timedelta(days=1)) if nights else []
    slices = [_night_availability(state, request, *pair) for pair in zip(nights, sold, strict=True)]
    return page_of("timeSlices", slices, count)


def _interval_error(first: date, last: date, minimum: timedelta = timedelta(0)) -> str | None:
    """Why two dates form no interval of nights, or None; the longest one is that of a stay in the booking spec."""
    if last - first < minimum:
        return "to should not be before from" if not minimum else "to should be after from"
    if is_too_long(first, last):
        return f"to should be at most {MAX_STAY_YEARS} years after from"
    return None


def _page_of_nights(request: StubRequest, first: date, count: int) -> list[date]:
    """The nights of the requested page only: an interval may have thousands."""
    return [first + timedelta(days=index) for index in page_indexes(request, count)]


def _night_availability(state: ApaleoState, request: StubRequest, night: date, sold: int) -> dict[str, Any]:
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
    unit_group = {"id": UNIT_GROUP["id"], "type": UNIT_GROUP_TYPE}
    unit_groups = [{"unitGroup": unit_group, "availableCount": available, **counts}]
    return {
        **night_bounds(night),
        "property": counts,
        "unitGroups": unit_groups if _is_wanted(request, available) else [],
    }


def _is_wanted(request: StubRequest, available: int) -> bool:
    """Whether the unit group passes the filters and has room for the persons of the query."""
    query = request.query
    values = {
        "unitGroupIds": UNIT_GROUP["id"],
        "unitGroupTypes": UNIT_GROUP_TYPE,
        "timeSliceDefinitionIds": TIME_SLICE_DEFINITION,
    }
    persons = query.get("adults", 1) + len(query.get("childrenAges", ()))
    is_sold_out = query.get("onlySellable", False) and available <= 0
    return matches_filters(query, values) and persons <= MAX_PERSONS and not is_sold_out
