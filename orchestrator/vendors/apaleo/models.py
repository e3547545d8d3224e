"""The parts of Apaleo's responses that the orchestrator reads. Apaleo writes camelCase."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import ConfigDict, Field
from pydantic.alias_generators import to_camel

from orchestrator.vendors.models import Amount, Count, Currency, ResponseModel, VendorId

ReservationStatus = Literal["Confirmed", "InHouse", "CheckedOut", "Canceled", "NoShow"]


class _ApaleoModel(ResponseModel):
    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True)


class Money(_ApaleoModel):
    """An amount in major units of a currency (ISO 4217)."""

    amount: Amount
    currency: Currency


class IdRef(_ApaleoModel):
    """A reference to an entity."""

    id: VendorId


class EntityRef(IdRef):
    """A reference to an entity that is called by its name; the name is optional."""

    name: str | None = None


class Person(_ApaleoModel):
    """A guest or booker; only the last name is always present."""

    last_name: str
    first_name: str | None = None
    email: str | None = None
    phone: str | None = None
    preferred_language: str | None = None


class Reservation(_ApaleoModel):
    """A reservation. The booker is present only if expanded, the guest not always; times have the property's offset."""

    id: VendorId
    booking_id: VendorId
    status: ReservationStatus
    property: IdRef
    unit_group: EntityRef
    arrival: datetime
    departure: datetime
    adults: Count
    total_gross_amount: Money
    balance: Money
    primary_guest: Person | None = None
    booker: Person | None = None
    unit: EntityRef | None = None


class ServiceDate(_ApaleoModel):
    """How often a service is booked for a date."""

    count: Count


class BookedService(_ApaleoModel):
    """A service of a reservation."""

    service: IdRef
    dates: list[ServiceDate]


class ActionReason(_ApaleoModel):
    """Why an action is not allowed. Apaleo adds codes without notice."""

    code: str


class ReservationAction(_ApaleoModel):
    """An action on a reservation, such as `CheckIn`; one that is allowed has no reasons."""

    action: str
    reasons: list[ActionReason] = Field(default_factory=list)


class ReservationDetails(Reservation):
    """A reservation whose services and actions were expanded; the field of the services is absent if there are none."""

    services: list[BookedService] = Field(default_factory=list)
    actions: list[ReservationAction] = Field(default_factory=list)


class ReservationPage(_ApaleoModel):
    """One page of a list; `count` is the total over all pages."""

    reservations: list[Reservation]
    count: Count


class Offer(_ApaleoModel):
    """An offer: a unit group at a rate plan's price for the whole stay."""

    arrival: datetime
    departure: datetime
    unit_group: EntityRef
    rate_plan: IdRef
    available_units: Count
    total_gross_amount: Money


class OfferList(_ApaleoModel):
    """All offers for a stay."""

    offers: list[Offer]


class BookingCreated(_ApaleoModel):
    """The ids of the reservations of a created booking, in the order of the request."""

    reservation_ids: list[IdRef] = Field(min_length=1)


class ValidationMessages(_ApaleoModel):
    """The body of a 422."""

    messages: list[str]


class TokenResponse(ResponseModel):
    """An OAuth2 access token; `expires_in` is in seconds."""

    access_token: str
    expires_in: Count


class OAuthError(ResponseModel):
    """The error body of the token endpoint."""

    error: str


class AssignedUnit(_ApaleoModel):
    """The unit that was assigned to a reservation."""

    unit: EntityRef


class AutoAssignedUnits(_ApaleoModel):
    """The units that Apaleo chose, one per night: they may differ."""

    time_slices: list[AssignedUnit] = Field(min_length=1)


class Unit(_ApaleoModel):
    """A unit (room) of a property."""

    id: VendorId
    name: str


class UnitPage(_ApaleoModel):
    """One page of a list; `count` is the total over all pages."""

    units: list[Unit]
    count: Count


class Folio(_ApaleoModel):
    """A guest's account; a negative balance is what the guest owes."""

    balance: Money


class FolioList(_ApaleoModel):
    """The folios of a reservation."""

    folios: list[Folio]
