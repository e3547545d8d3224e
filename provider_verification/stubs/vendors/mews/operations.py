"""Mews's operations. An unknown id is left out of a list and is 400 in an action."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from provider_verification.stubs.sdk import StubRequest, StubResponse, ok
from provider_verification.stubs.vendors.mews import stub
from provider_verification.stubs.vendors.mews.hooks import mews_error
from provider_verification.stubs.vendors.mews.state import CHAIN_ID, CREATED_AT, ENTERPRISE_ID, MewsState

Row = dict[str, Any]
CANCELLABLE_STATES = {"Inquired", "Requested", "Optional", "Confirmed"}


@stub.operation("getConfiguration")
def get_configuration(_state: MewsState, _request: StubRequest) -> StubResponse:
    """The hotel that the credentials belong to."""
    enterprise = {
        "Id": ENTERPRISE_ID,
        "ChainId": CHAIN_ID,
        "ChainName": "Example",
        "Name": "Hotel Example",
        "TimeZoneIdentifier": "Europe/Berlin",
        "DefaultLanguageCode": "de-DE",
        "Pricing": "Gross",
        "Currencies": [{"Currency": "EUR", "IsDefault": True, "IsEnabled": True}],
        "CreatedUtc": CREATED_AT,
        "UpdatedUtc": CREATED_AT,
    }
    return ok({"NowUtc": "2027-05-01T10:00:00Z", "Enterprise": enterprise})


@stub.operation("getReservations")
def get_reservations(state: MewsState, request: StubRequest) -> StubResponse:
    """A page of the reservations that pass every filter."""
    filters = {"ReservationIds": "Id", "AccountIds": "AccountId", "States": "State"}
    return _page_response("Reservations", _filter(state.reservations.values(), request, filters), request)


@stub.operation("getCustomers")
def get_customers(state: MewsState, request: StubRequest) -> StubResponse:
    """A page of the customers with the requested ids, in the order of the ids."""
    ids = request.body.get("CustomerIds", [])
    customers = [state.customers[customer_id] for customer_id in ids if customer_id in state.customers]
    return _page_response("Customers", customers, request)


@stub.operation("getResources")
def get_resources(state: MewsState, request: StubRequest) -> StubResponse:
    """A page of the rooms that pass every filter."""
    filters = {"ResourceIds": "Id", "Names": "Name"}
    return _page_response("Resources", _filter(state.resources.values(), request, filters), request)


@stub.operation("cancelReservations")
def cancel_reservations(state: MewsState, request: StubRequest) -> StubResponse:
    """Cancel all reservations or none. UNCONFIRMED: Mews might cancel those that can be cancelled."""
    ids = request.body["ReservationIds"]
    reservations = [state.reservations[item] for item in ids if item in state.reservations]
    if len(reservations) < len(ids):
        return mews_error(400, "Invalid ReservationIds")
    if any(reservation["State"] not in CANCELLABLE_STATES for reservation in reservations):
        # Mews's guidelines: 403 is a broken business rule, not a missing permission.
        return mews_error(403, "The reservation cannot be canceled.")
    for reservation in reservations:
        reservation["State"] = "Canceled"
    return ok({"ReservationIds": ids})


def _filter(rows: Iterable[Row], request: StubRequest, filters: dict[str, str]) -> list[Row]:
    """The rows whose fields have one of the values that the request lists; an absent filter matches all."""
    return [
        row
        for row in rows
        if all(row[name] in request.body.get(parameter, [row[name]]) for parameter, name in filters.items())
    ]


def _page_response(plural: str, rows: list[Row], request: StubRequest) -> StubResponse:
    """A page of rows. The cursor is the last row's id, and null only for an empty page."""
    ids = [row["Id"] for row in rows]
    cursor = request.body["Limitation"].get("Cursor")
    start = ids.index(cursor) + 1 if cursor in ids else 0
    page = rows[start : start + request.body["Limitation"]["Count"]]
    # The pagination guideline: a cursor on the last page costs the client one more, empty request.
    return ok({plural: page, "Cursor": page[-1]["Id"] if page else None})
