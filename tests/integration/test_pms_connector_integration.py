"""Apaleo behind the PMS connector."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from tests.integration.api import TIMEOUT_SECONDS, ApiClient
from tests.integration.call_events import call_interaction, call_started
from tests.integration.ids import IdFactory
from tests.integration.pms_connector.access import TestAccess
from tests.integration.pms_connector.cache import TestCache
from tests.integration.pms_connector.errors import TestErrorsAndFallback
from tests.integration.pms_connector.factory import TestFactory, memory
from tests.integration.pms_connector.mews import TestMews, at_mews, mews
from tests.integration.pms_connector.missing_names import TestMissingNames
from tests.integration.pms_connector.validation import TestValidation
from tests.integration.scenarios import (
    add_guest,
    ask_for_stay,
    book_in_new_call,
    guest_name_in_new_call,
)
from tests.integration.vendors import StubClients
from tests.thoroughness import choose

__all__ = [
    "TestAccess",
    "TestCache",
    "TestErrorsAndFallback",
    "TestFactory",
    "TestMews",
    "TestMissingNames",
    "TestValidation",
    "at_mews",
    "memory",
    "mews",
]
"""Classes and fixtures of the suite that are defined in modules beside it, collected under this file's path."""
BULKHEAD_SLOTS = 50
"""Requests that one vendor gets at the same time."""


class TestApaleo:
    """Apaleo's specifics are hidden behind the connector."""

    @pytest.mark.critical
    def test_stay_is_returned_in_vendor_neutral_terms(
        self, operator: ApiClient, vendors: StubClients, names: IdFactory
    ) -> None:
        """Status, money and dates are the orchestrator's; an amount due is positive."""
        reservation = add_guest(vendors, names)

        stay = ask_for_stay(operator, names, reservation)["result"]

        assert (stay["status"], stay["balance_due"], stay["arrival"]) == (
            "in_house",
            "240.00 EUR",
            "2027-05-01",
        )

    def test_guest_on_a_later_page_is_found(
        self, operator: ApiClient, vendors: StubClients, names: IdFactory
    ) -> None:
        """The reservation list is read to its last page."""
        phone = names.phone()
        vendors.apaleo.set_provider_state("reservations", count=205)
        add_guest(vendors, names, guest={"lastName": "Letzte", "phone": phone})

        started = operator.send_event(call_started(names.call(), phone))

        assert started["reply"] == "Good day, Letzte. How may I help you?"
        pages = [request["query"]["pageNumber"] for request in vendors.apaleo.requests("listReservations")]
        assert pages == [["1"], ["2"]]

    def test_current_stay_takes_precedence_over_future_stay(
        self, operator: ApiClient, vendors: StubClients, names: IdFactory
    ) -> None:
        """A guest in the hotel calls about the current stay."""
        person = {"lastName": "Doppel", "phone": names.phone()}
        add_guest(vendors, names, status="Confirmed", unit=None, guest=person)
        current = add_guest(vendors, names, guest=person)
        call_id = names.call()
        operator.send_event(call_started(call_id, person["phone"]))

        stay = operator.send_event(call_interaction(call_id, "guest_info_request"))["result"]

        assert stay["reservation_id"] == current

    @pytest.mark.parametrize(
        "notation", ["030 {}", "030/{}", "+49 30 {}", "0049 30 {}", "(030) {}", "+49-30-{}"]
    )
    def test_phone_number_matches_in_any_notation(
        self, operator: ApiClient, vendors: StubClients, names: IdFactory, notation: str
    ) -> None:
        """Receptionists write phone numbers in many notations."""
        phone = names.phone()
        add_guest(vendors, names, guest={"lastName": "Ziffer", "phone": notation.format(phone[5:])})

        assert operator.send_event(call_started(names.call(), phone))["guest_found"] is True

    @pytest.mark.parametrize(
        "notation", ["", "none", "12", "+49", "030 12345 ext 7 or 8 or maybe 9999999999999"]
    )
    def test_invalid_phone_numbers_match_no_guest(
        self, operator: ApiClient, vendors: StubClients, names: IdFactory, notation: str
    ) -> None:
        """The other guests are still found."""
        phone = names.phone()
        add_guest(vendors, names, guest={"lastName": "Leer", "phone": notation})
        add_guest(vendors, names, guest={"lastName": "Ziffer", "phone": phone})

        assert operator.send_event(call_started(names.call(), phone))["reply"].startswith("Good day, Ziffer")

    def test_booker_is_greeted_when_the_guest_is_missing(
        self, operator: ApiClient, vendors: StubClients, names: IdFactory
    ) -> None:
        """A reservation without a primary guest has at least a booker, also where it is read with its services."""
        reservation = add_guest(vendors, names, guest=None, services=["MUC-LATE_CHECKOUT"])
        call = names.call()

        started = operator.send_event(call_started(call, reservation_id=reservation))
        booked = operator.send_event(call_interaction(call, "late_checkout_request"))

        assert started["reply"] == "Guten Tag, Ada Muster. Was darf ich für Sie tun?"
        assert booked["outcome"] == "done"


class TestPooling:
    """Connections and tokens are reused."""

    def test_sequential_requests_share_connections(
        self, operator: ApiClient, vendors: StubClients, names: IdFactory
    ) -> None:
        """Connections to Apaleo are kept alive: as many as were needed at the same time before, used in turn."""
        for _ in range(BULKHEAD_SLOTS + 10):
            ask_for_stay(operator, names, add_guest(vendors, names))

        reads = vendors.apaleo.requests("getReservation")
        assert len(reads) == BULKHEAD_SLOTS + 10
        assert len({request["connection"] for request in reads}) <= BULKHEAD_SLOTS

    def test_concurrent_calls_share_a_token(
        self, operator: ApiClient, vendors: StubClients, names: IdFactory
    ) -> None:
        """One request fetches the OAuth 2 token for all."""
        events = [call_started(names.call(), reservation_id=add_guest(vendors, names)) for _ in range(20)]

        with ThreadPoolExecutor(20) as pool:
            found = [response["guest_found"] for response in pool.map(operator.send_event, events)]

        assert found == [True] * 20
        assert len(vendors.apaleo.requests("token")) == 1


class TestConcurrentAccess:
    """Many calls for the same room, and for many reservations."""

    async def test_last_room_is_sold_once(
        self, operator: ApiClient, vendors: StubClients, names: IdFactory
    ) -> None:
        """One caller books it, the others are told that it is sold out."""
        vendors.apaleo.set_provider_state("units to sell", available=1)
        call_ids = [names.call() for _ in range(8)]
        async with httpx.AsyncClient(
            base_url=operator.url, headers=operator.headers, timeout=TIMEOUT_SECONDS
        ) as http:
            outcomes = await asyncio.gather(*(book_in_new_call(http, call_id) for call_id in call_ids))

        assert sorted(outcomes) == ["done", *["refused"] * 7]

    @pytest.mark.slow
    async def test_concurrent_guests_get_their_own_stay(
        self, operator: ApiClient, vendors: StubClients, names: IdFactory
    ) -> None:
        """No guest gets another's data."""
        stays = {names.call(): names.reservation() for _ in range(choose(normal=50, thorough=100))}
        for call_id, reservation_id in stays.items():
            person = {"lastName": f"Guest {call_id}"}
            vendors.apaleo.set_provider_state(
                "a reservation", id=reservation_id, status="InHouse", guest=person
            )

        async with httpx.AsyncClient(
            base_url=operator.url, headers=operator.headers, timeout=TIMEOUT_SECONDS
        ) as http:
            guest_names = await asyncio.gather(
                *(guest_name_in_new_call(http, *stay) for stay in stays.items())
            )

        assert guest_names == [f"Guest {call_id}" for call_id in stays]
