"""Mews behind the PMS connector."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from local_stack.stack import Stack, run_stack
from tests.integration.api import ApiClient
from tests.integration.call_events import call_interaction, call_started
from tests.integration.controlled_stack import control_stack
from tests.integration.deployment import require_local_stack
from tests.integration.ids import IdFactory
from tests.integration.settings import LENIENT_SETTINGS
from tests.integration.vendors import StubClients
from tests.integration.waiting import wait_until

MEWS_HOTEL = "5f0a1c2e-0000-4000-8000-000000000004"


def call_started_at_mews(call_id: str, reservation_id: str) -> dict[str, Any]:
    """Build a `call.started` event of a hotel at Mews."""
    event = call_started(call_id, reservation_id=reservation_id)
    event["metadata"]["hotel_id"] = MEWS_HOTEL
    return event


@pytest.fixture(scope="module")
def mews(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """An orchestrator of a hotel whose PMS is Mews."""
    require_local_stack("needs settings of its own")
    with run_stack(tmp_path_factory.mktemp("mews"), {**LENIENT_SETTINGS, "PMS_KIND": "mews"}) as stack:
        yield stack


@pytest.fixture
def at_mews(
    mews: Stack, control: httpx.Client, request: pytest.FixtureRequest
) -> Iterator[tuple[ApiClient, StubClients]]:
    """A client of that orchestrator and its reset stubs; requests without an interaction fail the test."""
    with control_stack(mews, control, request.config) as clients:
        yield clients


class TestMews:
    """Mews behind the same call flow."""

    def test_stay_details_are_combined_from_mews_requests(
        self, at_mews: tuple[ApiClient, StubClients], names: IdFactory
    ) -> None:
        """Four requests; dates are in the hotel's time zone, and what Mews does not know is null."""
        api, vendors = at_mews
        reservation_id = str(uuid.uuid4())
        vendors.mews.set_provider_state("a reservation", id=reservation_id, state="Started")
        call_id = names.call()

        started = api.send_event(call_started_at_mews(call_id, reservation_id))
        stay = api.send_event(call_interaction(call_id, "guest_info_request"))["result"]

        assert started["reply"] == "Guten Tag, Ada Muster. Was darf ich für Sie tun?"
        assert (stay["room"], stay["status"], stay["balance_due"]) == ("101", "in_house", None)
        assert (stay["arrival"], stay["departure"]) == ("2027-05-10", "2027-05-12")

    def test_cancellation_at_mews_sends_no_email_and_no_fee(
        self, at_mews: tuple[ApiClient, StubClients], names: IdFactory
    ) -> None:
        """The guest is on the phone."""
        api, vendors = at_mews
        reservation_id = str(uuid.uuid4())
        vendors.mews.set_provider_state("a reservation", id=reservation_id, state="Confirmed")
        call_id = names.call()
        api.send_event(call_started_at_mews(call_id, reservation_id))

        response = api.send_event(call_interaction(call_id, "cancellation_request", confirmed=True))

        [body] = vendors.mews.bodies("cancelReservations")
        assert (response["outcome"], body["SendEmail"], body["PostCancellationFee"]) == ("done", False, False)

    @pytest.mark.parametrize("state", ["Started", "Processed", "Canceled"])
    def test_403_from_mews_is_a_refusal_not_an_outage(
        self, at_mews: tuple[ApiClient, StubClients], names: IdFactory, state: str
    ) -> None:
        """Mews responds with 403 when a business rule forbids the cancellation."""
        api, vendors = at_mews
        reservation_id = str(uuid.uuid4())
        vendors.mews.set_provider_state("a reservation", id=reservation_id, state=state)
        call_id = names.call()
        api.send_event(call_started_at_mews(call_id, reservation_id))

        response = api.send_event(call_interaction(call_id, "cancellation_request", confirmed=True))

        assert (response["outcome"], response["result"], response["warnings"]) == (
            "refused",
            {"reason": "refused"},
            [],
        )

    def test_unknown_reservation_at_mews_finds_no_guest(
        self, at_mews: tuple[ApiClient, StubClients], names: IdFactory
    ) -> None:
        """Mews responds with 200 and an empty list, never 404."""
        api, _ = at_mews

        started = api.send_event(call_started_at_mews(names.call(), str(uuid.uuid4())))

        assert (started["guest_found"], started["warnings"]) == (False, [])

    def test_caller_without_reservation_id_is_not_searched_at_mews(
        self, at_mews: tuple[ApiClient, StubClients], names: IdFactory
    ) -> None:
        """Mews has no search by phone number."""
        api, vendors = at_mews

        started = api.send_event(call_started(names.call(), names.phone()))

        assert (started["guest_found"], started["warnings"], vendors.mews.requests()) == (False, [], [])

    def test_mews_outage_becomes_a_warning(
        self, at_mews: tuple[ApiClient, StubClients], names: IdFactory
    ) -> None:
        """Mews has a circuit of its own."""
        api, vendors = at_mews
        vendors.mews.inject_fault("status", status=500)

        started = api.send_event(call_started_at_mews(names.call(), str(uuid.uuid4())))

        assert [warning["code"] for warning in started["warnings"]] == ["PMS_UNAVAILABLE"]
        assert {request["fault"] for request in vendors.mews.requests()} == {"status"}

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
