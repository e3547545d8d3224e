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


class EntityRef(_ApaleoModel):
    """A reference to an entity of the inventory; the name is optional."""

    id: VendorId
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
    property: EntityRef
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

    service: EntityRef
    dates: list[ServiceDate]


class ReservationWithServices(Reservation):
    """A reservation whose services were expanded; the field is absent if there are none."""

    services: list[BookedService] = Field(default_factory=list)


class ReservationPage(_ApaleoModel):
    """One page of a list; `count` is the total over all pages."""

    reservations: list[Reservation]
    count: Count


class CancellationFee(_ApaleoModel):
    """The fee for a cancellation after `due_date_time`."""

    due_date_time: datetime
    fee: Money


class Offer(_ApaleoModel):
    """An offer: a unit group at a rate plan's price for the whole stay."""

    arrival: datetime
    departure: datetime
    unit_group: EntityRef
    rate_plan: EntityRef
    available_units: Count
    total_gross_amount: Money
    cancellation_fee: CancellationFee


class OfferList(_ApaleoModel):
    """All offers for a stay."""

    offers: list[Offer]


class CreatedReservationRef(_ApaleoModel):
    """The id of a created reservation."""

    id: VendorId


class BookingCreated(_ApaleoModel):
    """The ids of a created booking and its reservations, in the order of the request."""

    id: VendorId
    reservation_ids: list[CreatedReservationRef] = Field(min_length=1)


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


class Booker(_ApaleoModel):
    """The person who made a booking."""

    last_name: str
    first_name: str | None = None


class Booking(_ApaleoModel):
    """A booking: what its reservations have in common."""

    id: VendorId
    booker: Booker | None = None


class BookingList(_ApaleoModel):
    """A page of bookings; `count` is the total over all pages."""

    bookings: list[Booking]
    count: Count


class UnitRef(_ApaleoModel):
    """A reference to a unit or a unit group."""

    id: VendorId


class AssignedUnit(_ApaleoModel):
    """The unit that was assigned to a reservation."""

    unit: UnitRef


class AutoAssignedUnits(_ApaleoModel):
    """The units that Apaleo chose, one per night."""

    time_slices: list[AssignedUnit]


class PropertyLocation(_ApaleoModel):
    """The city of a property, and its country as ISO 3166-1 alpha-2."""

    city: str
    country_code: str


class PropertyListItem(_ApaleoModel):
    """A property in a list; the time zone is an IANA name."""

    id: VendorId
    name: str
    time_zone: str
    currency_code: Currency
    location: PropertyLocation


class PropertyList(_ApaleoModel):
    """A page of properties; `count` is the total over all pages."""

    properties: list[PropertyListItem]
    count: Count


class Property(_ApaleoModel):
    """A property, with its name by language."""

    id: VendorId
    name: dict[str, str]
    time_zone: str


class UnitGroup(_ApaleoModel):
    """A room type, with the number of its units."""

    id: VendorId
    name: str
    member_count: Count
    max_persons: int | None = None


class UnitGroupList(_ApaleoModel):
    """A page of unit groups; `count` is the total over all pages."""

    unit_groups: list[UnitGroup]
    count: Count


class UnitGroupAvailability(_ApaleoModel):
    """The number of units of a unit group that can be sold."""

    unit_group: UnitRef
    sellable_count: Count


class AvailabilityTimeSlice(_ApaleoModel):
    """The availability in one night."""

    from_: datetime = Field(alias="from")
    unit_groups: list[UnitGroupAvailability]


class Availability(_ApaleoModel):
    """The availability per night; `count` is the number of nights over all pages."""

    time_slices: list[AvailabilityTimeSlice]
    count: Count


class RatePlanItem(_ApaleoModel):
    """A rate plan, with the weakest guarantee that it accepts."""

    id: VendorId
    name: str
    min_guarantee_type: Literal["PM6Hold", "CreditCard", "Prepayment", "Company"]


class RatePlanList(_ApaleoModel):
    """A page of rate plans; `count` is the total over all pages."""

    rate_plans: list[RatePlanItem]
    count: Count


class Folio(_ApaleoModel):
    """A guest's account; a negative balance is what the guest owes."""

    id: VendorId
    balance: Money
    is_main_folio: bool


class FolioList(_ApaleoModel):
    """A page of folios; `count` is the total over all pages."""

    folios: list[Folio]
    count: Count
