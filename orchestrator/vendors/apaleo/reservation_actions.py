"""What is done to a stay."""

from __future__ import annotations

from datetime import date
from typing import TypeVar
from urllib.parse import quote

from orchestrator.vendors.apaleo.http import ApaleoHttpClient
from orchestrator.vendors.apaleo.models import AssignedUnit, AutoAssignedUnits
from orchestrator.vendors.http_client import VendorRequest

T = TypeVar("T")


class ReservationActions:
    """Apaleo's reservation actions: all of them raise NotFound for no such reservation and Rejected for a broken rule."""

    def __init__(self, session: ApaleoHttpClient) -> None:
        self._session = session

    async def cancel(self, reservation_id: str) -> None:
        """Cancel a confirmed reservation that has not begun."""
        await self._session.execute("cancel", "PUT", _action(reservation_id, "cancel"))

    async def check_in(self, reservation_id: str) -> None:
        """A confirmed guest, with a unit assigned, arrives."""
        await self._session.execute("check in", "PUT", _action(reservation_id, "checkin"))

    async def check_out(self, reservation_id: str) -> None:
        """A guest in the house leaves, tomorrow at the latest."""
        await self._session.execute("check out", "PUT", _action(reservation_id, "checkout"))

    async def no_show(self, reservation_id: str) -> None:
        """A confirmed guest did not come."""
        await self._session.execute("no-show", "PUT", _action(reservation_id, "noshow"))

    async def amend(
        self, reservation_id: str, *, arrival: date, departure: date, adults: int, rate_plan_id: str
    ) -> None:
        """Change when a stay is, and for how many."""
        body = {
            "arrival": arrival.isoformat(),
            "departure": departure.isoformat(),
            "adults": adults,
            "timeSlices": [{"ratePlanId": rate_plan_id}] * (departure - arrival).days,
        }
        await self._session.execute("amend", "PUT", _action(reservation_id, "amend"), body)

    async def book_service(self, reservation_id: str, service_id: str, *, count: int = 1) -> None:
        """Book a service of the hotel, such as a late check-out."""
        body = {"serviceId": service_id, "count": count}
        await self._session.execute("book service", "PUT", _action(reservation_id, "book-service"), body)

    async def assign_any_unit(self, reservation_id: str) -> AutoAssignedUnits:
        """Assign a unit that is free for the whole stay."""
        return await self._assigned(AutoAssignedUnits, _action(reservation_id, "assign-unit"))

    async def assign_unit(self, reservation_id: str, unit_id: str) -> AssignedUnit:
        """Assign this unit."""
        path = f"{_action(reservation_id, 'assign-unit')}/{quote(unit_id, safe='')}"
        return await self._assigned(AssignedUnit, path)

    async def set_comment(self, reservation_id: str, comment: str) -> None:
        """Replace the hotel's comment on a reservation; dates, status and guests' number cannot be changed like this."""
        change = [{"op": "add", "path": "/comment", "value": comment}]
        path = f"/booking/v1/reservations/{quote(reservation_id, safe='')}"
        await self._session.execute("set comment", "PATCH", path, change)

    async def _assigned(self, shape: type[T], path: str) -> T:
        answer = await self._session.send(VendorRequest(operation="assign unit", method="PUT", path=path))
        return self._session.parse(shape, answer)


def _action(reservation_id: str, name: str) -> str:
    return f"/booking/v1/reservation-actions/{quote(reservation_id, safe='')}/{name}"
