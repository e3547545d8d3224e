"""Apaleo's bookings: creating, reading, listing and patching them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from provider_verification.stubs.sdk import (
    RequestRejected,
    StubRequest,
    StubResponse,
    no_content,
    ok,
    with_warning,
)
from provider_verification.stubs.vendors.apaleo import stub
from provider_verification.stubs.vendors.apaleo.dates import parse_date
from provider_verification.stubs.vendors.apaleo.filters import (
    contains_text,
    matches_filters,
    warn_of_unknown_values,
)
from provider_verification.stubs.vendors.apaleo.hooks import validation_error
from provider_verification.stubs.vendors.apaleo.idempotency import respond_once
from provider_verification.stubs.vendors.apaleo.json_patch import PatchRules, patch_error, patched_field
from provider_verification.stubs.vendors.apaleo.paging import page_response
from provider_verification.stubs.vendors.apaleo.reservations import (
    amount_due,
    booking_reservation,
    total_amount,
)
from provider_verification.stubs.vendors.apaleo.state import (
    BOOKING_FIELDS,
    PROPERTY,
    ApaleoState,
    Reservation,
    money,
    request_fingerprint,
    stay_rule_broken,
)

CREATED_AT = "2020-01-01T10:00:00+01:00"
EXPANDABLE = ("property", "unitGroup", "ratePlan", "services", "reservations", "propertyValues")
PATCHABLE_FIELDS: PatchRules = {
    "add": frozenset(BOOKING_FIELDS),
    "replace": frozenset(BOOKING_FIELDS) | {"booker"},
    "remove": frozenset(BOOKING_FIELDS),
}
"""Fields that a JSON Patch may change, by its `op`, as Apaleo's booking spec lists them."""


@stub.operation("createBooking")
def create_booking(state: ApaleoState, request: StubRequest) -> StubResponse:
    """Create a booking; a repeated Idempotency-Key with the same body returns the first response."""
    response = respond_once(state, request, lambda: _create(state, request.body))
    has_key = bool(request.headers.get("idempotency-key"))
    return response if has_key or response.status != 201 else _warn_if_repeated(state, request, response)


def _create(state: ApaleoState, body: dict[str, Any]) -> StubResponse:
    for item in body["reservations"]:
        broken_rule = stay_rule_broken(item) or _reference_error(state, item)
        if broken_rule:
            raise RequestRejected("invalid", broken_rule)
    first = body["reservations"][0]
    available = state.available_units(parse_date(first["arrival"]), parse_date(first["departure"]))
    if available < len(body["reservations"]):
        return validation_error("the unit group is sold out")
    return booking_created(state.book(body))


def _warn_if_repeated(state: ApaleoState, request: StubRequest, response: StubResponse) -> StubResponse:
    """The response, with a warning if an earlier booking without a key had the same content."""
    fingerprint = request_fingerprint(request.operation_id, request.path_params, request.body)
    is_repeated = fingerprint in state.bookings_without_key
    state.bookings_without_key.add(fingerprint)
    if not is_repeated:
        return response
    message = "send an Idempotency-Key: without one, a repeated request is another booking"
    return with_warning(response, "repeated_booking", message, ("header", "idempotency-key"))


@stub.operation("getBooking")
def get_booking(state: ApaleoState, request: StubRequest) -> StubResponse:
    """One booking, with its reservations and their value if `expand` names them."""
    reservations = _reservations_of(state, request.path_params["id"])
    if not reservations:
        return StubResponse(404)
    expand = request.query.get("expand", [])
    body = _booking(state, reservations, expand)
    if "propertyValues" in expand:
        body["propertyValues"] = [_property_value(state, reservations)]
    return warn_of_unknown_values(ok(body), request, "expand", EXPANDABLE)


@stub.operation("listBookings")
def list_bookings(state: ApaleoState, request: StubRequest) -> StubResponse:
    """Bookings that pass every filter; a text is looked up in the names and the e-mail of the booker."""
    bookings = [reservations for reservations in _bookings(state) if _matches(state, reservations, request)]
    expand = request.query.get("expand", [])
    response = page_response(request, "bookings", bookings, lambda booking: _booking(state, booking, expand))
    return warn_of_unknown_values(response, request, "expand", EXPANDABLE)


def _matches(state: ApaleoState, reservations: list[Reservation], request: StubRequest) -> bool:
    booker, query = reservations[0].booker, request.query
    details = state.booking_details.get(reservations[0].booking_id, {})
    values = {
        "bookingIds": reservations[0].booking_id,
        "reservationId": {reservation.id for reservation in reservations},
        "channelCode": {reservation.channel for reservation in reservations},
        "hasActivePaymentAccount": "paymentAccount" in details,
        # The stub has no groups.
        "groupId": None,
    }
    codes = [str(reservation.details.get("externalCode", "")) for reservation in reservations]
    return (
        matches_filters(query, values)
        and any(code.startswith(query.get("externalCode", "")) for code in codes)
        and contains_text(query, ("", booker.get("firstName"), booker["lastName"], booker.get("email")))
    )


@stub.operation("patchBooking")
def patch_booking(state: ApaleoState, request: StubRequest) -> StubResponse:
    """Apply a JSON Patch to a booking: all changes, or none if one is not allowed."""
    booking_id = request.path_params["id"]
    reservations = _reservations_of(state, booking_id)
    if not reservations:
        return StubResponse(404)
    problem = patch_error(request.body, PATCHABLE_FIELDS)
    if problem:
        raise RequestRejected("invalid", problem)
    details = state.booking_details.setdefault(booking_id, {})
    for change in request.body:
        name = patched_field(change)
        if name == "booker":
            for reservation in reservations:
                reservation.booker = change["value"]
        elif change["op"] == "remove":
            details.pop(name, None)
        else:
            details[name] = change["value"]
    return no_content()


def _bookings(state: ApaleoState) -> Iterator[list[Reservation]]:
    bookings: dict[str, list[Reservation]] = {}
    for reservation in state.reservations.values():
        bookings.setdefault(reservation.booking_id, []).append(reservation)
    yield from bookings.values()


def _reservations_of(state: ApaleoState, booking_id: str) -> list[Reservation]:
    return [item for item in state.reservations.values() if item.booking_id == booking_id]


def _booking(state: ApaleoState, reservations: list[Reservation], expand: list[str]) -> dict[str, Any]:
    first = reservations[0]
    body = {
        "id": first.booking_id,
        "created": CREATED_AT,
        "modified": CREATED_AT,
        "booker": first.booker,
        **state.booking_details.get(first.booking_id, {}),
    }
    # The booking spec: a booking contains its reservations only if they are asked for.
    if "reservations" in expand:
        body["reservations"] = [booking_reservation(item, expand) for item in reservations]
    return body


def _property_value(state: ApaleoState, reservations: list[Reservation]) -> dict[str, Any]:
    return {
        "property": PROPERTY,
        "totalGrossAmount": money(sum(total_amount(item) for item in reservations)),
        "balance": money(0.0 - sum(amount_due(state, item) for item in reservations)),
    }


def booking_created(reservation_ids: list[str]) -> StubResponse:
    """201 with ids only: Apaleo does not return the booking itself."""
    booking_id = reservation_ids[0].rpartition("-")[0]
    body = {
        "id": booking_id,
        "reservationIds": [{"id": reservation_id} for reservation_id in reservation_ids],
    }
    # The booking spec names id, reservationIds and the header Location, nothing else.
    return StubResponse(201, body, {"Location": f"/booking/v1/bookings/{booking_id}"})


def _reference_error(state: ApaleoState, item: dict[str, Any]) -> str | None:
    """The first reference of a new reservation that leads nowhere, or None."""
    if any(service["serviceId"] not in state.services for service in item.get("services", ())):
        return "the service does not exist"
    # The stub has no companies, and so none with a rate of its own.
    if "companyId" in item:
        return "the company does not exist"
    if "corporateCode" in item:
        return "the corporate code does not exist"
    # apaleo.dev: a booking of the channel manager names the channel that it came from.
    if item["channelCode"] == "ChannelManager" and not item.get("source"):
        return "Source is required for ChannelManager channel"
    return None
