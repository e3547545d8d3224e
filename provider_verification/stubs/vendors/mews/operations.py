"""Mews's operations. Unknown ids are an empty list in a getAll, and 400 in an action."""

from __future__ import annotations

from typing import Any

from provider_verification.stubs.sdk import StubRequest, StubResponse, ok
from provider_verification.stubs.vendors.mews import stub
from provider_verification.stubs.vendors.mews.hooks import mews_error
from provider_verification.stubs.vendors.mews.state import CHAIN, CREATED_AT, HOTEL, MewsState

CANCELLABLE = {"Inquired", "Requested", "Optional", "Confirmed"}


@stub.operation("getConfiguration")
def configuration(_enterprise: MewsState, _call: StubRequest) -> StubResponse:
    """The hotel of the credentials."""
    hotel = {
        "Id": HOTEL,
        "ChainId": CHAIN,
        "ChainName": "Example",
        "Name": "Hotel Example",
        "TimeZoneIdentifier": "Europe/Berlin",
        "DefaultLanguageCode": "de-DE",
        "Pricing": "Gross",
        "Currencies": [{"Currency": "EUR", "IsDefault": True, "IsEnabled": True}],
        "CreatedUtc": CREATED_AT,
        "UpdatedUtc": CREATED_AT,
    }
    return ok({"NowUtc": "2027-05-01T10:00:00Z", "Enterprise": hotel})


@stub.operation("getReservations")
def reservations(enterprise: MewsState, call: StubRequest) -> StubResponse:
    """Those that match all filters, a page of them."""
    found = [
        one
        for one in enterprise.reservations.values()
        if one["Id"] in call.body.get("ReservationIds", [one["Id"]])
        and one["AccountId"] in call.body.get("AccountIds", [one["AccountId"]])
        and one["State"] in call.body.get("States", [one["State"]])
    ]
    return _page("Reservations", found, call)


@stub.operation("getCustomers")
def customers(enterprise: MewsState, call: StubRequest) -> StubResponse:
    """Profiles by id."""
    wanted = call.body.get("CustomerIds", [])
    return _page(
        "Customers", [enterprise.customers[id_] for id_ in wanted if id_ in enterprise.customers], call
    )


@stub.operation("getResources")
def resources(enterprise: MewsState, call: StubRequest) -> StubResponse:
    """Rooms by id or by number."""
    found = [
        one
        for one in enterprise.resources.values()
        if one["Id"] in call.body.get("ResourceIds", [one["Id"]])
        and one["Name"] in call.body.get("Names", [one["Name"]])
    ]
    return _page("Resources", found, call)


@stub.operation("cancelReservations")
def cancel(enterprise: MewsState, call: StubRequest) -> StubResponse:
    """All or none; which of several would go through is not settled."""
    ids = call.body["ReservationIds"]
    found = [enterprise.reservations.get(id_) for id_ in ids]
    if None in found:
        return mews_error(400, "Invalid ReservationIds")
    if any(one and one["State"] not in CANCELLABLE for one in found):
        return mews_error(403, "The reservation cannot be canceled.")
    for one in found:
        if one:
            one["State"] = "Canceled"
    return ok({"ReservationIds": ids})


def _page(name: str, found: list[dict[str, Any]], call: StubRequest) -> StubResponse:
    """A page, and where the next one begins: at the last row of this one, if there is one."""
    ids = [one["Id"] for one in found]
    cursor = call.body["Limitation"].get("Cursor")
    start = ids.index(cursor) + 1 if cursor in ids else 0
    page = found[start : start + call.body["Limitation"]["Count"]]
    return ok({name: page, "Cursor": page[-1]["Id"] if page else None})
