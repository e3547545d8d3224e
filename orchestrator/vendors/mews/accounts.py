"""Mews's operations on guests' profiles, and on what is charged to them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from orchestrator.vendors.mews.connection import MewsConnection, page
from orchestrator.vendors.mews.models import (
    Charge,
    ChargeList,
    Customer,
    CustomerList,
    NewCustomer,
    OrderItem,
    OrderItemList,
    PaymentList,
)

# required by Mews; nothing here reads addresses
CUSTOMERS_ONLY = {"Customers": True, "Addresses": False}
GET_CUSTOMERS = "customers/getAll"


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """A guest's profile to add; the phone number is free text at Mews."""

    last_name: str
    first_name: str | None
    email: str | None
    phone: str | None


class Accounts:
    """The profiles of guests, which all hotels of a chain share.

    Args:
        connection: sends the requests.
    """

    def __init__(self, connection: MewsConnection) -> None:
        self._connection = connection

    async def list_customers(self, customer_ids: Sequence[str]) -> list[Customer]:
        """Return the profiles with these ids, at most 1000; an id that does not exist is left out."""
        body = {"CustomerIds": list(customer_ids), "Extent": CUSTOMERS_ONLY, "Limitation": page()}
        return (await self._connection.read(CustomerList, GET_CUSTOMERS, body)).customers

    async def find_by_email(self, email: str) -> list[Customer]:
        """Return the profiles with an e-mail address."""
        body = {"Emails": [email], "Extent": CUSTOMERS_ONLY, "Limitation": page()}
        return (await self._connection.read(CustomerList, GET_CUSTOMERS, body)).customers

    async def find_by_last_name(self, last_name: str) -> list[Customer]:
        """Return the newest 1000 profiles with a last name. UNCONFIRMED: whether case and accents matter."""
        body = {"LastNames": [last_name], "Extent": CUSTOMERS_ONLY, "Limitation": page()}
        return (await self._connection.read(CustomerList, GET_CUSTOMERS, body)).customers

    async def add_customer(self, profile: Profile) -> NewCustomer:
        """Add a profile; an existing one is never overwritten.

        Raises:
            RequestRejected: 400, another profile has the e-mail address.
        """
        body = {
            "LastName": profile.last_name,
            "FirstName": profile.first_name,
            "Email": profile.email,
            "Phone": profile.phone,
            "OverwriteExisting": False,
        }
        return await self._connection.write_and_parse(NewCustomer, "customers/add", body)

    async def add_order(
        self, *, service_id: str, product_id: str, count: int, account_id: str, reservation_id: str
    ) -> None:
        """Order a product of an additional service, such as room service; it is charged to the profile.

        Args:
            service_id: an additional service; Mews refuses the service that rooms are booked with.
            product_id: a product of the service.
            count: how many.
            account_id: the profile.
            reservation_id: the stay, without which Mews guesses one.

        Raises:
            RequestRejected: 400, an id does not exist.
            AccessDenied: 403, which Mews uses for a broken business rule.
        """
        body = {
            "ServiceId": service_id,
            "AccountId": account_id,
            "LinkedReservationId": reservation_id,
            "ProductOrders": [{"ProductId": product_id, "Count": count}],
        }
        await self._connection.write("orders/add", body)

    async def list_product_orders(self, account_id: str) -> list[OrderItem]:
        """Return the newest 1000 products that were ordered for a profile."""
        body = {"AccountIds": [account_id], "Types": ["ProductOrder"], "Limitation": page()}
        return (await self._connection.read(OrderItemList, "orderItems/getAll", body)).order_items

    async def list_open_charges(self, account_id: str) -> list[Charge]:
        """Return the newest 1000 items that are charged to a profile and not on a closed bill."""
        body = {"AccountIds": [account_id], "AccountingStates": ["Open"], "Limitation": page()}
        return (await self._connection.read(ChargeList, "orderItems/getAll", body)).order_items

    async def list_open_payments(self, account_id: str) -> list[Charge]:
        """Return the newest 1000 payments of a profile that are not on a closed bill; they are negative."""
        body = {"AccountIds": [account_id], "AccountingStates": ["Open"], "Limitation": page()}
        return (await self._connection.read(PaymentList, "payments/getAll", body)).payments
