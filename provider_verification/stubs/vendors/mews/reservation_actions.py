"""Mews's actions on reservations. Guidelines: an unknown id is 400; 403 is a broken business rule, not a missing permission."""

from __future__ import annotations

from typing import Any

from provider_verification.stubs.sdk import StubRequest, StubResponse, ok
from provider_verification.stubs.vendors.mews import stub
from provider_verification.stubs.vendors.mews.catalogue import RATE_FACTORS
from provider_verification.stubs.vendors.mews.hooks import invalid_field, mews_error
from provider_verification.stubs.vendors.mews.reservations import CATEGORY_IDS
from provider_verification.stubs.vendors.mews.rows import (
    Row,
    format_utc,
    local_date,
    nights,
    parse_utc,
    reservation_of_2017,
)
from provider_verification.stubs.vendors.mews.state import MewsState

CANCELLABLE_STATES = frozenset({"Inquired", "Requested", "Optional", "Confirmed"})
CHANGEABLE_STATES = CANCELLABLE_STATES | {"Started"}
FIELD_NAMES = {
    "StartUtc": "ScheduledStartUtc",
    "EndUtc": "ScheduledEndUtc",
    "RequestedCategoryId": "RequestedResourceCategoryId",
}
"""Fields of a reservation by their names in an update, where these differ."""
PRICING_FIELDS = frozenset({"StartUtc", "EndUtc", "RateId", "RequestedCategoryId", "PersonCounts"})


@stub.operation("cancelReservations")
def cancel_reservations(state: MewsState, request: StubRequest) -> StubResponse:
    """Cancel all reservations or none. UNCONFIRMED: Mews might cancel those that can be cancelled."""
    ids = request.body["ReservationIds"]
    rows = [state.reservations[item] for item in ids if item in state.reservations]
    if len(rows) < len(ids):
        return mews_error(400, "Invalid ReservationIds")
    if any(row["State"] not in CANCELLABLE_STATES for row in rows):
        return mews_error(403, "The reservation cannot be canceled.")
    for row in rows:
        row["State"] = "Canceled"
    return ok({"ReservationIds": ids})


@stub.operation("updateReservations")
def update_reservations(state: MewsState, request: StubRequest) -> StubResponse:
    """Change all reservations or none. UNCONFIRMED: the status of each refusal."""
    changed: list[Row] = []
    for update in request.body["ReservationUpdates"]:
        row = state.reservations.get(update["ReservationId"])
        if row is None:
            return mews_error(400, "Invalid ReservationId")
        values = {
            name: item["Value"] for name, item in update.items() if isinstance(item, dict) and "Value" in item
        }
        # The operation's description: a reason is required when the price changes.
        if (
            request.body.get("Reprice", True)
            and values.keys() & PRICING_FIELDS
            and not request.body.get("Reason")
        ):
            return invalid_field("Reason", "is required when the price changes")
        new_row = {**row, **{FIELD_NAMES.get(name, name): value for name, value in values.items()}}
        refusal = _update_refusal(state, row, new_row)
        if refusal:
            return refusal
        changed.append(_normalize(new_row))
    state.reservations |= {row["Id"]: row for row in changed}
    return ok({"Reservations": [reservation_of_2017(row) for row in changed]})


def _update_refusal(state: MewsState, row: Row, new_row: Row) -> StubResponse | None:
    stay_nights = nights(new_row["ScheduledStartUtc"], new_row["ScheduledEndUtc"])
    checks = {
        "RateId": new_row["RateId"] in RATE_FACTORS,
        "RequestedCategoryId": new_row["RequestedResourceCategoryId"] in CATEGORY_IDS,
        "AssignedResourceId": new_row["AssignedResourceId"] in {None, *state.resources},
        "EndUtc": stay_nights != [],
    }
    invalid = next((name for name, is_valid in checks.items() if not is_valid), None)
    if invalid:
        return mews_error(400, f"Invalid {invalid}")
    if row["State"] not in CHANGEABLE_STATES:
        return mews_error(403, "The reservation cannot be changed.")
    if row["AssignedResourceLocked"] and new_row["AssignedResourceId"] != row["AssignedResourceId"]:
        return mews_error(403, "The space is locked. Unlock it first.")
    free = state.free_rooms(new_row["RequestedResourceCategoryId"], stay_nights, exclude_id=row["Id"])
    return None if min(free) > 0 else mews_error(403, "There is no availability for the reservation.")


def _normalize(row: Row) -> Row:
    times = {name: format_utc(parse_utc(row[name])) for name in ("ScheduledStartUtc", "ScheduledEndUtc")}
    return {**row, **times}


@stub.operation("startReservation")
def start_reservation(state: MewsState, request: StubRequest) -> StubResponse:
    """Check a guest in, who must have an inspected room that is not occupied."""
    row = state.reservations.get(request.body["ReservationId"])
    if row is None:
        return mews_error(400, "Invalid ReservationId")
    room = state.resources.get(row["AssignedResourceId"], {})
    occupants = [
        other
        for other in state.reservations.values()
        if other["State"] == "Started" and other["AssignedResourceId"] == row["AssignedResourceId"]
    ]
    # UNCONFIRMED: on the day of arrival, a guest may come before the time of check-in.
    is_due = local_date(row["ScheduledStartUtc"]) <= state.today
    if row["State"] != "Confirmed" or not is_due or room.get("State") != "Inspected" or occupants:
        return mews_error(403, "The reservation cannot be started.")
    row["State"], row["ActualStartUtc"] = "Started", format_utc(state.now)
    return ok({})


@stub.operation("processReservation")
def process_reservation(state: MewsState, request: StubRequest) -> StubResponse:
    """Check a guest out, not before the last day; what is open must be paid, or the hotel must give a reason."""
    body: dict[str, Any] = request.body
    row = state.reservations.get(body["ReservationId"])
    if row is None:
        return mews_error(400, "Invalid ReservationId")
    if body.get("AllowOpenBalance") and not body.get("Notes"):
        return invalid_field("Notes", "is required with AllowOpenBalance")
    is_last_day = local_date(row["ScheduledEndUtc"]) <= state.today
    is_settled = body.get("AllowOpenBalance") or state.open_balance(row["AccountId"]) == 0
    if row["State"] != "Started" or not is_last_day or not is_settled:
        return mews_error(403, "The reservation cannot be processed.")
    row["State"], row["ActualEndUtc"] = "Processed", format_utc(state.now)
    return ok({})
