"""The connector to Mews."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from orchestrator.clock import Clock, utc_now
from orchestrator.pms.adapters.mews_guests import MewsGuests
from orchestrator.pms.adapters.mews_hotel import MewsHotel
from orchestrator.pms.adapters.mews_mapping import (
    count_persons,
    find_refusals,
    join_rate_plan,
    map_vendor_errors,
    split_rate_plan,
    split_service,
    to_booked_stay,
    to_money,
    to_reservation,
)
from orchestrator.pms.adapters.mews_rooms import MewsRooms
from orchestrator.pms.errors import PmsRejectedError, ReservationNotFoundError
from orchestrator.pms.interface import Capability
from orchestrator.pms.models import (
    BookedStay,
    BookingRequest,
    Guest,
    Money,
    Offer,
    Reservation,
    ReservationAmendment,
    in_house_first,
)
from orchestrator.vendors.mews import models
from orchestrator.vendors.mews.client import MewsClient
from orchestrator.vendors.mews.connection import PAGE_SIZE

CANCELLATION_NOTE = "Cancelled by the guest on the telephone"
CHANGE_REASON = "Changed by the guest on the telephone"
CHANNEL_NUMBER_LENGTH = 32
"""Characters of an idempotency key, a SHA-256 in hexadecimal, by which a booking is found again."""
SEARCH_PERIOD = timedelta(days=90)
"""How far ahead reservations are searched for a phone number; Mews takes three months at most."""
MAX_PAGES = 5
"""Pages of a hotel's reservations that are searched."""
OPEN_STATES = frozenset({"Confirmed", "Started"})


class MewsConnector:
    """A PmsConnector on Mews.

    A booking takes up to five requests, and Mews has no idempotency key. An attempt without a response is resolved by
    reading: a reservation carries a part of the key as its channel number. A reservation can be found some seconds after
    it was added (seen by others, not documented), so that a repetition within these seconds could book twice.

    A rate plan is a rate and a room type. A service is `service/product` in the setting SERVICES.

    Args:
        client: the Mews client.
        region: the country of phone numbers without a country code, as ISO 3166-1 alpha-2.
        service_id: the service that rooms are booked with; None if only one service is booked by the night.
        clock: the current time.
    """

    provider = "mews"
    capabilities = frozenset(Capability)

    def __init__(
        self,
        client: MewsClient,
        region: str,
        service_id: str | None = None,
        clock: Clock = utc_now,
    ) -> None:
        self._client = client
        self._hotel = MewsHotel(client, service_id)
        self._guests = MewsGuests(client, region)
        self._rooms = MewsRooms(client)
        self._clock = clock

    async def get_reservation(self, reservation_id: str) -> Reservation:
        """Return a reservation, assembled from the reservation, its owner, its room and the hotel."""
        with map_vendor_errors():
            return await self._assemble(await self._read(reservation_id))

    async def get_current_reservation(self, reservation_id: str) -> Reservation:
        """Return a reservation with its services, which are those of all stays of its owner: Mews charges the profile."""
        with map_vendor_errors():
            source = await self._read(reservation_id)
            hotel, reservation, services = await asyncio.gather(
                self._hotel.enterprise(),
                self._assemble(source),
                self._guests.count_services(source.account_id),
            )
            today = self._clock().astimezone(ZoneInfo(hotel.time_zone_identifier)).date()
            refusals = find_refusals(reservation, today)
            return reservation.model_copy(update={"services": services, "refusals": refusals})

    async def find_reservations_by_phone(self, hotel_id: str, phone: str) -> list[Reservation]:
        """Return the reservations of the guest with this number in the next 90 days, those in house first.

        Mews has no search by phone number: the reservations are read by date and their owners' numbers compared.
        """
        with map_vendor_errors():
            hotel = await self._hotel.enterprise()
            if hotel.id != hotel_id:  # the credentials belong to one hotel
                return []
            matches = await self._owned_by(phone, (await self._hotel.service()).id)
            rooms = await self._rooms.names(source.assigned_resource_id for source, _ in matches)
            reservations = [
                to_reservation(source, hotel, guest, rooms.get(source.assigned_resource_id))
                for source, guest in matches
            ]
        return in_house_first(reservations)

    async def find_offers(self, hotel_id: str, arrival: date, departure: date, adults: int) -> list[Offer]:  # noqa: ARG002 - the credentials belong to one hotel
        """Return the offers for a stay: each free room type that is large enough, at each public rate, cheapest first."""
        with map_vendor_errors():
            catalogue, free = await asyncio.gather(
                self._hotel.catalogue(), self._hotel.free_rooms(arrival, departure)
            )
            stays = {
                join_rate_plan(rate_id, category_id): catalogue.stay(
                    rate_id, category_id, arrival, departure, adults
                )
                for category_id, capacity in catalogue.capacities.items()
                if free.get(category_id, 0) > 0 and capacity >= adults
                for rate_id in catalogue.rate_ids
            }
            if not stays:
                return []
            prices = await self._client.reservations.price(catalogue.service.id, stays)
            offers = [
                Offer(
                    rate_plan_id=price.identifier,
                    room_type=catalogue.categories[stays[price.identifier].category_id],
                    arrival=arrival,
                    departure=departure,
                    available_units=free[stays[price.identifier].category_id],
                    total_amount=to_money(price.total_amount),
                )
                for price in prices
            ]
        return sorted(offers, key=lambda offer: offer.total_amount.amount)

    async def create_booking(self, stay: BookingRequest, *, idempotency_key: str) -> BookedStay:
        """Create a booking, unless an earlier attempt with this key did."""
        channel_number = idempotency_key[:CHANNEL_NUMBER_LENGTH]
        with map_vendor_errors():
            existing = await self._client.reservations.find_by_channel_number(channel_number)
            if existing is not None:
                return to_booked_stay(existing)
            customer_id = await self._guests.find_or_add(stay.guest)
            catalogue = await self._hotel.catalogue()
            rate_plan = split_rate_plan(stay.rate_plan_id)
            added = await self._client.reservations.add(
                catalogue.service.id,
                catalogue.stay(*rate_plan, stay.arrival, stay.departure, stay.adults),
                customer_id=customer_id,
                channel_number=channel_number,
            )
            return to_booked_stay(added)

    async def amend_reservation(self, reservation_id: str, change: ReservationAmendment) -> None:
        """Change the dates, the rate plan and the number of guests of a reservation; children stay what they are."""
        with map_vendor_errors():
            source, catalogue = await asyncio.gather(self._read(reservation_id), self._hotel.catalogue())
            rate_plan = split_rate_plan(change.rate_plan_id)
            await self._client.reservations.update(
                reservation_id,
                catalogue.stay(*rate_plan, change.arrival, change.departure, change.adults),
                reason=CHANGE_REASON,
                # otherwise a child would become an adult
                replace_persons=change.adults != count_persons(source),
            )

    async def cancel_reservation(self, reservation_id: str) -> None:
        """Cancel a reservation before the arrival."""
        with map_vendor_errors():
            await self._client.reservations.cancel(reservation_id, CANCELLATION_NOTE)

    async def add_service(self, reservation_id: str, service_id: str, *, count: int = 1) -> None:
        """Order a product for the guest of a reservation that is confirmed or in house."""
        service, product = split_service(service_id)
        with map_vendor_errors():
            source = await self._read(reservation_id)
            # for Mews, the reservation is only a link: it would charge the guest after the departure too
            if source.state not in OPEN_STATES:
                raise PmsRejectedError
            await self._client.accounts.add_order(
                service_id=service,
                product_id=product,
                count=count,
                account_id=source.account_id,
                reservation_id=reservation_id,
            )

    async def check_in(self, reservation_id: str) -> None:
        """Check in the guest of a confirmed reservation that has a room."""
        with map_vendor_errors():
            await self._client.reservations.start(reservation_id)

    async def check_out(self, reservation_id: str) -> None:
        """Check out a guest in the house and close the bills."""
        with map_vendor_errors():
            await self._client.reservations.process(reservation_id)

    async def find_room(self, reservation: Reservation, name: str) -> str | None:
        """Return the id of the room with this name among those of the booked type, free or not."""
        with map_vendor_errors():
            rooms = await self._rooms.of_type(reservation.room_type_id or "")
        return next((room.id for room in rooms if room.name.casefold() == name.casefold()), None)

    async def assign_room(self, reservation_id: str, room_id: str | None = None) -> str:
        """Assign a room for the whole stay, any free one of the booked type or the one with this id; return its name."""
        with map_vendor_errors():
            return await self._rooms.assign(await self._read(reservation_id), room_id)

    async def get_balance(self, reservation_id: str) -> Money | None:
        """Return what the guest has to pay, for all stays: Mews charges the profile."""
        with map_vendor_errors():
            return await self._guests.balance((await self._read(reservation_id)).account_id)

    async def _read(self, reservation_id: str) -> models.Reservation:
        source = await self._client.reservations.get(reservation_id)
        if source is None:
            raise ReservationNotFoundError
        return source

    async def _assemble(self, source: models.Reservation) -> Reservation:
        hotel, guests, rooms = await asyncio.gather(
            self._hotel.enterprise(),
            self._guests.read({source.account_id}),
            self._rooms.names([source.assigned_resource_id]),
        )
        room = rooms.get(source.assigned_resource_id)
        return to_reservation(source, hotel, guests.get(source.account_id), room)

    async def _owned_by(self, phone: str, service_id: str) -> list[tuple[models.Reservation, Guest]]:
        """Return the current reservations of the guests with a phone number, of rooms and not of a car park."""
        now, cursor = self._clock(), None
        matches: list[tuple[models.Reservation, Guest]] = []
        for _ in range(MAX_PAGES):
            page = await self._client.reservations.list_current(
                service_id, now, now + SEARCH_PERIOD, count=PAGE_SIZE, cursor=cursor
            )
            guests = await self._guests.read({source.account_id for source in page.reservations})
            matches += [
                (source, guests[source.account_id])
                for source in page.reservations
                if source.account_id in guests and guests[source.account_id].phone == phone
            ]
            # a page that is not full is the last one, although it has a cursor
            if len(page.reservations) < PAGE_SIZE:
                break
            cursor = page.cursor
        return matches
