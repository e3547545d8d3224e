"""Mews behind the PMS connector."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import timedelta

import httpx
import pytest

from local_stack.stack import Stack, run_stack
from provider_verification.stubs.vendors.mews.provider_states import FIRST_LISTED_ID
from provider_verification.stubs.vendors.mews.rows import fake_guid
from tests.integration.api import ApiClient
from tests.integration.controlled_stack import control_stack
from tests.integration.data import ARRIVAL
from tests.integration.deployment import require_local_stack
from tests.integration.ids import IdFactory
from tests.integration.pms_connector.mews_bookings import MewsBookings
from tests.integration.pms_connector.mews_calls import (
    MEWS_SERVICES,
    STAY,
    MewsCall,
    add_stay,
    call_started_at_mews,
)
from tests.integration.pms_connector.mews_services import MewsServices
from tests.integration.pms_connector.mews_stays import MewsStays
from tests.integration.settings import LENIENT_SETTINGS
from tests.integration.vendors import StubClients
from tests.integration.waiting import wait_until


@pytest.fixture(scope="module")
def mews(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """An orchestrator of a hotel whose PMS is Mews."""
    require_local_stack("needs settings of its own")
    settings = {**LENIENT_SETTINGS, "PMS_KIND": "mews", "SERVICES": MEWS_SERVICES}
    with run_stack(tmp_path_factory.mktemp("mews"), settings) as stack:
        yield stack


@pytest.fixture
def at_mews(
    mews: Stack, control: httpx.Client, request: pytest.FixtureRequest
) -> Iterator[tuple[ApiClient, StubClients]]:
    """A client of that orchestrator and its reset stubs; requests without an interaction fail the test."""
    with control_stack(mews, control, request.config) as clients:
        yield clients


class TestMews(MewsBookings, MewsServices, MewsStays):
    """Mews behind the same call flow."""

    def test_stay_details_are_combined_from_mews_requests(
        self, at_mews: tuple[ApiClient, StubClients], names: IdFactory
    ) -> None:
        """Four requests; dates are in the hotel's time zone, and what Mews does not know is null."""
        api, vendors = at_mews
        dates = {"arrival": "2027-05-10", "departure": "2027-05-12"}
        call = MewsCall(api, names, add_stay(vendors, state="Started", **dates))

        stay = call.ask("guest_info_request")["result"]

        assert call.started["reply"] == "Guten Tag, Ada Muster. Was darf ich für Sie tun?"
        assert (stay["room"], stay["status"], stay["balance_due"]) == ("101", "in_house", None)
        assert (stay["arrival"], stay["departure"]) == ("2027-05-10", "2027-05-12")

    def test_caller_is_found_by_phone(self, at_mews: tuple[ApiClient, StubClients], names: IdFactory) -> None:
        """Mews has no search by phone number: the guests of current reservations are compared."""
        api, vendors = at_mews
        phone = names.phone()
        guest = {"LastName": "Ziffer", "Phone": f"030/{phone[5:]}"}
        later = add_stay(vendors, guest=guest)
        current = add_stay(vendors, state="Started", guest=guest)
        vendors.mews.set_provider_state(
            "reservations of several guests",
            count=3,
            arrival=str(ARRIVAL),
            departure=str(ARRIVAL + timedelta(days=1)),
        )
        call = MewsCall(api, names, phone=phone)

        stay = call.ask("guest_info_request")["result"]

        assert (stay["guest_name"], stay["reservation_id"], stay["status"]) == ("Ziffer", current, "in_house")
        assert later != current

    def test_guest_on_a_later_page_is_found(
        self, at_mews: tuple[ApiClient, StubClients], names: IdFactory
    ) -> None:
        """A page has at most 1000 reservations; the next one begins after its last row."""
        api, vendors = at_mews
        phone = names.phone()
        vendors.mews.set_provider_state(
            "reservations of several guests",
            count=1000,
            arrival=str(ARRIVAL),
            departure=str(ARRIVAL + timedelta(days=1)),
        )
        # the pact's page has a guest with a room
        in_room = {"id": fake_guid(FIRST_LISTED_ID), "fields": {"AccountId": fake_guid(FIRST_LISTED_ID + 1)}}
        vendors.mews.set_provider_state("a reservation", state="Confirmed", **STAY, **in_room)
        add_stay(vendors, guest={"LastName": "Letzte", "Phone": phone})

        started = MewsCall(api, names, phone=phone).started

        cursors = [body["Limitation"]["Cursor"] for body in vendors.mews.bodies("getReservations")]
        assert started["reply"] == "Good day, Letzte. How may I help you?"
        assert (len(cursors), cursors[0], cursors[1] is not None) == (2, None, True)

    def test_caller_of_another_hotel_is_not_searched(
        self, at_mews: tuple[ApiClient, StubClients], names: IdFactory
    ) -> None:
        """The credentials belong to one hotel."""
        api, vendors = at_mews
        event = call_started_at_mews(names.call(), phone=names.phone())
        event["metadata"]["hotel_id"] = str(uuid.uuid4())

        started = api.send_event(event)

        assert (started["guest_found"], started["warnings"]) == (False, [])
        assert vendors.mews.requests("getReservations") == []

    def test_cancellation_at_mews_sends_no_email_and_no_fee(
        self, at_mews: tuple[ApiClient, StubClients], names: IdFactory
    ) -> None:
        """The guest is on the phone."""
        api, vendors = at_mews
        call = MewsCall(api, names, add_stay(vendors))

        response = call.ask("cancellation_request", confirmed=True)

        [body] = vendors.mews.bodies("cancelReservations")
        assert (response["outcome"], body["SendEmail"], body["PostCancellationFee"]) == ("done", False, False)

    @pytest.mark.parametrize(
        ("state", "reason"),
        [("Started", "stay_has_begun"), ("Processed", "stay_over"), ("Canceled", "stay_canceled")],
    )
    def test_403_from_mews_is_a_refusal_not_an_outage(
        self, at_mews: tuple[ApiClient, StubClients], names: IdFactory, state: str, reason: str
    ) -> None:
        """Mews responds with 403 when a business rule forbids the cancellation."""
        api, vendors = at_mews
        call = MewsCall(api, names, add_stay(vendors, state=state))

        response = call.ask("cancellation_request", confirmed=True)

        assert (response["outcome"], response["result"], response["warnings"]) == (
            "refused",
            {"reason": reason},
            [],
        )

    def test_guest_who_did_not_come_is_a_no_show(
        self, at_mews: tuple[ApiClient, StubClients], names: IdFactory
    ) -> None:
        """Mews has no such state, only a reason."""
        api, vendors = at_mews
        call = MewsCall(api, names, add_stay(vendors, state="Canceled", reason="NoShow"))

        assert call.ask("guest_info_request")["result"]["status"] == "no_show"

    def test_cancellation_of_a_reservation_that_disappeared_is_refused(
        self, at_mews: tuple[ApiClient, StubClients], names: IdFactory
    ) -> None:
        """The stay is known from the start of the call; Mews responds with 400."""
        api, vendors = at_mews
        call = MewsCall(api, names, add_stay(vendors))
        vendors.mews.reset()

        response = call.ask("cancellation_request", confirmed=True)

        assert (response["outcome"], response["warnings"]) == ("refused", [])
        assert [request["status"] for request in vendors.mews.requests("cancelReservations")] == [400]

    def test_unknown_reservation_at_mews_finds_no_guest(
        self, at_mews: tuple[ApiClient, StubClients], names: IdFactory
    ) -> None:
        """Mews responds with 200 and an empty list, never 404."""
        api, _ = at_mews

        started = MewsCall(api, names, str(uuid.uuid4())).started

        assert (started["guest_found"], started["warnings"]) == (False, [])

    @pytest.mark.parametrize(
        ("provider_state", "params"),
        [
            ("credentials that are not valid", {}),
            ("the rate limit reached", {"retry_after": 3600}),
            ("Mews is down", {"status": 500}),
        ],
    )
    def test_mews_outage_becomes_a_warning(
        self,
        at_mews: tuple[ApiClient, StubClients],
        names: IdFactory,
        provider_state: str,
        params: dict[str, int],
    ) -> None:
        """The caller is greeted without a name."""
        api, vendors = at_mews
        reservation_id = add_stay(vendors)
        vendors.mews.set_provider_state(provider_state, **params)

        started = MewsCall(api, names, reservation_id).started

        assert [warning["code"] for warning in started["warnings"]] == ["PMS_UNAVAILABLE"]
        assert started["guest_found"] is False

    def test_mews_tokens_are_not_logged(
        self,
        at_mews: tuple[ApiClient, StubClients],
        names: IdFactory,
        tmp_path_factory: pytest.TempPathFactory,
    ) -> None:
        """Every request body to Mews carries them."""
        api, vendors = at_mews
        vendors.mews.inject_fault("malformed")
        response = api.post_event(call_started_at_mews(names.call(), str(uuid.uuid4())))

        [log_file] = tmp_path_factory.getbasetemp().glob("mews[0-9]*/orchestrator.log")
        correlation_id = response.headers["X-Correlation-ID"]
        wait_until(lambda: correlation_id in log_file.read_text(), "the event is logged")
        token = vendors.mews.bodies("getReservations")[0]["AccessToken"]
        assert vendors.mews.played_faults("getReservations") == {"malformed"}
        assert token not in log_file.read_text()
