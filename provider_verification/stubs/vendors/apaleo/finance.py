"""Apaleo's folios, with payments on them and refunds from them.

No official description of the finance API is at hand: paths and query parameters come from an index of it, payments from
the examples of Apaleo's n8n node. What a body requires, and the fields of a payment that is read, are UNCONFIRMED.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from provider_verification.stubs.sdk import RequestRejected, StubRequest, StubResponse, ok
from provider_verification.stubs.vendors.apaleo import stub
from provider_verification.stubs.vendors.apaleo.filters import (
    balance_matches,
    contains_text,
    matches_filters,
    parse_moment,
    warn_of_unknown_values,
)
from provider_verification.stubs.vendors.apaleo.hooks import validation_error
from provider_verification.stubs.vendors.apaleo.idempotency import respond_once
from provider_verification.stubs.vendors.apaleo.paging import page_response
from provider_verification.stubs.vendors.apaleo.reservations import CREATED_AT, amount_due
from provider_verification.stubs.vendors.apaleo.state import (
    CURRENCY,
    PROPERTY,
    ApaleoState,
    Payment,
    Reservation,
    money,
)

OPEN, GUEST_FOLIO, SUCCESS = "Open", "Guest", "Success"
EXPANDABLE = ("payments", "company")
NOT_EXPANDABLE = ("allowances", "allowedActions", "transitoryCharges", "charges", "warnings")
MAX_PAYMENTS = 1_000
"""Payments and refunds of one folio; a folio without a limit could fill the memory of the stub."""


@stub.operation("listFolios")
def list_folios(state: ApaleoState, request: StubRequest) -> StubResponse:
    """The folios that pass every filter: the main guest folio of each reservation."""
    matching = [item for item in state.reservations.values() if _matches(state, item, request)]
    return _warn(
        page_response(request, "folios", matching, lambda item: _folio(state, item, request)), request
    )


@stub.operation("countFolios")
def count_folios(state: ApaleoState, request: StubRequest) -> StubResponse:
    """The number of folios that pass every filter."""
    return ok({"count": sum(_matches(state, item, request) for item in state.reservations.values())})


@stub.operation("getFolio")
def get_folio(state: ApaleoState, request: StubRequest) -> StubResponse:
    """One folio."""
    reservation = _reservation_of(state, request.path_params["id"])
    if reservation is None:
        return StubResponse(404)
    return _warn(ok(_folio(state, reservation, request)), request)


def _warn(response: StubResponse, request: StubRequest) -> StubResponse:
    return warn_of_unknown_values(response, request, "expand", EXPANDABLE, not_modelled=NOT_EXPANDABLE)


def _matches(state: ApaleoState, item: Reservation, request: StubRequest) -> bool:
    query = request.query
    values = {
        "reservationIds": item.id,
        "bookingIds": item.booking_id,
        "propertyIds": item.property_id,
        "type": GUEST_FOLIO,
        "status": OPEN,
        "onlyMain": frozenset({True, False}),
        "excludeClosed": frozenset({True, False}),
        "isEmpty": False,
        "hasInvoices": False,
        # The stub has no companies, and no folio that another system created.
        "companyIds": None,
        "externalFolioCode": None,
    }
    guest = item.guest or item.booker
    return (
        matches_filters(query, values)
        and balance_matches(query, 0.0 - amount_due(state, item))
        and contains_text(query, (folio_id(item), item.id, guest.get("firstName"), guest.get("lastName")))
        and all(_is_in_interval(query, name) for name in ("created", "updated"))
    )


def _is_in_interval(query: Mapping[str, Any], name: str) -> bool:
    """Whether a folio was created or updated between the bounds of the query, such as `createdFrom` and `createdTo`."""
    moment = parse_moment(CREATED_AT, name)
    first, last = (
        parse_moment(query[key], key) if key in query else None for key in (f"{name}From", f"{name}To")
    )
    return (first is None or moment >= first) and (last is None or moment < last)


def folio_id(reservation: Reservation) -> str:
    """Return the id of the main folio of a reservation."""
    return f"{reservation.id}-1"


def _folio(state: ApaleoState, reservation: Reservation, request: StubRequest) -> dict[str, Any]:
    """A folio; a negative balance is owed by the guest."""
    guest = reservation.guest or reservation.booker
    body = {
        "id": folio_id(reservation),
        "type": GUEST_FOLIO,
        "status": OPEN,
        "created": CREATED_AT,
        "updated": CREATED_AT,
        "debitor": {"name": guest["lastName"], "firstName": guest.get("firstName", "")},
        "balance": money(0.0 - amount_due(state, reservation)),
        "isMainFolio": True,
        "isEmpty": False,
        "reservation": {"id": reservation.id, "bookingId": reservation.booking_id},
        "bookingId": reservation.booking_id,
        "property": {"id": PROPERTY["id"]},
    }
    payments = [_payment(item) for item in state.payments.get(folio_id(reservation), ())]
    # As in the booking API, embedded lists are there only if they are asked for.
    return body | (
        {"payments": payments} if "payments" in request.query.get("expand", []) and payments else {}
    )


def _reservation_of(state: ApaleoState, identifier: str) -> Reservation | None:
    """The reservation whose main folio has an id, or None."""
    reservation_id, _, number = identifier.rpartition("-")
    return state.reservations.get(reservation_id) if number == "1" else None


@stub.operation("createPayment")
def create_payment(state: ApaleoState, request: StubRequest) -> StubResponse:
    """Record a payment that was made outside of Apaleo, such as one in cash."""
    return _post(state, request, lambda body: _record(state, request, body["method"], is_refund=False))


@stub.operation("createPaymentByAuthorization")
def create_payment_by_authorization(state: ApaleoState, request: StubRequest) -> StubResponse:
    """Capture an amount of a pre-authorization; Apaleo does so later, the stub at once."""
    return _post(state, request, lambda _: _record(state, request, "Authorization", is_refund=False))


@stub.operation("createRefund")
def create_refund(state: ApaleoState, request: StubRequest) -> StubResponse:
    """Refund an amount of the folio; Apaleo does so later, the stub at once."""
    return _post(state, request, lambda body: _record(state, request, body["method"], is_refund=True))


@stub.operation("createRefundOfPayment")
def create_refund_of_payment(state: ApaleoState, request: StubRequest) -> StubResponse:
    """Refund an amount of one payment; earlier refunds reduce what is left of it."""
    payment = _find(state, request, "paymentId", is_refund=False)
    if payment is None:
        return StubResponse(404)
    return _post(state, request, lambda _: _refund_payment(state, request, payment))


def _refund_payment(state: ApaleoState, request: StubRequest, payment: Payment) -> StubResponse:
    payments = state.payments[request.path_params["folioId"]]
    refunded = sum(item.amount for item in payments if item.refunded_id == payment.id)
    if request.body["amount"]["amount"] > round(payment.amount - refunded, 2):
        return validation_error("the refund is larger than what is left of the payment")
    return _record(state, request, payment.method, is_refund=True, refunded_id=payment.id)


def _post(
    state: ApaleoState, request: StubRequest, perform: Callable[[dict[str, Any]], StubResponse]
) -> StubResponse:
    if _reservation_of(state, request.path_params["folioId"]) is None:
        return StubResponse(404)
    return respond_once(state, request, lambda: perform(request.body))


def _record(
    state: ApaleoState, request: StubRequest, method: str, *, is_refund: bool, refunded_id: str | None = None
) -> StubResponse:
    identifier, amount = request.path_params["folioId"], request.body["amount"]
    payments = state.payments.setdefault(identifier, [])
    if amount["currency"] != CURRENCY:
        raise RequestRejected("invalid", f"the currency of the property is {CURRENCY}")
    if is_refund and amount["amount"] > state.amount_paid(identifier):
        return validation_error("the refund is larger than what was paid")
    if len(payments) >= MAX_PAYMENTS:
        return validation_error(f"a folio has at most {MAX_PAYMENTS} payments")
    # The charge that a payment is for is looked up: the stub's folios have no charges with ids.
    if request.body.get("paidCharges"):
        raise RequestRejected("invalid", "the charge does not exist")
    kind = "refunds" if is_refund else "payments"
    payment = Payment(
        f"{identifier}-{kind[0].upper()}{len(payments) + 1}",
        method,
        amount["amount"],
        request.body.get("receipt"),
        is_refund,
        refunded_id,
    )
    payments.append(payment)
    return StubResponse(
        201, {"id": payment.id}, {"Location": f"/finance/v1/folios/{identifier}/{kind}/{payment.id}"}
    )


@stub.operation("listPayments")
def list_payments(state: ApaleoState, request: StubRequest) -> StubResponse:
    """The payments of a folio, the newest first."""
    return _list(state, request, "payments", is_refund=False)


@stub.operation("listRefunds")
def list_refunds(state: ApaleoState, request: StubRequest) -> StubResponse:
    """The refunds of a folio, the newest first."""
    return _list(state, request, "refunds", is_refund=True)


def _list(state: ApaleoState, request: StubRequest, plural: str, *, is_refund: bool) -> StubResponse:
    identifier = request.path_params["folioId"]
    if _reservation_of(state, identifier) is None:
        return StubResponse(404)
    matches_status = matches_filters(request.query, {"statusCodes": SUCCESS})
    items = [
        item for item in state.payments.get(identifier, ()) if item.is_refund == is_refund and matches_status
    ]
    return page_response(request, plural, items[::-1], _payment)


@stub.operation("getPayment")
def get_payment(state: ApaleoState, request: StubRequest) -> StubResponse:
    """One payment of a folio."""
    payment = _find(state, request, "paymentId", is_refund=False)
    return StubResponse(404) if payment is None else ok(_payment(payment))


@stub.operation("getRefund")
def get_refund(state: ApaleoState, request: StubRequest) -> StubResponse:
    """One refund of a folio."""
    refund = _find(state, request, "refundId", is_refund=True)
    return StubResponse(404) if refund is None else ok(_payment(refund))


def _find(state: ApaleoState, request: StubRequest, name: str, *, is_refund: bool) -> Payment | None:
    for payment in state.payments.get(request.path_params["folioId"], ()):
        if payment.id == request.path_params[name] and payment.is_refund == is_refund:
            return payment
    return None


def _payment(payment: Payment) -> dict[str, Any]:
    body = {"id": payment.id, "method": payment.method, "amount": money(payment.amount), "state": SUCCESS}
    return body | ({"receipt": payment.receipt} if payment.receipt else {})
