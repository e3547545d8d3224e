"""The parts of Mews's responses that the orchestrator reads. Mews writes PascalCase; times are in UTC."""

from __future__ import annotations

from datetime import datetime

from pydantic import ConfigDict
from pydantic.alias_generators import to_pascal

from orchestrator.vendors.models import Count, ResponseModel, VendorId


class _MewsModel(ResponseModel):
    model_config = ConfigDict(alias_generator=to_pascal, populate_by_name=True)


class PersonCount(_MewsModel):
    """The number of persons in an age category."""

    count: Count


class Reservation(_MewsModel):
    """A reservation, without price and names. Mews adds values to its enumerations without notice, so `state` is a string."""

    id: VendorId
    number: str
    group_id: VendorId
    account_id: VendorId
    state: str
    scheduled_start_utc: datetime
    scheduled_end_utc: datetime
    person_counts: list[PersonCount]
    assigned_resource_id: VendorId | None = None
    cancellation_reason: str | None = None


class ReservationList(_MewsModel):
    """The reservations found; unknown ids are left out."""

    reservations: list[Reservation]


class Customer(_MewsModel):
    """A guest's profile. The phone number is free text; the language is `de-DE` or `de`."""

    id: VendorId
    last_name: str
    first_name: str | None = None
    email: str | None = None
    phone: str | None = None
    language_code: str | None = None


class CustomerList(_MewsModel):
    """The profiles found; unknown ids are left out."""

    customers: list[Customer]


class Resource(_MewsModel):
    """A room; its name is the room number."""

    id: VendorId
    name: str


class ResourceList(_MewsModel):
    """The rooms found; unknown ids are left out."""

    resources: list[Resource]


class Enterprise(_MewsModel):
    """A hotel; the time zone is an IANA name."""

    id: VendorId
    time_zone_identifier: str


class Configuration(_MewsModel):
    """The hotel that the credentials give access to."""

    enterprise: Enterprise


class CancelReservationsResponse(_MewsModel):
    """The ids of the cancelled reservations."""

    reservation_ids: list[str]
