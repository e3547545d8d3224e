"""What the stub's hotel sells: services, room types, rates, age categories and products, which never change."""

from __future__ import annotations

from typing import Any

from provider_verification.stubs.vendors.mews.rows import (
    ADULTS_ID,
    CATEGORY_ID,
    CREATED_AT,
    DATES,
    ENTERPRISE_ID,
    RATE_ID,
    SERVICE_ID,
    Row,
    fake_guid,
)

MEETING_ROOMS_ID, ROOM_SERVICE_ID = fake_guid(22), fake_guid(23)
SUITE_ID = fake_guid(24)
SAVER_RATE_ID, CORPORATE_RATE_ID, CLOSED_RATE_ID = fake_guid(25), fake_guid(26), fake_guid(27)
CHILDREN_ID = fake_guid(28)
BREAKFAST_ID, LATE_CHECKOUT_ID = fake_guid(29), fake_guid(30)
ROOM_101_ID, ROOM_102_ID, SUITE_201_ID = fake_guid(3), fake_guid(32), fake_guid(33)
ROOMS = {
    ROOM_101_ID: ("101", CATEGORY_ID),
    ROOM_102_ID: ("102", CATEGORY_ID),
    SUITE_201_ID: ("201", SUITE_ID),
}
"""The rooms' numbers and types."""
NIGHTLY_PRICES = {CATEGORY_ID: 120.0, SUITE_ID: 210.0}
RATE_FACTORS = {RATE_ID: 1.0, SAVER_RATE_ID: 0.9, CORPORATE_RATE_ID: 0.8, CLOSED_RATE_ID: 0.7}
PRODUCT_PRICES = {BREAKFAST_ID: 18.0, LATE_CHECKOUT_ID: 30.0}
"""The products of the room service, with their prices."""


def _texts(german: str, english: str) -> dict[str, str]:
    return {"de-DE": german, "en-US": english}


def _service(service_id: str, names: dict[str, str], data: Row) -> Row:
    return {
        "Id": service_id,
        "EnterpriseId": ENTERPRISE_ID,
        "IsActive": True,
        "Names": names,
        "Options": {"BillAsPackage": False},
        "Ordering": 0,
        "Data": data,
        **DATES,
    }


def _bookable(period: str) -> Row:
    offsets = {
        "StartOffset": "P0M0DT15H0M0S",
        "EndOffset": "P0M0DT12H0M0S",
        "OccupancyStartOffset": "P0M0DT0H0M0S",
        "OccupancyEndOffset": "P0M0DT0H0M0S",
    }
    return {"Discriminator": "Bookable", "Value": {**offsets, "TimeUnitPeriod": period}}


def _category(category_id: str, names: dict[str, str], capacity: int) -> Row:
    return {
        "Id": category_id,
        "EnterpriseId": ENTERPRISE_ID,
        "ServiceId": SERVICE_ID,
        "IsActive": True,
        "Type": "Room",
        "Classification": "Standard",
        "Names": names,
        "ShortNames": {},
        "Descriptions": {},
        "Ordering": 0,
        "Capacity": capacity,
        "ExtraCapacity": 0,
    }


def _rate(rate_id: str, names: dict[str, str], **fields: Any) -> Row:
    return {
        "Id": rate_id,
        "GroupId": fake_guid(31),
        "ServiceId": SERVICE_ID,
        "BaseRateId": None,
        "IsBaseRate": True,
        "IsActive": True,
        "IsEnabled": True,
        "IsPublic": True,
        "IsDefault": False,
        "Type": "Public",
        "Names": names,
        "UpdatedUtc": CREATED_AT,
        **fields,
    }


def _age_category(age_category_id: str, classification: str, names: dict[str, str], **ages: int) -> Row:
    return {
        "Id": age_category_id,
        "ServiceId": SERVICE_ID,
        "MinimalAge": ages.get("minimal"),
        "MaximalAge": ages.get("maximal"),
        "Names": names,
        "Classification": classification,
        "IsActive": True,
    }


SERVICES = [
    _service(SERVICE_ID, _texts("Zimmer", "Rooms"), _bookable("Day")),
    _service(MEETING_ROOMS_ID, _texts("Tagung", "Meeting rooms"), _bookable("Hour")),
    _service(
        ROOM_SERVICE_ID,
        _texts("Zimmerservice", "Room service"),
        {"Discriminator": "Additional", "Value": {"Promotions": {}}},
    ),
]
CATEGORIES = [
    _category(CATEGORY_ID, _texts("Doppelzimmer", "Double"), 2),
    _category(SUITE_ID, _texts("Suite", "Suite"), 4),
]
RATES = [
    _rate(RATE_ID, _texts("Flexibel", "Flexible")),
    _rate(SAVER_RATE_ID, _texts("Sparpreis", "Saver")),
    _rate(CORPORATE_RATE_ID, _texts("Firmen", "Corporate"), IsPublic=False, Type="Private"),
    _rate(CLOSED_RATE_ID, _texts("Sommer", "Summer"), IsEnabled=False),
]
AGE_CATEGORIES = [
    _age_category(CHILDREN_ID, "Child", _texts("Kinder", "Children"), minimal=0, maximal=12),
    _age_category(ADULTS_ID, "Adult", _texts("Erwachsene", "Adults"), minimal=13),
]
