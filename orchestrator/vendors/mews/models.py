"""What the orchestrator reads of Mews's answers, and nothing else. Mews writes PascalCase; instants are in UTC."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_pascal


class _Read(BaseModel):
    model_config = ConfigDict(frozen=True, alias_generator=to_pascal, populate_by_name=True)


class PersonCount(_Read):
    """How many of an age category stay."""

    count: int


class Reservation(_Read):
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


class ReservationList(_Read):
    """Reservations; unknown ids are left out."""

    reservations: list[Reservation]


class Customer(_Read):
    """A guest's profile. The phone is free text; the language as `de-DE` or `de`."""

    id: str
    last_name: str
    first_name: str | None = None
    email: str | None = None
    phone: str | None = None
    language_code: str | None = None


class CustomerList(_Read):
    """Profiles; unknown ids are left out."""

    customers: list[Customer]


class Resource(_Read):
    """A room; its name is the room's number."""

    id: str
    name: str


class ResourceList(_Read):
    """Rooms; unknown ids are left out."""

    resources: list[Resource]


class Enterprise(_Read):
    """A hotel; the zone as IANA names it."""

    id: str
    time_zone_identifier: str


class Configuration(_Read):
    """What the token is for."""

    enterprise: Enterprise


class Cancelled(_Read):
    """What was cancelled."""

    reservation_ids: list[str]
