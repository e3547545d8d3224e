"""The rows of Mews's lists."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

Row = dict[str, Any]

TIME_ZONE = ZoneInfo("Europe/Berlin")
CREATED_AT = "2027-04-01T08:00:00Z"
CHECK_IN, CHECK_OUT = time(15), time(12)
CURRENCY, TAX_RATE = "EUR", 0.07


def fake_guid(number: int) -> str:
    """An id in Mews's form; the same number gives the same id."""
    return f"5f0a1c2e-0000-4000-8000-{number:012x}"


ENTERPRISE_ID, CHAIN_ID, PROFILE_ID = fake_guid(4), fake_guid(16), fake_guid(17)
SERVICE_ID, RATE_ID, CATEGORY_ID, ADULTS_ID = fake_guid(18), fake_guid(19), fake_guid(20), fake_guid(21)
DATES = {"CreatedUtc": CREATED_AT, "UpdatedUtc": CREATED_AT}
AUDIT_FIELDS = {**DATES, "CreatorProfileId": PROFILE_ID, "UpdaterProfileId": PROFILE_ID}


def instant(day: date, clock_time: time = time()) -> str:
    """A time of the hotel's clock as Mews writes it, in UTC."""
    return format_utc(datetime.combine(day, clock_time, TIME_ZONE))


def format_utc(moment: datetime) -> str:
    """A time as Mews writes it."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def parse_utc(text: str) -> datetime:
    """A time of a request; fractions of a second are accepted."""
    return datetime.fromisoformat(text)


def local_date(text: str) -> date:
    """The date of a time at the hotel."""
    return parse_utc(text).astimezone(TIME_ZONE).date()


def nights(start: str, end: str) -> list[date]:
    """The nights of a stay, by the date on which each begins."""
    arrival, departure = local_date(start), local_date(end)
    return [arrival + timedelta(days=number) for number in range((departure - arrival).days)]


def amount(gross: float) -> Row:
    """An amount of money: net and gross are always there."""
    net = round(gross / (1 + TAX_RATE), 2)
    tax = round(gross - net, 2)
    return {
        "Currency": CURRENCY,
        "NetValue": net,
        "GrossValue": gross,
        "TaxValues": [{"Code": "DE-2020-1-L", "Value": tax}],
        "Breakdown": {"Items": [{"TaxRateCode": "DE-2020-1-L", "NetValue": net, "TaxValue": tax}]},
    }


def reservation(reservation_id: str, customer_id: str, **fields: Any) -> Row:
    """A reservation as `reservations/getAll` returns it: without price and without the guest's name."""
    return {
        "Id": reservation_id,
        "ServiceId": SERVICE_ID,
        "GroupId": fake_guid(5),
        "RateId": RATE_ID,
        "RequestedResourceCategoryId": CATEGORY_ID,
        "AccountId": customer_id,
        "AccountType": "Customer",
        "Number": "4711",
        "ChannelNumber": None,
        "State": "Confirmed",
        "Origin": "Connector",
        "ActualStartUtc": None,
        "ActualEndUtc": None,
        "PersonCounts": [{"AgeCategoryId": ADULTS_ID, "Count": 2}],
        "Options": {},
        "AssignedResourceId": None,
        "AssignedResourceLocked": False,
        "CancellationReason": None,
        **AUDIT_FIELDS,
        **fields,
    }


def reservation_of_2017(row: Row) -> Row:
    """The same reservation as `reservations/add` and `reservations/update` return it."""
    same = ("Id", "ServiceId", "GroupId", "Number", "ChannelNumber", "Origin", "CreatedUtc", "UpdatedUtc")
    return {
        **{name: row[name] for name in same},
        "State": "Enquired" if row["State"] == "Inquired" else row["State"],
        "StartUtc": row["ScheduledStartUtc"],
        "EndUtc": row["ScheduledEndUtc"],
        "RequestedCategoryId": row["RequestedResourceCategoryId"],
        "RateId": row["RateId"],
        "OwnerId": row["AccountId"],
        "CustomerId": row["AccountId"],
        "PersonCounts": row["PersonCounts"],
        "AssignedResourceId": row["AssignedResourceId"],
        "AssignedResourceLocked": row["AssignedResourceLocked"],
    }


def customer(customer_id: str, person: Row) -> Row:
    """A customer; `person` holds the fields that differ from guest to guest."""
    return {
        "Id": customer_id,
        "ChainId": CHAIN_ID,
        "Number": "12",
        "Classifications": [],
        "Options": [],
        "PreferredSpaceFeatures": [],
        "IsActive": True,
        "HasOtaEmail": False,
        **AUDIT_FIELDS,
        **person,
    }


def resource(resource_id: str, name: str, state: str = "Inspected") -> Row:
    """A resource that is a room."""
    return {
        "Id": resource_id,
        "EnterpriseId": ENTERPRISE_ID,
        "IsActive": True,
        "Name": name,
        "ParentResourceId": None,
        "State": state,
        "Descriptions": {},
        "ExternalNames": {},
        "Directions": {},
        "Data": {"Discriminator": "Space", "Value": {"FloorNumber": "1"}},
        **DATES,
    }


def order_item(item_id: str, order_id: str, account_id: str, service_id: str, product: Row) -> Row:
    """An item of an order; `product` has the product's id, its price and how many were ordered."""
    price = amount(product["Price"])
    return {
        "Id": item_id,
        "EnterpriseId": ENTERPRISE_ID,
        "AccountId": account_id,
        "ServiceId": service_id,
        "ServiceOrderId": order_id,
        "UnitCount": product["Count"],
        "UnitAmount": price,
        "Amount": amount(product["Price"] * product["Count"]),
        "OriginalAmount": price,
        "RevenueType": "Product",
        "ConsumedUtc": CREATED_AT,
        "CanceledUtc": None,
        "ClosedUtc": None,
        "AccountingState": "Open",
        "Type": "ProductOrder",
        "Options": {"CanceledWithReservation": False},
        "Data": {
            "Discriminator": "Product",
            "Product": {"ProductId": product["Id"], "AgeCategoryId": None},
            "Rebate": None,
        },
        **AUDIT_FIELDS,
    }


def payment(payment_id: str, account_id: str, gross: float) -> Row:
    """A payment of a customer; its amount is negative."""
    price = amount(-gross)
    return {
        "Id": payment_id,
        "EnterpriseId": ENTERPRISE_ID,
        "AccountId": account_id,
        "AccountType": "Customer",
        "ReservationId": None,
        "Amount": price,
        "OriginalAmount": price,
        "AccountingState": "Open",
        "State": "Charged",
        "Type": "CashPayment",
        **DATES,
    }
