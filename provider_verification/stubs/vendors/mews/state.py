"""State of the Mews stub: reservations, customers and rooms of one hotel."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

CLIENT_TOKEN, ACCESS_TOKEN = "made-up-client-token", "made-up-access-token"
CREATED_AT = "2027-04-01T08:00:00Z"


def fake_guid(number: int) -> str:
    """An id in Mews's form; the same number gives the same id."""
    return f"5f0a1c2e-0000-4000-8000-{number:012x}"


ENTERPRISE_ID, CHAIN_ID, PROFILE_ID = fake_guid(4), fake_guid(16), fake_guid(17)
SERVICE_ID, RATE_ID, CATEGORY_ID, ADULTS_ID = fake_guid(18), fake_guid(19), fake_guid(20), fake_guid(21)
AUDIT_FIELDS = {
    "CreatedUtc": CREATED_AT,
    "UpdatedUtc": CREATED_AT,
    "CreatorProfileId": PROFILE_ID,
    "UpdaterProfileId": PROFILE_ID,
}


@dataclass
class MewsState:
    """Everything the stub remembers, each table by id."""

    reservations: dict[str, dict[str, Any]] = field(default_factory=dict)
    customers: dict[str, dict[str, Any]] = field(default_factory=dict)
    resources: dict[str, dict[str, Any]] = field(default_factory=dict)
    rejects_credentials: bool = False
    retry_after: int | None = None
    outage_status: int | None = None


def reservation(
    reservation_id: str, state: str, reason: str | None, customer_id: str, resource_id: str
) -> dict[str, Any]:
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
        "State": state,
        "Origin": "Connector",
        "ScheduledStartUtc": "2027-05-10T13:00:00Z",
        "ScheduledEndUtc": "2027-05-12T10:00:00Z",
        "ActualStartUtc": None,
        "ActualEndUtc": None,
        "PersonCounts": [{"AgeCategoryId": ADULTS_ID, "Count": 2}],
        "Options": {},
        "AssignedResourceId": resource_id,
        "AssignedResourceLocked": False,
        "CancellationReason": reason,
        **AUDIT_FIELDS,
    }


def customer(customer_id: str, person: dict[str, Any]) -> dict[str, Any]:
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


def resource(resource_id: str, name: str) -> dict[str, Any]:
    """A resource that is a room."""
    return {
        "Id": resource_id,
        "EnterpriseId": ENTERPRISE_ID,
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
