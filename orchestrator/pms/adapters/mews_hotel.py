"""What a hotel at Mews sells, and the conversion between nights and Mews's times."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from orchestrator.caching import CoalescingCache
from orchestrator.pms.errors import PmsUnavailableError
from orchestrator.vendors.mews import hotel_models as models
from orchestrator.vendors.mews.client import MewsClient
from orchestrator.vendors.mews.reservations import Stay

CATALOGUE_TTL_SECONDS = 600.0
"""How long room types and rates are believed: the hotel changes them now and then, and reading them takes four requests."""


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The service that rooms are booked with.

    Attributes:
        service: the service.
        zone: the hotel's time zone.
        adults_id: the age category of adults.
        categories: the room types by id, with their names in the hotel's language.
        capacities: the number of persons by room type.
        rate_ids: the rates that any guest may book.
    """

    service: models.Service
    zone: ZoneInfo
    adults_id: str
    categories: dict[str, str]
    capacities: dict[str, int]
    rate_ids: Sequence[str]

    def midnight(self, day: date) -> datetime:
        """Return the start of a night, with which Mews's unit of time begins."""
        return datetime.combine(day, time(), self.zone)

    def stay(self, rate_id: str, category_id: str, arrival: date, departure: date, adults: int) -> Stay:
        """Return a stay with the times of check-in and check-out; the last night ends at midnight of the departure."""
        times = self.service.data.value
        return Stay(
            rate_id=rate_id,
            category_id=category_id,
            # the offsets count on the clock of the hotel, also on the day it changes to summer time
            start=self.midnight(arrival) + times.start_offset,
            end=self.midnight(departure) + times.end_offset,
            age_category_id=self.adults_id,
            persons=adults,
        )


class MewsHotel:
    """The hotel that Mews's credentials give access to.

    Args:
        client: the Mews client.
        service_id: the service that rooms are booked with; None if only one service is booked by the night.
    """

    def __init__(self, client: MewsClient, service_id: str | None) -> None:
        self._client = client
        self._service_id = service_id
        self._enterprise: models.Enterprise | None = None
        self._service: CoalescingCache[str, models.Service] = CoalescingCache(
            max_size=1, ttl_seconds=CATALOGUE_TTL_SECONDS
        )
        self._catalogue: CoalescingCache[str, Catalogue] = CoalescingCache(
            max_size=1, ttl_seconds=CATALOGUE_TTL_SECONDS
        )

    async def enterprise(self) -> models.Enterprise:
        """Return the hotel; it is read once, because the credentials belong to one hotel."""
        if self._enterprise is None:
            self._enterprise = (await self._client.hotel.get_configuration()).enterprise
        return self._enterprise

    async def service(self) -> models.Service:
        """Return the service that rooms are booked with.

        Raises:
            PmsUnavailableError: it is not clear which service that is.
        """
        return await self._service.get_or_fetch("service", self._read_service)

    async def catalogue(self) -> Catalogue:
        """Return what the hotel sells.

        Raises:
            PmsUnavailableError: it is not clear which service is that of the rooms, or who counts as an adult.
        """
        return await self._catalogue.get_or_fetch("catalogue", self._read_catalogue)

    async def free_rooms(self, arrival: date, departure: date) -> dict[str, int]:
        """Return how many rooms of each type are left in every night of a stay."""
        catalogue = await self.catalogue()
        last_night = departure - timedelta(days=1)
        rows = await self._client.hotel.get_availability(
            catalogue.service.id, catalogue.midnight(arrival), catalogue.midnight(last_night)
        )
        return {row.category_id: min(row.availabilities) for row in rows}

    async def _read_catalogue(self) -> Catalogue:
        enterprise, service = await asyncio.gather(self.enterprise(), self.service())
        categories, rates, ages = await asyncio.gather(
            self._client.hotel.list_categories(service.id),
            self._client.hotel.list_rates(service.id),
            self._client.hotel.list_age_categories(service.id),
        )
        adults = [age.id for age in ages if age.classification == "Adult"]
        if not adults:
            raise PmsUnavailableError("no_age_category_of_adults")
        language = enterprise.default_language_code
        return Catalogue(
            service=service,
            zone=ZoneInfo(enterprise.time_zone_identifier),
            adults_id=adults[0],
            categories={category.id: _localized(category.names, language) for category in categories},
            capacities={category.id: category.capacity for category in categories},
            rate_ids=[rate.id for rate in rates if rate.is_enabled and rate.is_public],
        )

    async def _read_service(self) -> models.Service:
        services = [
            service
            for service in await self._client.hotel.list_bookable_services()
            if service.is_active
            and service.data.value.time_unit_period == "Day"
            and self._service_id in (None, service.id)
        ]
        # a hotel may sell more by the night, such as parking; a guess would book the wrong thing
        if len(services) != 1:
            raise PmsUnavailableError("service_of_rooms_not_found" if not services else "several_services")
        return services[0]


def _localized(texts: dict[str, str], language: str) -> str:
    """Return a text in a language, or in any other one: Mews guarantees no language."""
    return texts[language] if language in texts else next(iter(texts.values()))
