"""Mews as a PMS: what a phone needs most, the guest's stay, and cancelling it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from zoneinfo import ZoneInfo

from orchestrator.pms.errors import (
    CapabilityNotSupportedError,
    PmsRejectedError,
    PmsUnavailableError,
    ReservationNotFoundError,
)
from orchestrator.pms.interface import Capability
from orchestrator.pms.models import (
    BookingRequest,
    Guest,
    Offer,
    Reservation,
    ReservationAmendment,
    ReservationStatus,
)
from orchestrator.pms.validation import normalize_phone
from orchestrator.vendors.errors import RequestRejected, VendorError
from orchestrator.vendors.mews import models
from orchestrator.vendors.mews.client import MewsClient

STATUS_FROM_MEWS: dict[str, ReservationStatus] = {
    "Inquired": "tentative",
    "Requested": "tentative",
    "Optional": "held",
    "Confirmed": "confirmed",
    "Started": "in_house",
    "Processed": "checked_out",
    "Canceled": "canceled",
}
CANCELLATION_NOTE = "Canceled by the guest on the telephone"


class MewsConnector:
    """Speaks to Mews through its client.

    Args:
        client: the vendor's.
        region: of telephone numbers without a country code, as ISO 3166-1 alpha-2.
    """

    provider = "mews"
    capabilities = frozenset({Capability.READ_STAY, Capability.CANCEL})

    def __init__(self, client: MewsClient, region: str) -> None:
        self._client = client
        self._region = region
        self._hotel: models.Enterprise | None = None

    async def get_reservation(self, reservation_id: str) -> Reservation:
        """A reservation, put together from the reservation, its owner, its room and the hotel."""
        with _translated():
            found = await self._client.get_reservation(reservation_id)
            if found is None:
                raise ReservationNotFoundError
            hotel, guest, room = await asyncio.gather(
                self._enterprise(), self._guest(found.account_id), self._room(found.assigned_resource_id)
            )
        zone = ZoneInfo(hotel.time_zone_identifier)
        return Reservation(
            id=found.id,
            booking_id=found.group_id,
            hotel_id=hotel.id,
            status=_status(found),
            arrival=_local_date(found.scheduled_start_utc, zone),
            departure=_local_date(found.scheduled_end_utc, zone),
            adults=sum(one.count for one in found.person_counts),
            room=room,
            guest=guest,
        )

    async def find_reservations_by_phone(self, hotel_id: str, phone: str) -> list[Reservation]:  # noqa: ARG002 - Mews has no such filter
        """Mews finds nobody by number."""
        raise CapabilityNotSupportedError(Capability.FIND_BY_PHONE, self.provider)

    async def find_offers(self, hotel_id: str, arrival: date, departure: date, adults: int) -> list[Offer]:  # noqa: ARG002 - as above
        """Not connected."""
        raise CapabilityNotSupportedError(Capability.OFFERS, self.provider)

    async def create_booking(self, stay: BookingRequest, *, idempotency_key: str) -> str:  # noqa: ARG002 - as above
        """Not connected."""
        raise CapabilityNotSupportedError(Capability.BOOK, self.provider)

    async def amend_reservation(self, reservation_id: str, change: ReservationAmendment) -> None:  # noqa: ARG002 - as above
        """Not connected."""
        raise CapabilityNotSupportedError(Capability.CHANGE, self.provider)

    async def cancel_reservation(self, reservation_id: str) -> None:
        """Cancel a stay that has not begun."""
        with _translated():
            await self._client.cancel_reservation(reservation_id, CANCELLATION_NOTE)

    async def add_service(self, reservation_id: str, service_id: str, *, count: int = 1) -> None:  # noqa: ARG002 - as above
        """Not connected."""
        raise CapabilityNotSupportedError(Capability.SERVICES, self.provider)

    async def _enterprise(self) -> models.Enterprise:
        """The hotel, asked for once: credentials are for one."""
        if self._hotel is None:
            self._hotel = (await self._client.get_configuration()).enterprise
        return self._hotel

    async def _guest(self, account_id: str) -> Guest | None:
        person = await self._client.get_customer(account_id)  # None for a company
        if person is None:
            return None
        return Guest(
            last_name=person.last_name,
            first_name=person.first_name,
            phone=normalize_phone(person.phone, self._region),
            email=person.email,
            language=person.language_code[:2].lower() if person.language_code else None,
        )

    async def _room(self, resource_id: str | None) -> str | None:
        found = await self._client.get_resource(resource_id) if resource_id else None
        return found.name if found else None


def _status(found: models.Reservation) -> ReservationStatus:
    if found.cancellation_reason == "NoShow":
        return "no_show"
    return STATUS_FROM_MEWS.get(found.state, "tentative")


def _local_date(moment: datetime, zone: ZoneInfo) -> date:
    return moment.astimezone(zone).date()


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except RequestRejected as error:
        raise PmsRejectedError from error
    except VendorError as error:
        if error.status == 403:  # at Mews a broken business rule
            raise PmsRejectedError from error
        raise PmsUnavailableError(error.code or type(error).__name__, error.retry_after) from error
