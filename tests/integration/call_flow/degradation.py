"""Calls during outages of vendors and of the database."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from local_stack.stack import ADMIN, Stack, run_stack
from tests.integration import pact_coverage
from tests.integration.accounts import login_client
from tests.integration.api import ApiClient
from tests.integration.call_events import call_ended, call_interaction, call_started
from tests.integration.deployment import require_local_stack
from tests.integration.ids import IdFactory
from tests.integration.scenarios import (
    add_guest,
    ask_until_not_degraded,
    circuit_states,
    close_circuits,
    exported_calls,
    make_lookups_fail,
    start_unknown_calls,
)
from tests.integration.settings import IMPATIENT_SETTINGS, LENIENT_SETTINGS
from tests.integration.vendors import StubClients
from tests.postgresql_server import PostgresqlServer, postgresql_server

HANG_SECONDS = 60.0
CLIENT_TIMEOUT_SECONDS = 45.0


@pytest.fixture(scope="module")
def impatient_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A service with a short vendor deadline, whose circuits are tried again after a second."""
    require_local_stack("needs settings of its own")
    with run_stack(tmp_path_factory.mktemp("impatient"), IMPATIENT_SETTINGS) as stack:
        yield stack


@pytest.fixture
def at_impatient_service(
    impatient_stack: Stack, control: httpx.Client, request: pytest.FixtureRequest
) -> Iterator[tuple[ApiClient, StubClients]]:
    """A client of that service, which waits less than a hanging vendor, and its reset stubs."""
    vendors = StubClients(impatient_stack.stub_urls, control)
    for vendor in vendors.all.values():
        vendor.reset()
    admin = login_client(impatient_stack.url, *ADMIN)
    api = ApiClient(impatient_stack.url, admin.headers, CLIENT_TIMEOUT_SECONDS)
    yield api, vendors
    close_circuits(api)
    api.close()
    admin.close()
    pact_coverage.fail_on_unknown_requests(request.config, vendors)


class TestDegradedVendors:
    """A vendor outage does not end a call."""

    @pytest.mark.critical
    @pytest.mark.parametrize(
        ("kind", "options"),
        [("status", {"status": 503}), ("reset", {}), ("malformed", {}), ("status", {"status": 401})],
    )
    def test_call_continues_without_the_pms(
        self,
        operator: ApiClient,
        vendors: StubClients,
        names: IdFactory,
        guest: str,
        kind: str,
        options: dict[str, Any],
    ) -> None:
        """The greeting has no name, a warning names the vendor, and a PMS intent gets a fallback reply."""
        vendors.apaleo.inject_fault(kind, "getReservation", **options)
        call_id = names.call()

        started = operator.send_event(call_started(call_id, reservation_id=guest))
        interaction = operator.send_event(call_interaction(call_id, "guest_info_request"))

        assert (started["status"], started["reply"]) == ("success", "Good day. How may I help you?")
        assert [warning["code"] for warning in started["warnings"]] == ["PMS_UNAVAILABLE"]
        assert vendors.apaleo.played_faults("getReservation") == {kind}
        assert (interaction["outcome"], [warning["vendor"] for warning in interaction["warnings"]]) == (
            "degraded",
            ["pms"],
        )

    def test_recovered_pms_is_used_again(
        self, operator: ApiClient, vendors: StubClients, names: IdFactory, guest: str
    ) -> None:
        """The reservation id of the call's start is kept until the PMS recovers."""
        vendors.apaleo.inject_fault("status", "getReservation", status=503)
        call_id = names.call()
        operator.send_event(call_started(call_id, reservation_id=guest))
        vendors.apaleo.clear_faults()

        response = ask_until_not_degraded(operator, call_id)

        assert response["result"]["guest_name"] == "Ada Muster"

    def test_tts_outage_still_sends_the_text_to_the_room(
        self, operator: ApiClient, vendors: StubClients, names: IdFactory, guest_without_cached_speech: str
    ) -> None:
        """The agent can speak the text with a voice of its own."""
        vendors.tts.inject_fault("status", status=503)

        started = operator.send_event(call_started(names.call(), reservation_id=guest_without_cached_speech))

        assert [warning["code"] for warning in started["warnings"]] == ["TTS_UNAVAILABLE"]
        assert vendors.tts.played_faults() == {"status"}
        assert len(vendors.livekit.requests("SendData")) == 1

    def test_livekit_outage_still_finds_the_guest(
        self, operator: ApiClient, vendors: StubClients, names: IdFactory, guest: str
    ) -> None:
        """Nothing is sent to a room that was not created."""
        vendors.livekit.inject_fault("status", status=503)

        started = operator.send_event(call_started(names.call(), reservation_id=guest))

        assert (started["guest_found"], [warning["code"] for warning in started["warnings"]]) == (
            True,
            ["LIVEKIT_UNAVAILABLE"],
        )
        assert vendors.livekit.played_faults("CreateRoom") == {"status"}
        assert vendors.livekit.requests("SendData") == []

    def test_hanging_pms_is_given_up_after_its_deadline(
        self, at_impatient_service: tuple[ApiClient, StubClients], names: IdFactory
    ) -> None:
        """The call starts with a warning while the PMS request still hangs: the client waits less than that."""
        api, vendors = at_impatient_service
        reservation_id = add_guest(vendors, names)
        vendors.apaleo.inject_fault("hang", "getReservation", seconds=HANG_SECONDS)

        started = api.send_event(call_started(names.call(), reservation_id=reservation_id))

        assert [warning["code"] for warning in started["warnings"]] == ["PMS_UNAVAILABLE"]
        assert vendors.apaleo.played_faults("getReservation") == {"hang"}

    def test_call_ends_when_its_room_is_already_gone(
        self, operator: ApiClient, vendors: StubClients, names: IdFactory
    ) -> None:
        """LiveKit closes a room when the last participant leaves it."""
        call_id = names.call()
        operator.send_event(call_started(call_id))
        vendors.livekit.set_provider_state("no room")

        ended = operator.send_event(call_ended(call_id))

        assert (ended["state"], ended["warnings"]) == ("ended", [])


class TestCircuitBreakerInTheFlow:
    """Requests to a failing vendor stop until it may be back."""

    def test_open_circuit_stops_vendor_requests(
        self, admin: ApiClient, operator: ApiClient, vendors: StubClients, names: IdFactory
    ) -> None:
        """After three failures in a row no request reaches Apaleo."""
        make_lookups_fail(operator, vendors, names)
        requests_before = len(vendors.apaleo.requests())

        response = operator.send_event(call_started(names.call(), reservation_id=names.reservation()))

        assert response["warnings"][0]["code"] == "PMS_UNAVAILABLE"
        assert len(vendors.apaleo.requests()) == requests_before
        assert circuit_states(admin)["apaleo"] == "open"

    def test_admin_resets_a_circuit(
        self, admin: ApiClient, operator: ApiClient, vendors: StubClients, names: IdFactory, guest: str
    ) -> None:
        """The next call reads from the PMS again."""
        make_lookups_fail(operator, vendors, names)
        vendors.apaleo.clear_faults()

        closed = admin.post("/resilience/circuit-breakers/apaleo/reset").json()
        started = operator.send_event(call_started(names.call(), reservation_id=guest))

        assert (closed["state"], started["guest_found"]) == ("closed", True)

    def test_circuit_closes_after_successful_probe(
        self, at_impatient_service: tuple[ApiClient, StubClients], names: IdFactory
    ) -> None:
        """After the reset time one probe is let through, and its success closes the circuit."""
        api, vendors = at_impatient_service
        reservation_id = add_guest(vendors, names)
        make_lookups_fail(api, vendors, names)
        vendors.apaleo.clear_faults()
        call_id = names.call()
        api.send_event(call_started(call_id, reservation_id=reservation_id))

        response = ask_until_not_degraded(api, call_id)

        assert (response["outcome"], circuit_states(api)["apaleo"]) == ("done", "closed")

    def test_4xx_does_not_open_circuit(
        self, admin: ApiClient, operator: ApiClient, vendors: StubClients, names: IdFactory
    ) -> None:
        """A vendor that rejects a request is available."""
        start_unknown_calls(operator, names, 5)

        states = circuit_states(admin)

        assert states["apaleo"] == "closed"
        assert {request["status"] for request in vendors.apaleo.requests("getReservation")} == {404}


@pytest.fixture
def postgresql_stack(tmp_path: Path) -> Iterator[tuple[ApiClient, PostgresqlServer]]:
    """A service on a PostgreSQL of its own that the test can kill."""
    require_local_stack("kills PostgreSQL")
    with (
        postgresql_server() as server,
        run_stack(tmp_path, {**LENIENT_SETTINGS, "DATABASE_URL": server.url}) as stack,
    ):
        api = login_client(stack.url, *ADMIN)
        yield api, server
        api.close()


class TestDatabaseAway:
    """The database is killed during a call."""

    def test_call_record_is_written_after_database_recovers(
        self, postgresql_stack: tuple[ApiClient, PostgresqlServer], names: IdFactory
    ) -> None:
        """The call continues without the database; its end gets 503 until the record can be written."""
        api, server = postgresql_stack
        call_id, phone = names.call(), names.phone()
        api.send_event(call_started(call_id, phone))
        server.kill()

        interaction = api.send_event(call_interaction(call_id, "greeting"))
        rejected = api.post_event(call_ended(call_id))
        ready = api.get("/readyz")
        other_responses = [
            api.get(f"/gdpr/export/{phone}"),
            api.get("/auth/profile"),
            api.post("/auth/login", {"email": ADMIN[0], "password": ADMIN[1]}),
        ]
        server.start()
        ended = api.send_event(call_ended(call_id))

        assert (interaction["outcome"], rejected.status_code, ready.status_code) == ("done", 503, 503)
        assert rejected.json()["error"]["retryable"] is True
        assert "database" in ready.json()["error"]["message"]
        assert [response.status_code for response in other_responses] == [503] * 3
        [record] = exported_calls(api, phone)
        assert (ended["state"], record["call_id"]) == ("ended", call_id)
