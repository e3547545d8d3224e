"""The hotel: its properties, rooms, prices and what guests owe."""

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
    """Apaleo's inventory, availability, rate plans and folios; an empty list is an empty list, not an error."""

    def __init__(self, session: ApaleoHttpClient) -> None:
        self._session = session

    async def list_properties(self) -> PropertyList:
        """The account's hotels."""
        found = await self._session.get_page(PropertyList, "properties", "/inventory/v1/properties", {})
        return found or PropertyList(properties=[], count=0)

    async def get_property(self, property_id: str) -> Property:
        """A hotel; its name by language.

        Raises:
            NotFound: there is none.
        """
        path = f"/inventory/v1/properties/{quote(property_id, safe='')}"
        return await self._session.get(Property, "property", path)

    async def list_unit_groups(self, property_id: str) -> UnitGroupList:
        """The kinds of rooms of a hotel."""
        found = await self._session.get_page(
            UnitGroupList, "unit groups", "/inventory/v1/unit-groups", {"propertyId": property_id}
        )
        return found or UnitGroupList(unit_groups=[], count=0)

    async def get_availability(self, property_id: str, *, first: date, last: date) -> Availability:
        """What is free, by night; both days are included.

        Raises:
            RequestRejected: the last day is before the first.
        """
        query = {"propertyId": property_id, "from": first.isoformat(), "to": last.isoformat()}
        found = await self._session.get_page(
            Availability, "availability", "/availability/v1/unit-groups", query
        )
        return found or Availability(time_slices=[], count=0)

    async def list_rate_plans(self, property_id: str) -> RatePlanList:
        """The rate plans of a hotel."""
        found = await self._session.get_page(
            RatePlanList, "rate plans", "/rateplan/v1/rate-plans", {"propertyId": property_id}
        )
        return found or RatePlanList(rate_plans=[], count=0)

    async def list_folios(self, reservation_id: str) -> FolioList:
        """What is owed for a reservation: a negative balance."""
        found = await self._session.get_page(
            FolioList, "folios", "/finance/v1/folios", {"reservationIds": reservation_id}
        )
        return found or FolioList(folios=[], count=0)
