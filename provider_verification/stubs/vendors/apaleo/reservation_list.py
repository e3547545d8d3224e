"""Apaleo's list of reservations, with its filters."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from provider_verification.stubs.sdk import RequestRejected, StubRequest, StubResponse, ok
from provider_verification.stubs.vendors.apaleo import stub
from provider_verification.stubs.vendors.apaleo.dates import CHECK_IN_HOUR, CHECK_OUT_HOUR, local_timestamp
from provider_verification.stubs.vendors.apaleo.filters import (
    SortKey,
    balance_matches,
    contains_text,
    matches_filters,
    parse_moment,
    sort_items,
    warn_of_unknown_values,
)
from provider_verification.stubs.vendors.apaleo.paging import page_response
from provider_verification.stubs.vendors.apaleo.reservations import (
    CREATED_AT,
    EXPANDABLE,
    amount_due,
    reservation_list_item,
)
from provider_verification.stubs.vendors.apaleo.state import (
    RATE_PLAN,
    UNIT_GROUP,
    UNIT_GROUP_TYPE,
    ApaleoState,
    Reservation,
)

SORT_KEYS: Mapping[str, SortKey] = {
    "arrival": lambda item: item.arrival,
    "departure": lambda item: item.departure,
    "created": lambda _: CREATED_AT,
    "updated": lambda _: CREATED_AT,
    "id": lambda item: item.id,
    "firstname": lambda item: (item.guest or {}).get("firstName", ""),
    "lastname": lambda item: (item.guest or {}).get("lastName", ""),
    "unitname": lambda item: item.unit or "",
}
SORTABLE = [f"{name}:{direction}" for name in SORT_KEYS for direction in ("asc", "desc")]


@stub.operation("listReservations")
def list_reservations(state: ApaleoState, request: StubRequest) -> StubResponse:
    """A page of the reservations that pass every filter."""
    expand = request.query.get("expand", [])
    response = page_response(
        request,
        "reservations",
        sort_items(_matching(state, request.query), request.query, SORT_KEYS),
        lambda item: reservation_list_item(state, item, expand),
    )
    response = warn_of_unknown_values(response, request, "sort", SORTABLE)
    return warn_of_unknown_values(response, request, "expand", EXPANDABLE)


@stub.operation("countReservations")
def count_reservations(state: ApaleoState, request: StubRequest) -> StubResponse:
    """The number of reservations that pass every filter; unlike an empty list, none is 200."""
    return ok({"count": len(_matching(state, request.query))})


def _matching(state: ApaleoState, query: Mapping[str, Any]) -> list[Reservation]:
    """The reservations that pass every filter.

    Raises:
        RequestRejected: the dates of the query do not form an interval, or a filter is not of its form.
    """
    bounds = {name: parse_moment(query[name], name) for name in ("from", "to") if name in query}
    problem = _interval_error(query, bounds)
    if problem:
        raise RequestRejected("invalid", problem)
    return [item for item in state.reservations.values() if _matches(state, item, query, bounds)]


def _interval_error(query: Mapping[str, Any], bounds: Mapping[str, datetime]) -> str | None:
    """Why the dates of the query do not form an interval, or None."""
    if "dateFilter" in query and not bounds:
        return "dateFilter: at least one of from and to should be given"
    if len(bounds) == 2 and bounds["to"] <= bounds["from"]:
        return "to should be larger than from"
    return None


def _matches(
    state: ApaleoState, item: Reservation, query: Mapping[str, Any], bounds: Mapping[str, datetime]
) -> bool:
    values = {
        "bookingId": item.booking_id,
        "propertyIds": item.property_id,
        "ratePlanIds": RATE_PLAN["id"],
        "unitIds": item.unit,
        "unitGroupIds": UNIT_GROUP["id"],
        "unitGroupTypes": UNIT_GROUP_TYPE,
        "status": item.status,
        "channelCode": item.channel,
        "sources": item.details.get("source"),
        "hasActivePaymentAccount": False,
        "isPreCheckedIn": False,
        # The stub's folios are never closed, and it has no companies, blocks, market segments and validation messages.
        "allFoliosHaveInvoice": False,
        "companyIds": None,
        "blockIds": None,
        "marketSegmentIds": None,
        "validationMessageCategory": None,
    }
    return (
        matches_filters(query, values)
        and str(item.details.get("externalCode", "")).startswith(query.get("externalCode", ""))
        and balance_matches(query, 0.0 - amount_due(state, item))
        and contains_text(query, _searched_texts(item))
        and ("dateFilter" not in query or _is_in_interval(item, query["dateFilter"], bounds))
    )


def _searched_texts(item: Reservation) -> list[str | None]:
    """What `textSearch` looks into: names, e-mail, external code, id and unit, but no phone numbers."""
    people = [item.booker, item.guest or {}]
    names = [person.get(name) for person in people for name in ("firstName", "lastName", "email")]
    return [item.id, item.unit, item.details.get("externalCode"), *names]


def _is_in_interval(item: Reservation, date_filter: str, bounds: Mapping[str, datetime]) -> bool:
    """Whether the date of the filter lies between `from` (included) and `to` (excluded); `Stay` overlaps them."""
    first, last = bounds.get("from"), bounds.get("to")
    if date_filter == "Stay":
        # The booking spec: a stay matches when any part of it lies in the interval.
        return (first is None or _moment(item, "Departure") > first) and (
            last is None or _moment(item, "Arrival") < last
        )
    if date_filter == "Cancellation" and item.cancelled_at is None:
        return False
    moment = _moment(item, date_filter)
    return (first is None or moment >= first) and (last is None or moment < last)


def _moment(item: Reservation, date_filter: str) -> datetime:
    texts = {
        "Arrival": local_timestamp(item.arrival, CHECK_IN_HOUR),
        "Departure": local_timestamp(item.departure, CHECK_OUT_HOUR),
        "Cancellation": item.cancelled_at or CREATED_AT,
    }
    return datetime.fromisoformat(texts.get(date_filter, CREATED_AT))
