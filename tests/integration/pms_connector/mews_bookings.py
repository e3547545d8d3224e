"""Bookings and changes at Mews."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from tests.integration.api import ApiClient
from tests.integration.data import ARRIVAL
from tests.integration.ids import IdFactory
from tests.integration.pms_connector.mews_calls import DEPARTURE, STAY, MewsCall, add_stay
from tests.integration.vendors import StubClients

At = tuple[ApiClient, StubClients]
ZONE = ZoneInfo("Europe/Berlin")
FLEXIBLE, DOUBLE = "5f0a1c2e-0000-4000-8000-000000000013", "5f0a1c2e-0000-4000-8000-000000000014"
SUITE = "5f0a1c2e-0000-4000-8000-000000000018"
ADULTS, CHILDREN = "5f0a1c2e-0000-4000-8000-000000000015", "5f0a1c2e-0000-4000-8000-00000000001c"
START = datetime.combine(ARRIVAL, time(15), ZONE).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
END = datetime.combine(DEPARTURE, time(12), ZONE).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
LONGER = {"arrival": STAY["arrival"], "departure": str(DEPARTURE + timedelta(days=1))}
GUEST = {
    "LastName": "Beispiel",
    "FirstName": "Eva",
    "Email": "eva@example.org",
    "Phone": "030 9876543",
    "LanguageCode": "de-DE",
}


class MewsBookings:
    """Offers, bookings and changes."""

    def test_offers_are_the_free_rooms_at_public_rates_cheapest_first(
        self, at_mews: At, names: IdFactory
    ) -> None:
        """Neither a private rate nor one that is closed is offered; the price is for all nights, with taxes."""
        api, vendors = at_mews

        offers = MewsCall(api, names).ask("availability_request", **STAY)["result"]["offers"]

        assert [(offer["room"], offer["price"], offer["available"]) for offer in offers] == [
            ("Doppelzimmer", "216.00 EUR", 4),
            ("Doppelzimmer", "240.00 EUR", 4),
            ("Suite", "378.00 EUR", 4),
            ("Suite", "420.00 EUR", 4),
        ]
        [body] = vendors.mews.bodies("getAvailability")
        midnights = [
            datetime.combine(night, time(), ZONE).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
            for night in (ARRIVAL, ARRIVAL + timedelta(days=1))
        ]
        assert [body["FirstTimeUnitStartUtc"], body["LastTimeUnitStartUtc"]] == midnights

    def test_small_rooms_are_not_offered_to_three_guests(self, at_mews: At, names: IdFactory) -> None:
        """Mews itself would price a room that is too small."""
        api, _ = at_mews

        offers = MewsCall(api, names).ask("availability_request", **STAY, adults=3)["result"]["offers"]

        assert {offer["room"] for offer in offers} == {"Suite"}

    def test_sold_out_hotel_offers_nothing(self, at_mews: At, names: IdFactory) -> None:
        """No price is asked for."""
        api, vendors = at_mews
        vendors.mews.set_provider_state("rooms to sell", available=0)

        response = MewsCall(api, names).ask("availability_request", **STAY)

        assert (response["result"]["reason"], vendors.mews.bodies("getReservationPrices")) == ("sold_out", [])

    def test_booking_adds_a_profile_and_a_reservation(self, at_mews: At, names: IdFactory) -> None:
        """The times are those of the hotel; Mews sends no e-mail; the booked stay is that of the call."""
        api, vendors = at_mews
        call = MewsCall(api, names, phone=names.phone())

        booked = call.ask("booking_request", **STAY, last_name="Beispiel", adults=2)
        stay = call.ask("guest_info_request")["result"]

        [body] = vendors.mews.bodies("addReservations")
        [reservation] = body["Reservations"]
        assert (booked["outcome"], body["SendConfirmationEmail"], body["CheckOverbooking"]) == (
            "done",
            False,
            True,
        )
        assert (reservation["StartUtc"], reservation["EndUtc"]) == (START, END)
        assert reservation["PersonCounts"] == [{"AgeCategoryId": ADULTS, "Count": 2}]
        assert (stay["guest_name"], stay["arrival"], stay["departure"]) == ("Beispiel", *STAY.values())
        assert stay["reservation_id"] == booked["result"]["reservation_id"]

    def test_guest_hears_the_number_of_the_reservation(self, at_mews: At, names: IdFactory) -> None:
        """Its id is a GUID. A booking that is found again, because its response was lost, has the same number."""
        api, vendors = at_mews
        vendors.mews.inject_fault("reset", "addReservations", times=1)
        call = MewsCall(api, names)
        call.ask("booking_request", **STAY, last_name="Beispiel")

        booked = call.ask("booking_request", **STAY, last_name="Beispiel")

        number = booked["result"]["reservation_number"]
        assert (len(booked["result"]["reservation_id"]), number.isdigit()) == (36, True)
        assert booked["reply"] == f"I have booked for you. Your reservation number is {number}."

    def test_profile_with_the_email_address_is_used(self, at_mews: At, names: IdFactory) -> None:
        """Mews refuses a second profile with the same address."""
        api, vendors = at_mews
        vendors.mews.set_provider_state("a guest's profile", guest=GUEST)

        booked = MewsCall(api, names).ask(
            "booking_request", **STAY, last_name="Beispiel", email="eva@example.org"
        )

        assert (booked["outcome"], vendors.mews.bodies("addCustomer")) == ("done", [])

    def test_profile_with_name_and_number_is_used(self, at_mews: At, names: IdFactory) -> None:
        """A profile with the same name and another number is another guest."""
        api, vendors = at_mews
        vendors.mews.set_provider_state("a guest's profile", guest=GUEST)

        for phone in ("+49309876543", names.phone()):
            call = MewsCall(api, names, phone=phone)
            assert call.ask("booking_request", **STAY, last_name="Beispiel")["outcome"] == "done"

        customers = [body["Reservations"][0]["CustomerId"] for body in vendors.mews.bodies("addReservations")]
        assert len(set(customers)) == 2
        assert len(vendors.mews.bodies("addCustomer")) == 1

    def test_booking_without_response_is_found_by_its_channel_number(
        self, at_mews: At, names: IdFactory
    ) -> None:
        """Mews has no idempotency key; the guest who asks again is not booked twice."""
        api, vendors = at_mews
        vendors.mews.inject_fault("reset", "addReservations", times=1)
        call = MewsCall(api, names)

        outcomes = [call.ask("booking_request", **STAY, last_name="Beispiel")["outcome"] for _ in range(2)]
        offers = call.ask("availability_request", **STAY)["result"]["offers"]

        assert outcomes == ["degraded", "done"]
        assert len(vendors.mews.requests("addReservations")) == len(vendors.mews.bodies("addCustomer")) == 1
        assert offers[0]["available"] == 3

    def test_room_that_was_sold_meanwhile_is_refused(self, at_mews: At, names: IdFactory) -> None:
        """The first attempt did not reach the booking; for the second one, no room is left."""
        api, vendors = at_mews
        vendors.mews.inject_fault("status", "addReservations", status=429, retry_after=3600, times=1)
        call = MewsCall(api, names)
        first = call.ask("booking_request", **STAY, last_name="Beispiel")
        vendors.mews.set_provider_state("rooms to sell", available=0)

        second = call.ask("booking_request", **STAY, last_name="Beispiel")

        assert (first["outcome"], second["outcome"]) == ("degraded", "refused")
        assert (second["result"], second["warnings"]) == ({"reason": "refused"}, [])

    def test_longer_stay_keeps_room_type_and_children(self, at_mews: At, names: IdFactory) -> None:
        """A guest of a suite stays in a suite, although a double room is cheaper."""
        api, vendors = at_mews
        persons = [{"AgeCategoryId": ADULTS, "Count": 2}, {"AgeCategoryId": CHILDREN, "Count": 1}]
        fields = {"RequestedResourceCategoryId": SUITE, "PersonCounts": persons}
        call = MewsCall(api, names, add_stay(vendors, fields=fields))

        changed = call.ask("change_request", **LONGER)
        stay = call.ask("guest_info_request")["result"]

        [body] = vendors.mews.bodies("updateReservations")
        [update] = body["ReservationUpdates"]
        assert (changed["outcome"], stay["departure"]) == ("done", LONGER["departure"])
        assert (update["RequestedCategoryId"], update["RateId"]) == ({"Value": SUITE}, {"Value": FLEXIBLE})
        assert "PersonCounts" not in update
        assert (body["Reprice"], body["ApplyCancellationFee"]) == (True, False)

    def test_other_number_of_guests_is_changed(self, at_mews: At, names: IdFactory) -> None:
        """All guests are adults then: the caller did not name children."""
        api, vendors = at_mews
        call = MewsCall(api, names, add_stay(vendors))

        changed = call.ask("change_request", **LONGER, adults=1)

        [body] = vendors.mews.bodies("updateReservations")
        persons = body["ReservationUpdates"][0]["PersonCounts"]
        assert (changed["outcome"], persons) == (
            "done",
            {"Value": [{"AgeCategoryId": ADULTS, "Count": 1}]},
        )

    def test_change_after_the_departure_is_refused(self, at_mews: At, names: IdFactory) -> None:
        """Mews responds with 403, which is no outage."""
        api, vendors = at_mews
        call = MewsCall(api, names, add_stay(vendors, state="Processed"))

        response = call.ask("change_request", **LONGER)

        assert (response["outcome"], response["warnings"]) == ("refused", [])

    def test_change_without_response_is_not_repeated(self, at_mews: At, names: IdFactory) -> None:
        """The guest who asks again gets what the first attempt did."""
        api, vendors = at_mews
        vendors.mews.inject_fault("reset", "updateReservations", times=1)
        call = MewsCall(api, names, add_stay(vendors))

        outcomes = [call.ask("change_request", **LONGER)["outcome"] for _ in range(2)]

        assert outcomes == ["degraded", "done"]
        assert len(vendors.mews.requests("updateReservations")) == 1
