"""Mews's operations on guests' profiles, orders and payments."""

from __future__ import annotations

from collections.abc import Mapping

from provider_verification.stubs.sdk import StubRequest, StubResponse, ok
from provider_verification.stubs.vendors.mews import stub
from provider_verification.stubs.vendors.mews.catalogue import PRODUCT_PRICES, ROOM_SERVICE_ID
from provider_verification.stubs.vendors.mews.hooks import invalid_field, mews_error
from provider_verification.stubs.vendors.mews.paging import page_response, select_rows
from provider_verification.stubs.vendors.mews.rows import Row, customer, order_item
from provider_verification.stubs.vendors.mews.state import MewsState

CUSTOMER_FILTERS = {
    "CustomerIds": "Id",
    "Emails": "Email",
    "LastNames": "LastName",
    "FirstNames": "FirstName",
}
ITEM_FILTERS = {
    "OrderItemIds": "Id",
    "AccountIds": "AccountId",
    "ServiceOrderIds": "ServiceOrderId",
    "ServiceIds": "ServiceId",
}
PAYMENT_FILTERS = {"PaymentIds": "Id", "AccountIds": "AccountId", "ReservationIds": "ReservationId"}
PERSONAL_FIELDS = ("LastName", "FirstName", "Email", "Phone", "PreferredLanguageCode", "NationalityCode")


@stub.operation("getCustomers")
def get_customers(state: MewsState, request: StubRequest) -> StubResponse:
    """A page of the customers that pass every filter, of which one is needed."""
    return _filtered_page("Customers", state.customers, request, CUSTOMER_FILTERS)


@stub.operation("addCustomer")
def add_customer(state: MewsState, request: StubRequest) -> StubResponse:
    """Add a customer. One with the same e-mail address is overwritten on request; a phone number is not compared."""
    body = request.body
    person = {name: body.get(name) for name in PERSONAL_FIELDS}
    same = [
        row for row in state.customers.values() if body.get("Email") and row.get("Email") == body["Email"]
    ]
    if same and not body["OverwriteExisting"]:
        return mews_error(400, "The e-mail address is used by another customer.")
    row = {**same[0], **person} if same else customer(state.new_id(), person)
    state.customers[row["Id"]] = row
    return ok(row)


@stub.operation("addOrder")
def add_order(state: MewsState, request: StubRequest) -> StubResponse:
    """Order products of an additional service; the service of the rooms is refused."""
    body = request.body
    products = body.get("ProductOrders", [])
    checks = {
        "ServiceId": body["ServiceId"] == ROOM_SERVICE_ID,
        "AccountId": body["AccountId"] in state.customers,
        "LinkedReservationId": body.get("LinkedReservationId") in {None, *state.reservations},
        "ProductOrders": products != [],
        "ProductId": all(item["ProductId"] in PRODUCT_PRICES for item in products),
    }
    invalid = next((name for name, is_valid in checks.items() if not is_valid), None)
    if invalid:
        return mews_error(400, f"Invalid {invalid}")
    order_id = state.new_id()
    for item in products:
        add_item(state, order_id, body["AccountId"], item["ProductId"], item.get("Count", 1))
    return ok({"OrderId": order_id})


@stub.operation("getOrderItems")
def get_order_items(state: MewsState, request: StubRequest) -> StubResponse:
    """A page of the items that pass every filter, of which one is needed."""
    filters = {**ITEM_FILTERS, "Types": "Type", "AccountingStates": "AccountingState"}
    return _filtered_page("OrderItems", state.order_items, request, filters, required=ITEM_FILTERS)


@stub.operation("getPayments")
def get_payments(state: MewsState, request: StubRequest) -> StubResponse:
    """A page of the payments that pass every filter, of which one is needed."""
    filters = {**PAYMENT_FILTERS, "AccountingStates": "AccountingState"}
    return _filtered_page("Payments", state.payments, request, filters, required=PAYMENT_FILTERS)


def add_item(state: MewsState, order_id: str, account_id: str, product_id: str, count: int) -> str:
    """Charge a product to a customer; return the id of the item."""
    product = {"Id": product_id, "Price": PRODUCT_PRICES[product_id], "Count": count}
    row = order_item(state.new_id(), order_id, account_id, ROOM_SERVICE_ID, product)
    state.order_items[row["Id"]] = row
    return str(row["Id"])


def _filtered_page(
    plural: str,
    table: Mapping[str, Row],
    request: StubRequest,
    filters: Mapping[str, str],
    required: Mapping[str, str] | None = None,
) -> StubResponse:
    """A page of the rows of a table. UNCONFIRMED: the message when no filter is given."""
    names = required or filters
    if not names.keys() & request.body.keys():
        return invalid_field(next(iter(names)), f"one of {', '.join(names)} is required")
    return page_response(plural, select_rows(table.values(), request, filters), request)
