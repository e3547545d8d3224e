"""What the orchestrator reads of Apaleo's answers, and nothing else. Apaleo writes camelCase."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

ReservationStatus = Literal["Confirmed", "InHouse", "CheckedOut", "Canceled", "NoShow"]


class _ResponseModel(BaseModel):
    model_config = ConfigDict(frozen=True, alias_generator=to_camel, populate_by_name=True)


class Money(_ResponseModel):
    """An amount in a currency (ISO 4217); Apaleo sends numbers, never minor units."""

    amount: float
    currency: str


class EntityRef(_ResponseModel):
    """A thing of the hotel's inventory, by its id; the name is optional."""

    id: str
    name: str | None = None


class Person(_ResponseModel):
    """A guest or booker: only the last name is always there."""

    last_name: str
    first_name: str | None = None
    email: str | None = None
    phone: str | None = None
    preferred_language: str | None = None


class Reservation(_ResponseModel):
    """A reservation. Booker only when expanded; a guest may be missing even then; times have the hotel's offset."""

    id: str
    booking_id: str
    status: ReservationStatus
    property: EntityRef
    unit_group: EntityRef
    arrival: datetime
    departure: datetime
    adults: int
    total_gross_amount: Money
    balance: Money
    primary_guest: Person | None = None
    booker: Person | None = None
    unit: EntityRef | None = None


class ReservationPage(_ResponseModel):
    """One page of a list; `count` is the total over all pages."""

    reservations: list[Reservation]
    count: int


class CancellationFee(_ResponseModel):
    """What cancelling costs, and until when it costs less."""

    due_date_time: datetime
    fee: Money


class Offer(_ResponseModel):
    """A stay that can be sold: a unit group at a rate plan's price for the whole stay."""

    arrival: datetime
    departure: datetime
    unit_group: EntityRef
    rate_plan: EntityRef
    available_units: int
    total_gross_amount: Money
    cancellation_fee: CancellationFee


class OfferList(_ResponseModel):
    """All offers for a stay."""

    offers: list[Offer]


class CreatedReservationRef(_ResponseModel):
    """The id of something created."""

    id: str


class BookingCreated(_ResponseModel):
    """A created booking: ids only, in the order of the request."""

    id: str
    reservation_ids: list[CreatedReservationRef]


class ValidationMessages(_ResponseModel):
    """Apaleo's body of a 422."""

    messages: list[str]


class TokenResponse(BaseModel):
    """An OAuth2 access token; `expires_in` is in seconds."""

    model_config = ConfigDict(frozen=True)

    access_token: str
    expires_in: int


class OAuthError(BaseModel):
    """The token endpoint's error."""

    model_config = ConfigDict(frozen=True)

    error: str


class Booker(_ResponseModel):
    """Who booked."""

    last_name: str
    first_name: str | None = None


class Booking(_ResponseModel):
    """A booking: what its reservations have in common."""

    id: str
    booker: Booker | None = None


class BookingList(_ResponseModel):
    """A page of bookings; `count` is the total."""

    bookings: list[Booking]
    count: int


class UnitRef(_ResponseModel):
    """A unit by its id."""

    id: str


class AssignedUnit(_ResponseModel):
    """The unit a guest was given."""

    unit: UnitRef


class AutoAssignedUnits(_ResponseModel):
    """The unit of each night."""

    time_slices: list[AssignedUnit]


class PropertyLocation(_ResponseModel):
    """Where a hotel is; the country as ISO 3166-1 alpha-2."""

    city: str
    country_code: str


class PropertyListItem(_ResponseModel):
    """A hotel as it stands in a list; the time zone as IANA names it."""

    id: str
    name: str
    time_zone: str
    currency_code: str
    location: PropertyLocation


class PropertyList(_ResponseModel):
    """A page of hotels; `count` is the total."""

    properties: list[PropertyListItem]
    count: int


class Property(_ResponseModel):
    """A hotel; its name by language."""

    id: str
    name: dict[str, str]
    time_zone: str


class UnitGroup(_ResponseModel):
    """A kind of room."""

    id: str
    name: str
    member_count: int
    max_persons: int | None = None


class UnitGroupList(_ResponseModel):
    """A page of them; `count` is the total."""

    unit_groups: list[UnitGroup]
    count: int


class UnitGroupAvailability(_ResponseModel):
    """How many rooms of a kind can be sold."""

    unit_group: UnitRef
    sellable_count: int


class AvailabilityTimeSlice(_ResponseModel):
    """What is free in a night."""

    from_: datetime = Field(alias="from")
    unit_groups: list[UnitGroupAvailability]


class Availability(_ResponseModel):
    """Night by night."""

    time_slices: list[AvailabilityTimeSlice]
    count: int


class RatePlanItem(_ResponseModel):
    """A rate plan."""

    id: str
    name: str
    min_guarantee_type: Literal["PM6Hold", "CreditCard", "Prepayment", "Company"]


class RatePlanList(_ResponseModel):
    """A page of them; `count` is the total."""

    rate_plans: list[RatePlanItem]
    count: int


class Folio(_ResponseModel):
    """An account of a guest; a negative balance is owed."""

    id: str
    balance: Money
    is_main_folio: bool


class FolioList(_ResponseModel):
    """A page of them; `count` is the total."""

    folios: list[Folio]
    count: int
