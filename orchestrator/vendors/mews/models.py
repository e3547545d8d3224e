"""What the orchestrator reads of Mews's answers, and nothing else. Mews writes PascalCase; instants are in UTC."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_pascal


class _ResponseModel(BaseModel):
    model_config = ConfigDict(frozen=True, alias_generator=to_pascal, populate_by_name=True)


class PersonCount(_ResponseModel):
    """How many of an age category stay."""

    count: int


class Reservation(_ResponseModel):
    """A reservation. Enumerations are open: Mews adds to them without notice. It holds no price and no name."""

    id: str
    number: str
    group_id: str
    account_id: str
    state: str
    scheduled_start_utc: datetime
    scheduled_end_utc: datetime
    person_counts: list[PersonCount]
    assigned_resource_id: str | None = None
    cancellation_reason: str | None = None


class ReservationList(_ResponseModel):
    """Reservations; unknown ids are left out."""

    reservations: list[Reservation]


class Customer(_ResponseModel):
    """A guest's profile. The phone is free text; the language as `de-DE` or `de`."""

    id: str
    last_name: str
    first_name: str | None = None
    email: str | None = None
    phone: str | None = None
    language_code: str | None = None


class CustomerList(_ResponseModel):
    """Profiles; unknown ids are left out."""

    customers: list[Customer]


class Resource(_ResponseModel):
    """A room; its name is the room's number."""

    id: str
    name: str


class ResourceList(_ResponseModel):
    """Rooms; unknown ids are left out."""

    resources: list[Resource]


class Enterprise(_ResponseModel):
    """A hotel; the zone as IANA names it."""

    id: str
    time_zone_identifier: str


class Configuration(_ResponseModel):
    """What the token is for."""

    enterprise: Enterprise


class CancelReservationsResponse(_ResponseModel):
    """What was cancelled."""

    reservation_ids: list[str]
