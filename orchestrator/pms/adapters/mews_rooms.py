"""The rooms of a hotel at Mews: their numbers, and who gets which."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from orchestrator.pms.errors import PmsRejectedError
from orchestrator.pms.sanitize import sanitize_text
from orchestrator.vendors.mews import models
from orchestrator.vendors.mews.client import MewsClient
from orchestrator.vendors.mews.hotel_models import Resource

ASSIGNMENT_REASON = "Room assigned on the telephone"


class MewsRooms:
    """The rooms of the hotel.

    Args:
        client: the Mews client.
    """

    def __init__(self, client: MewsClient) -> None:
        self._client = client

    async def names(self, resource_ids: Iterable[str | None]) -> dict[str | None, str]:
        """Return the room numbers by id; None has none."""
        ids = sorted({resource_id for resource_id in resource_ids if resource_id})
        resources = await self._client.hotel.list_resources(ids) if ids else []
        return {resource.id: resource.name for resource in resources}

    async def of_type(self, category_id: str) -> list[Resource]:
        """Return the rooms of a type, those first that a guest can check in to."""
        assignments = await self._client.hotel.list_room_assignments(category_id)
        if not assignments:
            return []
        resources = await self._client.hotel.list_resources(
            sorted(assignment.resource_id for assignment in assignments)
        )
        return sorted(resources, key=lambda resource: (resource.state != "Inspected", resource.name))

    async def assign(self, source: models.Reservation, room_id: str | None) -> str:
        """Assign a free room of the booked type, or the one with this id, and return its number.

        UNCONFIRMED: whether Mews refuses a room that another guest has. So who has it is read before.

        Raises:
            PmsRejectedError: the room, or every room, belongs to another guest in one of the nights.
        """
        rooms = await self.of_type(source.requested_resource_category_id)
        candidates = [room for room in rooms if room_id in (None, room.id)]
        taken = await self._taken(source, [room.id for room in candidates]) if candidates else set()
        room = next((room for room in candidates if room.id not in taken), None)
        if room is None:
            raise PmsRejectedError
        await self._client.reservations.assign_room(source.id, room.id, reason=ASSIGNMENT_REASON)
        return sanitize_text(room.name)

    async def _taken(self, source: models.Reservation, room_ids: Sequence[str]) -> set[str | None]:
        others = await self._client.reservations.list_in_rooms(
            source.scheduled_start_utc, source.scheduled_end_utc, room_ids
        )
        # the guest's own room is free for the guest
        return {other.assigned_resource_id for other in others if other.id != source.id}
