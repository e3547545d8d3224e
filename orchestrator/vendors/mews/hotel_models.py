"""The parts of Mews's responses about the hotel that the orchestrator reads."""

from __future__ import annotations

from datetime import timedelta

from orchestrator.vendors.mews.models import MewsModel
from orchestrator.vendors.models import Count, VendorId


class Enterprise(MewsModel):
    """A hotel; the time zone is an IANA name, the language the key of the texts that every hotel has."""

    id: VendorId
    time_zone_identifier: str
    default_language_code: str


class Configuration(MewsModel):
    """The hotel that the credentials give access to."""

    enterprise: Enterprise


class BookableService(MewsModel):
    """How a service is booked: check-in is `start_offset` after the midnight of the first day, check-out `end_offset` after that of the last."""

    start_offset: timedelta
    end_offset: timedelta
    time_unit_period: str


class ServiceData(MewsModel):
    """What depends on the kind of a service."""

    value: BookableService


class Service(MewsModel):
    """A service that is booked for a time."""

    id: VendorId
    is_active: bool
    data: ServiceData


class ServiceList(MewsModel):
    """The services of the hotel."""

    services: list[Service]


class ResourceCategory(MewsModel):
    """A room type; the names by language, the capacity in persons without extra beds."""

    id: VendorId
    names: dict[str, str]
    capacity: Count


class ResourceCategoryList(MewsModel):
    """The room types of a service."""

    resource_categories: list[ResourceCategory]


class Rate(MewsModel):
    """A rate; only one that is enabled and public may be offered to any guest."""

    id: VendorId
    is_enabled: bool
    is_public: bool


class RateList(MewsModel):
    """The rates of a service."""

    rates: list[Rate]


class AgeCategory(MewsModel):
    """An age category; `classification` is `Adult` or `Child`."""

    id: VendorId
    classification: str


class AgeCategoryList(MewsModel):
    """The age categories of a service."""

    age_categories: list[AgeCategory]


class CategoryAvailability(MewsModel):
    """How many rooms of a type are left in each night."""

    category_id: VendorId
    availabilities: list[Count]


class Availability(MewsModel):
    """The availability of a service."""

    category_availabilities: list[CategoryAvailability]


class Resource(MewsModel):
    """A room; its name is the room number. A guest can only check in to a room in the state `Inspected`."""

    id: VendorId
    name: str
    state: str


class ResourceList(MewsModel):
    """The rooms found; unknown ids are left out."""

    resources: list[Resource]


class ResourceCategoryAssignment(MewsModel):
    """A room is of a type."""

    resource_id: VendorId


class ResourceCategoryAssignmentList(MewsModel):
    """The rooms of a type."""

    resource_category_assignments: list[ResourceCategoryAssignment]
