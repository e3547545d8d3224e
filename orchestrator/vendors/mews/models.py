"""The parts of Mews's responses that the orchestrator reads. Mews writes PascalCase; times are in UTC.

Mews adds values to its enumerations without notice, so that they are strings here.
"""

from __future__ import annotations

from datetime import datetime

from pydantic import ConfigDict
from pydantic.alias_generators import to_pascal

from orchestrator.vendors.models import Amount, Count, Currency, ResponseModel, VendorId


class MewsModel(ResponseModel):
    """A part of a response of Mews."""

    model_config = ConfigDict(alias_generator=to_pascal, populate_by_name=True)


class PersonCount(MewsModel):
    """The number of persons in an age category."""

    count: Count


class Reservation(MewsModel):
    """A reservation, without price and names."""

    id: VendorId
    group_id: VendorId
    account_id: VendorId
    rate_id: VendorId
    requested_resource_category_id: VendorId
    state: str
    scheduled_start_utc: datetime
    scheduled_end_utc: datetime
    person_counts: list[PersonCount]
    assigned_resource_id: VendorId | None = None
    cancellation_reason: str | None = None


class ReservationList(MewsModel):
    """A page of the reservations found; unknown ids are left out. The cursor is the last row, null if there is none."""

    reservations: list[Reservation]
    cursor: str | None = None


class Money(MewsModel):
    """An amount; the gross value is with taxes."""

    currency: Currency
    gross_value: Amount


class ReservationPrice(MewsModel):
    """The price of a whole stay, with the identifier of the request."""

    identifier: str
    total_amount: Money


class PriceList(MewsModel):
    """The prices of several stays."""

    reservation_prices: list[ReservationPrice]


class AddedReservation(MewsModel):
    """A reservation that was added, of which Mews responds in its shape of 2017; the number is the one that guests know."""

    id: VendorId
    number: str


class AddedReservationList(MewsModel):
    """The reservations found that were added earlier."""

    reservations: list[AddedReservation]


class AddedReservationEntry(MewsModel):
    """An entry of the response to reservations that were added."""

    reservation: AddedReservation


class AddReservationsResponse(MewsModel):
    """The reservations that were added."""

    reservations: list[AddedReservationEntry]


class Customer(MewsModel):
    """A guest's profile. The phone number is free text; the language is `de-DE` or `de`."""

    id: VendorId
    last_name: str
    first_name: str | None = None
    email: str | None = None
    phone: str | None = None
    language_code: str | None = None


class CustomerList(MewsModel):
    """The profiles found; unknown ids are left out."""

    customers: list[Customer]


class NewCustomer(MewsModel):
    """The id of a profile that was added."""

    id: VendorId


class ProductData(MewsModel):
    """The product that an item is of."""

    product_id: VendorId


class OrderItemData(MewsModel):
    """Further data of an item; `product` is null for an item that is no product."""

    product: ProductData | None = None


class OrderItem(MewsModel):
    """Something that is charged to a profile."""

    service_id: VendorId
    unit_count: Count
    accounting_state: str
    data: OrderItemData | None = None


class OrderItemList(MewsModel):
    """The items found."""

    order_items: list[OrderItem]


class Charge(MewsModel):
    """An amount that is charged to a profile, or a payment, which is negative."""

    amount: Money


class ChargeList(MewsModel):
    """The items that are charged to a profile."""

    order_items: list[Charge]


class PaymentList(MewsModel):
    """The payments of a profile."""

    payments: list[Charge]
