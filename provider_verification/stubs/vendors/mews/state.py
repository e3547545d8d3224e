"""The hotel behind Mews's stub: reservations, profiles, rooms. Ids are counted, not drawn."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

CLIENT_TOKEN, ACCESS_TOKEN = "made-up-client-token", "made-up-access-token"
CREATED_AT = "2027-04-01T08:00:00Z"


def fake_guid(number: int) -> str:
    """An id in Mews's form."""
    return f"5f0a1c2e-0000-4000-8000-{number:012x}"


HOTEL, CHAIN, PROFILE = fake_guid(4), fake_guid(16), fake_guid(17)
SERVICE, RATE, CATEGORY, ADULTS = fake_guid(18), fake_guid(19), fake_guid(20), fake_guid(21)
AUDIT_FIELDS = {
    "CreatedUtc": CREATED_AT,
    "UpdatedUtc": CREATED_AT,
    "CreatorProfileId": PROFILE,
    "UpdaterProfileId": PROFILE,
}


@dataclass
class MewsState:
    """The vendor's world."""

    reservations: dict[str, dict[str, Any]] = field(default_factory=dict)
    customers: dict[str, dict[str, Any]] = field(default_factory=dict)
    resources: dict[str, dict[str, Any]] = field(default_factory=dict)
    refuses_credentials: bool = False
    retry_after: int | None = None
    down: int | None = None


def reservation(id: str, state: str, reason: str | None, guest: str, room: str | None) -> dict[str, Any]:  # noqa: A002 - the vendor's word
    """A reservation as getAll answers it: neither a price nor a name."""
    return {
        "Id": id,
        "ServiceId": SERVICE,
        "GroupId": fake_guid(5),
        "RateId": RATE,
        "RequestedResourceCategoryId": CATEGORY,
        "AccountId": guest,
        "AccountType": "Customer",
        "Number": "4711",
        "State": state,
        "Origin": "Connector",
        "ScheduledStartUtc": "2027-05-10T13:00:00Z",
        "ScheduledEndUtc": "2027-05-12T10:00:00Z",
        "ActualStartUtc": None,
        "ActualEndUtc": None,
        "PersonCounts": [{"AgeCategoryId": ADULTS, "Count": 2}],
        "Options": {},
        "AssignedResourceId": room,
        "AssignedResourceLocked": False,
        "CancellationReason": reason,
        **AUDIT_FIELDS,
    }


def customer(id: str, person: dict[str, Any]) -> dict[str, Any]:  # noqa: A002 - the vendor's word
    """A guest's profile."""
    return {
        "Id": id,
        "ChainId": CHAIN,
        "Number": "12",
        "Classifications": [],
        "Options": [],
        "PreferredSpaceFeatures": [],
        "IsActive": True,
        "HasOtaEmail": False,
        **AUDIT_FIELDS,
        **person,
    }


def resource(id: str, name: str) -> dict[str, Any]:  # noqa: A002 - the vendor's word
    """A room."""
    return {
        "Id": id,
        "EnterpriseId": HOTEL,
        "IsActive": True,
        "Name": name,
        "ParentResourceId": None,
        "State": "Inspected",
        "Descriptions": {},
        "ExternalNames": {},
        "Directions": {},
        "Data": {"Discriminator": "Space", "Value": {"FloorNumber": "1"}},
        "CreatedUtc": CREATED_AT,
        "UpdatedUtc": CREATED_AT,
    }
