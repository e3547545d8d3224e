"""Mews's operations on the hotel: what it sells, and how much of it is left."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from orchestrator.vendors.mews.connection import MewsConnection, format_instant, page
from orchestrator.vendors.mews.hotel_models import (
    AgeCategory,
    AgeCategoryList,
    Availability,
    CategoryAvailability,
    Configuration,
    Rate,
    RateList,
    Resource,
    ResourceCategory,
    ResourceCategoryAssignment,
    ResourceCategoryAssignmentList,
    ResourceCategoryList,
    ResourceList,
    Service,
    ServiceList,
)


class Hotel:
    """The hotel that the credentials give access to.

    Args:
        connection: sends the requests.
    """

    def __init__(self, connection: MewsConnection) -> None:
        self._connection = connection

    async def get_configuration(self) -> Configuration:
        """Return the hotel."""
        return await self._connection.read(Configuration, "configuration/get", {})

    async def list_bookable_services(self) -> list[Service]:
        """Return the services that are booked for a time: rooms, but also a car park."""
        body = {"ServiceType": "Bookable", "Limitation": page()}
        return (await self._connection.read(ServiceList, "services/getAll", body)).services

    async def list_categories(self, service_id: str) -> list[ResourceCategory]:
        """Return the room types of a service."""
        body = {"ServiceIds": [service_id], "ActivityStates": ["Active"], "Limitation": page()}
        categories = await self._connection.read(ResourceCategoryList, "resourceCategories/getAll", body)
        return categories.resource_categories

    async def list_rates(self, service_id: str) -> list[Rate]:
        """Return the rates of a service; each applies to all of its room types."""
        body = {"ServiceIds": [service_id], "ActivityStates": ["Active"], "Limitation": page()}
        return (await self._connection.read(RateList, "rates/getAll", body)).rates

    async def list_age_categories(self, service_id: str) -> list[AgeCategory]:
        """Return the age categories by which the guests of a service are counted."""
        body = {"ServiceIds": [service_id], "ActivityStates": ["Active"], "Limitation": page()}
        return (await self._connection.read(AgeCategoryList, "ageCategories/getAll", body)).age_categories

    async def get_availability(
        self, service_id: str, first_night: datetime, last_night: datetime
    ) -> list[CategoryAvailability]:
        """Return how many rooms of each type are left in each night.

        This is the operation without a date suffix: its numbers contain the hotel's adjustments, whereas that of
        2024-01-22 has no sellable number. UNCONFIRMED: that an overbooked night is negative.

        Args:
            service_id: the service.
            first_night: the local midnight with which the first night begins; Mews refuses any other time.
            last_night: that of the last night, which is not the day of departure.
        """
        body = {
            "ServiceId": service_id,
            "FirstTimeUnitStartUtc": format_instant(first_night),
            "LastTimeUnitStartUtc": format_instant(last_night),
        }
        availability = await self._connection.read(Availability, "services/getAvailability", body)
        return availability.category_availabilities

    async def list_resources(self, resource_ids: Sequence[str]) -> list[Resource]:
        """Return the rooms with these ids, at most 1000; an id that does not exist is left out."""
        body = {"ResourceIds": list(resource_ids), "Extent": {"Resources": True}, "Limitation": page()}
        return (await self._connection.read(ResourceList, "resources/getAll", body)).resources

    async def list_room_assignments(self, category_id: str) -> list[ResourceCategoryAssignment]:
        """Return which rooms are of a type."""
        body = {"ResourceCategoryIds": [category_id], "ActivityStates": ["Active"], "Limitation": page()}
        assignments = await self._connection.read(
            ResourceCategoryAssignmentList, "resourceCategoryAssignments/getAll", body
        )
        return assignments.resource_category_assignments
