"""Stateful property-based test: the stub of Mews is compared with a small model of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, time, timedelta
from typing import Any

import httpx
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, initialize, invariant, multiple, rule, run_state_machine_as_test

from provider_verification.stubs.engine.server import run_stubs
from provider_verification.stubs.vendors.mews.catalogue import (
    BREAKFAST_ID,
    CORPORATE_RATE_ID,
    PRODUCT_PRICES,
    ROOM_101_ID,
    ROOM_102_ID,
    ROOM_SERVICE_ID,
    SUITE_ID,
)
from provider_verification.stubs.vendors.mews.rows import (
    ADULTS_ID,
    CATEGORY_ID,
    RATE_ID,
    SERVICE_ID,
    instant,
)
from provider_verification.stubs.vendors.mews.state import ACCESS_TOKEN, CLIENT_TOKEN
from tests.stubs.test_stateful import HYPOTHESIS_SETTINGS, TODAY, StubStateMachine

CREDENTIALS = {"ClientToken": CLIENT_TOKEN, "AccessToken": ACCESS_TOKEN, "Client": "test 1.0"}
CATEGORIES = (CATEGORY_ID, SUITE_ID)
ROOMS = 2
DAYS = [TODAY + timedelta(days=number) for number in range(-2, 6)]
STAYS = st.tuples(st.integers(0, 3), st.integers(1, 3)).map(
    lambda stay: (DAYS[stay[0]], DAYS[stay[0] + stay[1]])
)


@dataclass
class Stay:
    """What the model knows of a reservation."""

    customer: str
    category: str
    arrival: date
    departure: date
    state: str = "Confirmed"
    room: str | None = None

    def occupies(self, category: str, night: date) -> bool:
        """Return whether the stay takes a room of a type in a night."""
        is_open = self.state in {"Confirmed", "Started"}
        return is_open and self.category == category and self.arrival <= night < self.departure


@dataclass
class Model:
    """Mews: reservations, and what guests have to pay."""

    stays: dict[str, Stay] = field(default_factory=dict)
    balances: dict[str, float] = field(default_factory=dict)

    def free_rooms(self, category: str, night: date, exclude: str = "") -> int:
        """Return how many rooms of a type are left in a night."""
        stays = [stay for number, stay in self.stays.items() if number != exclude]
        return ROOMS - sum(stay.occupies(category, night) for stay in stays)

    def fits(self, category: str, arrival: date, departure: date, exclude: str = "") -> bool:
        """Return whether a room of a type is left in every night."""
        nights = [arrival + timedelta(days=number) for number in range((departure - arrival).days)]
        return all(self.free_rooms(category, night, exclude) > 0 for night in nights)


class MewsMachine(StubStateMachine):
    """Mews: reservations from the booking to the departure, rooms and orders."""

    reservations = Bundle("reservations")

    @initialize()
    def initialize_model(self) -> None:
        """Start with two rooms of each type that can be sold."""
        self.set_up_state("rooms to sell", available=ROOMS)
        self.set_up_state("the time at the hotel", now=instant(TODAY, time(12)))
        self.model = Model()

    def post(self, operation: str, **body: Any) -> httpx.Response:
        """Send a request with valid credentials."""
        return self.http.post(f"/api/connector/v1/{operation}", json=CREDENTIALS | body)

    @rule(
        target=reservations,
        stay=STAYS,
        category=st.sampled_from(CATEGORIES),
        rate=st.sampled_from([RATE_ID, RATE_ID, RATE_ID, CORPORATE_RATE_ID]),
    )
    def book(self, stay: tuple[date, date], category: str, rate: str) -> Any:
        """A booking succeeds at a public rate if a room is left in every night, and is refused otherwise."""
        customer = self.post("customers/add", LastName="Muster", OverwriteExisting=False).json()["Id"]
        parameters = {
            "CustomerId": customer, "RequestedCategoryId": category, "RateId": rate,
            "StartUtc": instant(stay[0], time(15)), "EndUtc": instant(stay[1], time(12)),
            "PersonCounts": [{"AgeCategoryId": ADULTS_ID, "Count": 2}],
        }  # fmt: skip

        response = self.post("reservations/add", ServiceId=SERVICE_ID, Reservations=[parameters])

        allowed = rate == RATE_ID and self.model.fits(category, *stay)
        assert response.status_code == (200 if allowed else 403)
        if response.is_error:
            return multiple()
        reservation_id = response.json()["Reservations"][0]["Reservation"]["Id"]
        self.model.stays[reservation_id] = Stay(customer, category, *stay)
        return reservation_id

    @rule(reservation=reservations)
    def cancel(self, reservation: str) -> None:
        """Only a confirmed reservation can be cancelled."""
        stay = self.model.stays[reservation]
        allowed = stay.state == "Confirmed"

        response = self.post("reservations/cancel", ReservationIds=[reservation], Notes="")

        assert response.status_code == (200 if allowed else 403)
        if allowed:
            stay.state = "Canceled"

    @rule(reservation=reservations, dates=STAYS, category=st.sampled_from(CATEGORIES))
    def move(self, reservation: str, dates: tuple[date, date], category: str) -> None:
        """A reservation that is confirmed or in house can be moved to where a room is left."""
        stay = self.model.stays[reservation]
        is_open = stay.state in {"Confirmed", "Started"}
        allowed = is_open and self.model.fits(category, *dates, exclude=reservation)

        status = self.update(
            reservation,
            StartUtc=instant(dates[0], time(15)),
            EndUtc=instant(dates[1], time(12)),
            RequestedCategoryId=category,
        )

        assert status == (200 if allowed else 403)
        if allowed:
            stay.category, stay.arrival, stay.departure = category, *dates

    @rule(reservation=reservations, room=st.sampled_from([ROOM_101_ID, ROOM_102_ID]))
    def assign_room(self, reservation: str, room: str) -> None:
        """A reservation that is confirmed or in house can get any room."""
        stay = self.model.stays[reservation]
        allowed = stay.state in {"Confirmed", "Started"}

        assert self.update(reservation, AssignedResourceId=room) == (200 if allowed else 403)
        if allowed:
            stay.room = room

    def update(self, reservation: str, **values: Any) -> int:
        """Change a reservation and return the status."""
        update = {"ReservationId": reservation, **{name: {"Value": value} for name, value in values.items()}}
        body = {"ReservationId": reservation, "ReservationUpdates": [update], "Reason": "test"}
        return self.post("reservations/update", **body).status_code

    @rule(reservation=reservations)
    def check_in(self, reservation: str) -> None:
        """A confirmed guest can check in from the day of arrival on, into a room in which nobody is."""
        stay = self.model.stays[reservation]
        occupied = {other.room for other in self.model.stays.values() if other.state == "Started"}
        allowed = stay.state == "Confirmed" and stay.arrival <= TODAY and stay.room not in {None, *occupied}

        response = self.post("reservations/start", ReservationId=reservation)

        assert response.status_code == (200 if allowed else 403)
        if allowed:
            stay.state = "Started"

    @rule(reservation=reservations)
    def check_out(self, reservation: str) -> None:
        """A guest in the house can check out on the last day, if nothing is open."""
        stay = self.model.stays[reservation]
        is_settled = self.model.balances.get(stay.customer, 0) == 0
        allowed = stay.state == "Started" and stay.departure <= TODAY and is_settled

        response = self.post("reservations/process", ReservationId=reservation)

        assert response.status_code == (200 if allowed else 403)
        if allowed:
            stay.state = "Processed"

    @rule(reservation=reservations, count=st.integers(1, 3))
    def order_breakfast(self, reservation: str, count: int) -> None:
        """An order is charged to the guest's profile, whatever the state of the stay is."""
        customer = self.model.stays[reservation].customer
        order = [{"ProductId": BREAKFAST_ID, "Count": count}]

        response = self.post(
            "orders/add",
            ServiceId=ROOM_SERVICE_ID,
            AccountId=customer,
            LinkedReservationId=reservation,
            ProductOrders=order,
        )

        assert response.status_code == 200
        balance = self.model.balances.get(customer, 0) + count * PRODUCT_PRICES[BREAKFAST_ID]
        self.model.balances[customer] = balance

    @invariant()
    def pages_list_all_reservations(self) -> None:
        """The pages together list all reservations with their states."""
        states: dict[str, str] = {}
        cursor = None
        while True:
            limitation = {"Count": 4, "Cursor": cursor}
            page = self.post("reservations/getAll/2023-06-06", Limitation=limitation).json()
            states |= {row["Id"]: row["State"] for row in page["Reservations"]}
            cursor = page["Cursor"]
            if cursor is None:
                break
        assert states == {number: stay.state for number, stay in self.model.stays.items()}

    @invariant()
    def availability_matches_model(self) -> None:
        """The rooms that are left are those that no open reservation takes."""
        availability = self.post(
            "services/getAvailability",
            ServiceId=SERVICE_ID,
            FirstTimeUnitStartUtc=instant(DAYS[0]),
            LastTimeUnitStartUtc=instant(DAYS[-1]),
        ).json()
        for row in availability["CategoryAvailabilities"]:
            assert row["Availabilities"] == [self.model.free_rooms(row["CategoryId"], day) for day in DAYS]

    @invariant()
    def order_items_match_model(self) -> None:
        """What is open for each customer is the sum of the orders."""
        if not self.model.balances:
            return
        accounts = {"AccountIds": list(self.model.balances), "AccountingStates": ["Open"]}
        items = self.post("orderItems/getAll", **accounts, Limitation={"Count": 1000}).json()["OrderItems"]
        totals = dict.fromkeys(self.model.balances, 0.0)
        for item in items:
            totals[item["AccountId"]] += item["Amount"]["GrossValue"]
        assert totals == self.model.balances


def test_stub_of_mews_matches_model() -> None:
    """After any sequence of requests the stub's state equals the model's."""
    with run_stubs(["mews"]) as urls:
        MewsMachine.url = urls["mews"]
        run_state_machine_as_test(MewsMachine, settings=settings(HYPOTHESIS_SETTINGS, max_examples=10))
