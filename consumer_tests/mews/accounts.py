"""Guests' profiles, and what is charged to them."""

from __future__ import annotations

from typing import Any

from consumer_tests.contract import error_response, ok
from consumer_tests.interaction import Request
from consumer_tests.mews import connector_request, contract
from consumer_tests.mews.examples import (
    BREAKFAST_ID,
    CUSTOMER,
    CUSTOMER_ID,
    FULL_PAGE,
    GUEST,
    ID,
    ROOM_SERVICE_ID,
    UNKNOWN_ID,
    breakfast_state,
    done,
    profile_state,
    reservation_state,
)
from consumer_tests.value_markers import exactly
from orchestrator.vendors.errors import RequestRejected
from orchestrator.vendors.mews.accounts import Profile
from orchestrator.vendors.mews.models import Customer, CustomerList, NewCustomer, OrderItem, OrderItemList

CUSTOMERS_ONLY = {"Customers": True, "Addresses": False}
PROFILE = Profile(last_name="Muster", first_name="Ada", email="ada.muster@example.org", phone="+4930123456")
FOUND = {name: CUSTOMER[name] for name in ("Id", "LastName", "Email")}
"""The profile that was searched for by its e-mail address, of which only the id is used."""
ITEM = {
    "ServiceId": ROOM_SERVICE_ID,
    "UnitCount": 1,
    "AccountingState": exactly("Open"),
    "Data": {"Product": {"ProductId": BREAKFAST_ID}},
}


def search_request(**filters: Any) -> Request:
    """The request for the profiles that pass a filter."""
    return connector_request("customers/getAll", **filters, Extent=CUSTOMERS_ONLY, Limitation=FULL_PAGE)


def order_request(product_id: str) -> Request:
    """The request that orders a product for the guest of the reservation."""
    return connector_request(
        "orders/add",
        ServiceId=ROOM_SERVICE_ID,
        AccountId=CUSTOMER_ID,
        LinkedReservationId=ID,
        ProductOrders=[{"ProductId": product_id, "Count": 1}],
    )


async def order(client: Any, product_id: str) -> Any:
    """Order a product for the guest of the reservation."""
    return await client.accounts.add_order(
        service_id=ROOM_SERVICE_ID,
        product_id=product_id,
        count=1,
        account_id=CUSTOMER_ID,
        reservation_id=ID,
    )


def add_request() -> Request:
    """The request that adds the profile."""
    return connector_request(
        "customers/add",
        LastName="Muster",
        FirstName="Ada",
        Email="ada.muster@example.org",
        Phone="+4930123456",
        OverwriteExisting=False,
    )


contract.add_interaction(
    "a guest's profile",
    given=reservation_state(state="Started"),
    invoke=lambda client: client.accounts.list_customers([CUSTOMER_ID]),
    request=search_request(CustomerIds=[CUSTOMER_ID]),
    response=ok(CustomerList, {"Customers": [CUSTOMER]}),
    returns=[Customer.model_validate(CUSTOMER)],
)
contract.add_interaction(
    "the profile with an e-mail address",
    given=profile_state(),
    invoke=lambda client: client.accounts.find_by_email(GUEST["Email"]),
    request=search_request(Emails=[GUEST["Email"]]),
    response=ok(CustomerList, {"Customers": [FOUND]}),
    returns=[Customer.model_validate(FOUND)],
)
contract.add_interaction(
    "the profiles with a last name",
    given=profile_state(),
    invoke=lambda client: client.accounts.find_by_last_name(GUEST["LastName"]),
    request=search_request(LastNames=[GUEST["LastName"]]),
    response=ok(CustomerList, {"Customers": [CUSTOMER]}),
    returns=[Customer.model_validate(CUSTOMER)],
)
contract.add_interaction(
    "a last name that nobody has",
    invoke=lambda client: client.accounts.find_by_last_name(GUEST["LastName"]),
    request=search_request(LastNames=[GUEST["LastName"]]),
    response=ok(CustomerList, {"Customers": []}),
    returns=[],
)
contract.add_interaction(
    "a profile being added",
    invoke=lambda client: client.accounts.add_customer(PROFILE),
    request=add_request(),
    response=ok(NewCustomer, {"Id": CUSTOMER_ID}),
)
contract.add_interaction(
    "a breakfast being ordered",
    given=reservation_state(state="Started"),
    invoke=lambda client: order(client, BREAKFAST_ID),
    request=order_request(BREAKFAST_ID),
    response=done(),
    returns=None,
)
contract.add_interaction(
    "a product that does not exist being ordered",
    given=reservation_state(state="Started"),
    invoke=lambda client: order(client, UNKNOWN_ID),
    request=order_request(UNKNOWN_ID),
    response=error_response(400),
    raises=RequestRejected,
)
contract.add_interaction(
    "the products that a guest ordered",
    given=(reservation_state(state="Started"), breakfast_state()),
    invoke=lambda client: client.accounts.list_product_orders(CUSTOMER_ID),
    request=connector_request(
        "orderItems/getAll", AccountIds=[CUSTOMER_ID], Types=["ProductOrder"], Limitation=FULL_PAGE
    ),
    response=ok(OrderItemList, {"OrderItems": [ITEM]}),
    returns=[OrderItem.model_validate(ITEM)],
)
contract.add_interaction(
    "a guest who ordered nothing",
    given=reservation_state(state="Started"),
    invoke=lambda client: client.accounts.list_product_orders(CUSTOMER_ID),
    request=connector_request(
        "orderItems/getAll", AccountIds=[CUSTOMER_ID], Types=["ProductOrder"], Limitation=FULL_PAGE
    ),
    response=ok(OrderItemList, {"OrderItems": []}),
    returns=[],
)
