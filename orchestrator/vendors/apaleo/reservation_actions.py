"""Apaleo's reservation actions."""

from __future__ import annotations

from datetime import date
from typing import TypeVar
from urllib.parse import quote

from orchestrator.vendors.apaleo.http import ApaleoHttpClient
from orchestrator.vendors.apaleo.models import AssignedUnit, AutoAssignedUnits
from orchestrator.vendors.http_client import VendorRequest

T = TypeVar("T")


class ReservationActions:
    """Actions on a reservation. Each raises NotFound for an unknown reservation, RequestRejected for a broken rule."""

    def __init__(self, client: ApaleoHttpClient) -> None:
        self._client = client

    async def cancel(self, reservation_id: str) -> None:
        """Cancel a confirmed reservation before its arrival."""
        # without a body: Apaleo takes no reason
        await self._client.execute("cancel", _action_path(reservation_id, "cancel"))

    async def check_in(self, reservation_id: str) -> None:
        """Check in a confirmed guest who has a unit assigned."""
        await self._client.execute("check in", _action_path(reservation_id, "checkin"))

    async def check_out(self, reservation_id: str) -> None:
        """Check out an in-house guest whose departure is tomorrow at the latest."""
        await self._client.execute("check out", _action_path(reservation_id, "checkout"))

    async def amend(
        self, reservation_id: str, *, arrival: date, departure: date, adults: int, rate_plan_id: str
    ) -> None:
        """Change the dates and the number of adults."""
        body = {
            "arrival": arrival.isoformat(),
            "departure": departure.isoformat(),
            "adults": adults,
            "timeSlices": [{"ratePlanId": rate_plan_id}] * (departure - arrival).days,
        }
        await self._client.execute("amend", _action_path(reservation_id, "amend"), body)

    async def book_service(self, reservation_id: str, service_id: str, *, count: int = 1) -> None:
        """Add a service of the property, such as a late check-out."""
        # without dates, because given dates would replace those on which the service is booked already
        body = {"serviceId": service_id, "count": count}
        await self._client.execute("book service", _action_path(reservation_id, "book-service"), body)

    async def assign_any_unit(self, reservation_id: str) -> AutoAssignedUnits:
        """Assign a unit that is free for the whole stay."""
        path = _action_path(reservation_id, "assign-unit")
        return await self._assign(AutoAssignedUnits, "assign any unit", path)

    async def assign_unit(self, reservation_id: str, unit_id: str) -> AssignedUnit:
        """Assign a given unit."""
        path = f"{_action_path(reservation_id, 'assign-unit')}/{quote(unit_id, safe='')}"
        return await self._assign(AssignedUnit, "assign unit", path)

    async def _assign(self, model: type[T], operation: str, path: str) -> T:
        # the response to an assignment is 200 with a body, to all other actions 204
        request = VendorRequest(operation=operation, method="PUT", path=path)
        return await self._client.send_and_parse(model, request)


def _action_path(reservation_id: str, action: str) -> str:
    return f"/booking/v1/reservation-actions/{quote(reservation_id, safe='')}/{action}"
