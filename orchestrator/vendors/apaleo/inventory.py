"""Apaleo's properties, unit groups, availability, rate plans and folios."""

from __future__ import annotations

from datetime import date
from urllib.parse import quote

from orchestrator.vendors.apaleo.http import ApaleoHttpClient
from orchestrator.vendors.apaleo.models import (
    Availability,
    FolioList,
    Property,
    PropertyList,
    RatePlanList,
    UnitGroupList,
)


class Inventory:
    """Read access to what a property offers and charges; an empty result is an empty list."""

    def __init__(self, client: ApaleoHttpClient) -> None:
        self._client = client

    async def list_properties(self) -> PropertyList:
        """Return the account's properties."""
        properties = await self._client.get_page(PropertyList, "properties", "/inventory/v1/properties", {})
        return properties or PropertyList(properties=[], count=0)

    async def get_property(self, property_id: str) -> Property:
        """Return a property, with its name by language.

        Raises:
            NotFound: there is no such property.
        """
        path = f"/inventory/v1/properties/{quote(property_id, safe='')}"
        return await self._client.get(Property, "property", path)

    async def list_unit_groups(self, property_id: str) -> UnitGroupList:
        """Return the unit groups (room types) of a property."""
        unit_groups = await self._client.get_page(
            UnitGroupList, "unit groups", "/inventory/v1/unit-groups", {"propertyId": property_id}
        )
        return unit_groups or UnitGroupList(unit_groups=[], count=0)

    async def get_availability(self, property_id: str, *, first: date, last: date) -> Availability:
        """Return the availability per night; `first` and `last` are included.

        Raises:
            RequestRejected: `last` is before `first`.
        """
        query = {"propertyId": property_id, "from": first.isoformat(), "to": last.isoformat()}
        availability = await self._client.get_page(
            Availability, "availability", "/availability/v1/unit-groups", query
        )
        return availability or Availability(time_slices=[], count=0)

    async def list_rate_plans(self, property_id: str) -> RatePlanList:
        """Return the rate plans of a property."""
        rate_plans = await self._client.get_page(
            RatePlanList, "rate plans", "/rateplan/v1/rate-plans", {"propertyId": property_id}
        )
        return rate_plans or RatePlanList(rate_plans=[], count=0)

    async def list_folios(self, reservation_id: str) -> FolioList:
        """Return the folios of a reservation; a negative balance is what the guest owes."""
        folios = await self._client.get_page(
            FolioList, "folios", "/finance/v1/folios", {"reservationIds": reservation_id}
        )
        return folios or FolioList(folios=[], count=0)
