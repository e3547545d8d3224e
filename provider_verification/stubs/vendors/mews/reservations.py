"""Mews's lists and prices of reservations, and new ones."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from provider_verification.stubs.sdk import StubRequest, StubResponse, ok
from provider_verification.stubs.vendors.mews import stub
from provider_verification.stubs.vendors.mews.catalogue import (
    AGE_CATEGORIES,
    CATEGORIES,
    NIGHTLY_PRICES,
    RATE_FACTORS,
    RATES,
)
from provider_verification.stubs.vendors.mews.hooks import invalid_field, mews_error
from provider_verification.stubs.vendors.mews.paging import page_response, select_rows
from provider_verification.stubs.vendors.mews.rows import (
    SERVICE_ID,
    Row,
    amount,
    format_utc,
    nights,
    parse_utc,
    reservation,
    reservation_of_2017,
)
from provider_verification.stubs.vendors.mews.state import MewsState

MAX_INTERVAL = timedelta(days=93)
FILTERS = {
    "ReservationIds": "Id",
    "ServiceIds": "ServiceId",
    "ReservationGroupIds": "GroupId",
    "AccountIds": "AccountId",
    "Numbers": "Number",
    "ChannelNumbers": "ChannelNumber",
    "AssignedResourceIds": "AssignedResourceId",
    "States": "State",
}
AGE_CATEGORY_IDS = {row["Id"] for row in AGE_CATEGORIES}
CATEGORY_IDS = {row["Id"] for row in CATEGORIES}
OFFERED_RATE_IDS = {row["Id"] for row in RATES if row["IsEnabled"] and row["IsPublic"]}


@stub.operation("getReservations")
def get_reservations(state: MewsState, request: StubRequest) -> StubResponse:
    """A page of the reservations that pass every filter. UNCONFIRMED: that filters are combined with "and"."""
    rows = select_rows(state.reservations.values(), request, FILTERS)
    for name in ("CollidingUtc", "ScheduledStartUtc"):
        if name not in request.body:
            continue
        start, end = (parse_utc(request.body[name][bound]) for bound in ("StartUtc", "EndUtc"))
        if not timedelta() <= end - start <= MAX_INTERVAL:
            return invalid_field(
                name, f"should end after it starts, and at most {MAX_INTERVAL.days} days later"
            )
        # The definition of a time interval: its start is included, its end is not.
        rows = [
            row
            for row in rows
            if parse_utc(row["ScheduledStartUtc"]) < end
            and parse_utc(row["ScheduledEndUtc" if name == "CollidingUtc" else name]) >= start
        ]
    return page_response("Reservations", rows, request)


@stub.operation("getReservationPrices")
def price_reservations(_state: MewsState, request: StubRequest) -> StubResponse:
    """The price of each stay. The operation's description: neither availability nor capacity is checked."""
    prices = []
    for stay in request.body["Reservations"]:
        invalid = _invalid_parameter(request.body["ServiceId"], stay)
        if invalid:
            return mews_error(400, f"Invalid {invalid}")
        prices.append({"Identifier": stay.get("Identifier"), "TotalAmount": amount(_total(stay))})
    return ok({"ReservationPrices": prices})


@stub.operation("addReservations")
def add_reservations(state: MewsState, request: StubRequest) -> StubResponse:
    """Add all reservations as one group, or none."""
    body = request.body
    for stay in body["Reservations"]:
        invalid = _invalid_parameter(body["ServiceId"], stay)
        if invalid or stay["CustomerId"] not in state.customers:
            return mews_error(400, f"Invalid {invalid or 'CustomerId'}")
        if body.get("CheckRateApplicability", True) and stay["RateId"] not in OFFERED_RATE_IDS:
            return mews_error(403, "The rate cannot be used.")
    if body.get("CheckOverbooking", True) and not _all_fit(state, body["Reservations"]):
        return mews_error(403, "There is no availability for the reservation.")
    group_id = state.new_id()
    rows = [_added(state, group_id, stay) for stay in body["Reservations"]]
    state.reservations |= {row["Id"]: row for row in rows}
    entries = [
        {"Identifier": stay.get("Identifier"), "Reservation": reservation_of_2017(row)}
        for stay, row in zip(body["Reservations"], rows, strict=True)
    ]
    return ok({"Reservations": entries})


def _invalid_parameter(service_id: str, stay: dict[str, Any]) -> str | None:
    """The parameter that names something which does not exist, or the end of a stay without a night."""
    checks = {
        "ServiceId": service_id == SERVICE_ID,
        "RateId": stay["RateId"] in RATE_FACTORS,
        "RequestedCategoryId": stay["RequestedCategoryId"] in CATEGORY_IDS,
        "AgeCategoryId": all(item["AgeCategoryId"] in AGE_CATEGORY_IDS for item in stay["PersonCounts"]),
        "EndUtc": nights(stay["StartUtc"], stay["EndUtc"]) != [],
    }
    return next((name for name, is_valid in checks.items() if not is_valid), None)


def _total(stay: dict[str, Any]) -> float:
    nightly = NIGHTLY_PRICES[stay["RequestedCategoryId"]] * RATE_FACTORS[stay["RateId"]]
    return round(nightly * len(nights(stay["StartUtc"], stay["EndUtc"])), 2)


def _all_fit(state: MewsState, stays: list[dict[str, Any]]) -> bool:
    for category_id in CATEGORY_IDS:
        requested = [
            nights(stay["StartUtc"], stay["EndUtc"])
            for stay in stays
            if stay["RequestedCategoryId"] == category_id
        ]
        all_nights = sorted({night for stay_nights in requested for night in stay_nights})
        needed = [sum(night in stay_nights for stay_nights in requested) for night in all_nights]
        free = state.free_rooms(category_id, all_nights)
        if any(number > left for number, left in zip(needed, free, strict=True)):
            return False
    return True


def _added(state: MewsState, group_id: str, stay: dict[str, Any]) -> Row:
    reservation_id = state.new_id()
    return reservation(
        reservation_id,
        stay["CustomerId"],
        GroupId=group_id,
        Number=str(state.added),
        ChannelNumber=stay.get("ChannelNumber"),
        State="Inquired" if stay.get("State") == "Enquired" else stay.get("State", "Confirmed"),
        RateId=stay["RateId"],
        RequestedResourceCategoryId=stay["RequestedCategoryId"],
        # Responses carry no fraction of a second.
        ScheduledStartUtc=format_utc(parse_utc(stay["StartUtc"])),
        ScheduledEndUtc=format_utc(parse_utc(stay["EndUtc"])),
        PersonCounts=stay["PersonCounts"],
    )
