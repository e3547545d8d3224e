"""Apaleo's offers: what can be booked for a stay."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from provider_verification.stubs.sdk import RequestRejected, StubRequest, StubResponse, no_content, ok
from provider_verification.stubs.vendors.apaleo import stub
from provider_verification.stubs.vendors.apaleo.dates import (
    CHECK_IN_HOUR,
    CHECK_OUT_HOUR,
    MAX_STAY_YEARS,
    is_too_long,
    local_timestamp,
    night_bounds,
    nights_between,
    parse_date,
)
from provider_verification.stubs.vendors.apaleo.filters import matches_filters
from provider_verification.stubs.vendors.apaleo.reservations import cancellation_fee
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
    price_with_tax,
)

FILTERS = {
    "timeSliceTemplate": TIME_SLICE_TEMPLATE,
    "timeSliceDefinitionIds": TIME_SLICE_DEFINITION,
    "unitGroupIds": UNIT_GROUP["id"],
    "unitGroupTypes": UNIT_GROUP_TYPE,
    "channelCode": CHANNELS,
}
"""What the one rate plan is sold for; a promo code or corporate code adds offers and takes none away."""


@stub.operation("listOffers")
def list_offers(state: ApaleoState, request: StubRequest) -> StubResponse:
    """Offers for a stay; 204 when nothing can be sold."""
    arrival, departure = parse_date(request.query["arrival"]), parse_date(request.query["departure"])
    if departure <= arrival:
        raise RequestRejected("invalid", "departure should be after arrival")
    if is_too_long(arrival, departure):
        raise RequestRejected("invalid", f"departure should be at most {MAX_STAY_YEARS} years after arrival")
    if request.query["propertyId"] != PROPERTY["id"]:
        return StubResponse(404)
    available = state.available_units(arrival, departure)
    # Apaleo's booking spec: no offer is 204, not an empty list.
    if not _is_offered(request, available):
        return no_content()
    return ok({"property": PROPERTY, "offers": [_offer(arrival, departure, available)]})


def _is_offered(request: StubRequest, available: int) -> bool:
    """Whether the rate plan fits the request; `includeUnavailable` asks also for what cannot be sold."""
    persons = request.query["adults"] + len(request.query.get("childrenAges", ()))
    if persons > MAX_PERSONS or not matches_filters(request.query, FILTERS):
        return False
    return available > 0 or request.query.get("includeUnavailable", False)


def _offer(arrival: date, departure: date, available: int) -> dict[str, Any]:
    nights = nights_between(arrival, departure)
    return {
        "arrival": local_timestamp(arrival, CHECK_IN_HOUR),
        "departure": local_timestamp(departure, CHECK_OUT_HOUR),
        "unitGroup": {**UNIT_GROUP, "maxPersons": MAX_PERSONS},
        "ratePlan": RATE_PLAN,
        "minGuaranteeType": "PM6Hold",
        "availableUnits": available,
        "totalGrossAmount": money(NIGHTLY_RATE * len(nights)),
        "prePaymentAmount": money(0.0),
        "cancellationFee": {
            **_fee_without_id("FLEX"),
            "dueDateTime": local_timestamp(arrival - timedelta(days=1), 18),
        },
        "noShowFee": _fee_without_id("NOSHOW"),
        "timeSlices": [_time_slice(night, available) for night in nights],
        "taxDetails": [],
        "isCorporate": False,
    }


def _fee_without_id(code: str) -> dict[str, Any]:
    """Fees of an offer have no id, unlike those of a reservation."""
    return {name: value for name, value in cancellation_fee(code).items() if name != "id"}


def _time_slice(night: date, available: int) -> dict[str, Any]:
    return {
        **night_bounds(night),
        "availableUnits": available,
        "baseAmount": price_with_tax(NIGHTLY_RATE),
        "totalGrossAmount": money(NIGHTLY_RATE),
    }
