"""Circuit breakers: when they open, how they recover, and what they isolate."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest

from tests.integration.api import ApiClient
from tests.integration.call_events import call_interaction, call_started
from tests.integration.data import DATES
from tests.integration.ids import IdFactory
from tests.integration.metrics import read_metrics
from tests.integration.resilience.short_times import HANG_SECONDS
from tests.integration.scenarios import (
    add_guest,
    circuit_group_states,
    circuit_states,
    start_unknown_calls,
)
from tests.integration.settings import LENIENT_SETTINGS
from tests.integration.vendors import StubClients
from tests.integration.waiting import wait_until

THRESHOLD = int(LENIENT_SETTINGS["BREAKER_FAILURES"])
CLOSED, HALF_OPEN, OPEN = 0.0, 1.0, 2.0


def circuit(api: ApiClient, name: str) -> dict[str, Any]:
    """Return the circuit breaker of this name."""
    statuses: list[dict[str, Any]] = api.get_json("/resilience/circuit-breakers")
    [status] = [status for status in statuses if status["name"] == name]
    return status


def group_gauge(api: ApiClient, group: str) -> float:
    """Return the gauge of one of Apaleo's groups."""
    return read_metrics(api)[f'circuit_breaker_group_state{{group="{group}",vendor="apaleo"}}']


def ask_for_offers(api: ApiClient, call_id: str, second: int) -> dict[str, Any]:
    """Ask for the offers of a stay."""
    return api.send_event(call_interaction(call_id, "availability_request", second=second, **DATES))


def _failed_transfers(api: ApiClient) -> float:
    """Return how many transfers failed because LiveKit was away."""
    return read_metrics(api).get('call_transfers_total{outcome="unavailable"}', 0)


def _has_failed(api: ApiClient, transfers: float) -> bool:
    return _failed_transfers(api) == transfers


class TestCircuitBreakerWithVendorFailures:
    """A circuit opens after outages in a row, and only after outages."""

    @pytest.mark.critical
    @pytest.mark.parametrize(
        ("kind", "options"), [("status", {"status": 500}), ("status", {"status": 503}), ("reset", {})]
    )
    def test_circuit_opens_after_consecutive_outages(
        self,
        admin: ApiClient,
        operator: ApiClient,
        vendors: StubClients,
        names: IdFactory,
        kind: str,
        options: dict[str, Any],
    ) -> None:
        """Before the threshold requests are sent, after it none; the API says why and for how long."""
        vendors.apaleo.inject_fault(kind, "getReservation", **options)
        start_unknown_calls(operator, names, THRESHOLD - 1)
        before = circuit(admin, "apaleo.booking")
        start_unknown_calls(operator, names, 1)
        requests = len(vendors.apaleo.requests())
        start_unknown_calls(operator, names, 2)

        after = circuit(admin, "apaleo.booking")

        assert (before["state"], before["failures"], before["retry_after"]) == ("closed", THRESHOLD - 1, None)
        assert (after["state"], after["failures"]) == ("open", THRESHOLD)
        assert 0 < after["retry_after"] <= int(LENIENT_SETTINGS["BREAKER_OPEN_SECONDS"])
        assert len(vendors.apaleo.requests()) == requests
        assert (group_gauge(admin, "booking"), group_gauge(admin, "availability")) == (OPEN, CLOSED)

    @pytest.mark.parametrize("status", [404, 422, 429])
    def test_rejections_do_not_open_the_circuit(
        self, admin: ApiClient, operator: ApiClient, vendors: StubClients, names: IdFactory, status: int
    ) -> None:
        """A vendor that rejects requests is available."""
        vendors.apaleo.inject_fault("status", "getReservation", status=status)
        start_unknown_calls(operator, names, THRESHOLD + 1)

        assert circuit(admin, "apaleo.booking")["state"] == "closed"
        assert vendors.apaleo.played_faults("getReservation") == {"status"}

    def test_success_forgets_earlier_outages(
        self, admin: ApiClient, operator: ApiClient, vendors: StubClients, names: IdFactory
    ) -> None:
        """Outages count only if they are consecutive."""
        for _ in range(2):
            vendors.apaleo.inject_fault("status", "getReservation", status=503)
            start_unknown_calls(operator, names, THRESHOLD - 1)
            vendors.apaleo.clear_faults()
            start_unknown_calls(operator, names, 1)

        status = circuit(admin, "apaleo.booking")

        assert (status["state"], status["failures"]) == ("closed", 0)

    def test_open_circuit_of_speech_is_reported_to_its_clients(
        self, admin: ApiClient, vendors: StubClients, names: IdFactory
    ) -> None:
        """Without a request to the vendor, with the time after which a retry makes sense."""
        vendors.tts.inject_fault("status", "stream", status=503)
        bodies = [{"text": f"Good day {names.call()}."} for _ in range(THRESHOLD + 1)]
        responses = [admin.post("/tts/synthesize", body) for body in bodies]

        assert {response.status_code for response in responses} == {503}
        assert len(vendors.tts.requests("stream")) == THRESHOLD
        assert int(responses[-1].headers["Retry-After"]) > 1
        assert circuit(admin, "tts.speech")["state"] == "open"


@pytest.mark.slow
class TestCircuitBreakerRecovery:
    """After its time an open circuit lets single probes through."""

    def test_half_open_circuit_is_shown(
        self, at_recovering_stack: tuple[ApiClient, StubClients], names: IdFactory
    ) -> None:
        """By the API and by both gauges, until a call is made."""
        api, vendors = at_recovering_stack
        _open_booking_circuit(api, vendors, names)

        wait_until(lambda: group_gauge(api, "booking") == HALF_OPEN, "the circuit is half-open")

        assert circuit_group_states(api)["apaleo.booking"] == "half_open"
        assert circuit_states(api)["apaleo"] == "half_open"
        assert read_metrics(api)['circuit_breaker_state{vendor="apaleo"}'] == HALF_OPEN
        assert circuit(api, "apaleo.booking")["retry_after"] is None

    @pytest.mark.critical
    def test_half_open_circuit_admits_one_probe_of_many_concurrent_calls(
        self, at_recovering_stack: tuple[ApiClient, StubClients], names: IdFactory
    ) -> None:
        """The other callers are answered without the vendor while the probe hangs."""
        api, vendors = at_recovering_stack
        _open_booking_circuit(api, vendors, names)
        _let_getting_a_reservation_hang(vendors)
        wait_until(lambda: group_gauge(api, "booking") == HALF_OPEN, "the circuit is half-open")
        events = [call_started(names.call(), reservation_id=names.reservation()) for _ in range(10)]

        with ThreadPoolExecutor(len(events)) as pool:
            responses = list(pool.map(api.send_event, events))

        assert all(response["warnings"][0]["code"] == "PMS_UNAVAILABLE" for response in responses)
        assert [request["fault"] for request in vendors.apaleo.journal()].count("hang") == 1
        assert circuit_group_states(api)["apaleo.booking"] == "half_open"

    def test_successful_probe_closes_the_circuit(
        self, at_recovering_stack: tuple[ApiClient, StubClients], names: IdFactory
    ) -> None:
        """The guest is found by the probe itself and by the calls after it."""
        api, vendors = at_recovering_stack
        _open_booking_circuit(api, vendors, names)
        vendors.apaleo.clear_faults()
        wait_until(lambda: group_gauge(api, "booking") == HALF_OPEN, "the circuit is half-open")
        guests = [add_guest(vendors, names) for _ in range(2)]

        guests_found = [
            api.send_event(call_started(names.call(), reservation_id=guest))["guest_found"]
            for guest in guests
        ]

        assert (guests_found, group_gauge(api, "booking")) == ([True, True], CLOSED)
        assert circuit(api, "apaleo.booking")["failures"] == 0

    def test_failed_probe_opens_the_circuit_again(
        self, at_recovering_stack: tuple[ApiClient, StubClients], names: IdFactory
    ) -> None:
        """One failure is enough."""
        api, vendors = at_recovering_stack
        _open_booking_circuit(api, vendors, names)

        def probe_opens_the_circuit() -> bool:
            wait_until(lambda: group_gauge(api, "booking") == HALF_OPEN, "the circuit is half-open")
            start_unknown_calls(api, names, 1)
            return group_gauge(api, "booking") == OPEN

        # repeated, because on a slow machine the circuit may be half-open again before it is read
        wait_until(probe_opens_the_circuit, "a failed probe opens the circuit")


@pytest.mark.slow
class TestServiceIsolation:
    """An outage blocks the group of operations that it concerns."""

    @pytest.mark.critical
    def test_outage_of_bookings_does_not_block_offers(
        self, admin: ApiClient, operator: ApiClient, vendors: StubClients, names: IdFactory, call: str
    ) -> None:
        """Availability is still told while no reservation can be read."""
        vendors.apaleo.inject_fault("status", "getReservation", status=503)
        start_unknown_calls(operator, names, THRESHOLD)

        offers = ask_for_offers(operator, call, 20)

        assert (offers["outcome"], offers["warnings"]) == ("done", [])
        assert _open_circuits(admin) == ["apaleo", "apaleo.booking"]

    def test_outage_of_offers_does_not_block_bookings(
        self, admin: ApiClient, operator: ApiClient, vendors: StubClients, names: IdFactory, call: str
    ) -> None:
        """A guest's stay is still found while no offers can be read."""
        vendors.apaleo.inject_fault("status", "listOffers", status=503)
        for second in range(THRESHOLD):
            ask_for_offers(operator, call, 20 + second)

        started = operator.send_event(call_started(names.call(), reservation_id=add_guest(vendors, names)))

        assert (started["guest_found"], started["warnings"]) == (True, [])
        assert _open_circuits(admin) == ["apaleo", "apaleo.availability"]

    def test_outage_of_transfers_does_not_block_rooms(
        self, admin: ApiClient, operator: ApiClient, vendors: StubClients, names: IdFactory, call: str
    ) -> None:
        """LiveKit's SIP service is another than that of its rooms."""
        vendors.livekit.set_provider_state(
            "a caller in a room", room=f"call-{call}", identity="guest", phone=names.phone()
        )
        vendors.livekit.inject_fault("status", "TransferSIPParticipant", status=503)
        before = _failed_transfers(admin)
        for number in range(1, THRESHOLD + 1):
            operator.send_event(call_interaction(call, "transfer_request", second=20 + number))
            # the request follows the response
            wait_until(partial(_has_failed, admin, before + number), "the transfer is over")

        started = operator.send_event(call_started(names.call()))

        assert started["warnings"] == []
        assert _open_circuits(admin) == ["livekit", "livekit.sip"]

    @pytest.mark.critical
    @pytest.mark.parametrize(
        ("vendor", "operation", "group"),
        [("apaleo", "getReservation", "booking"), ("livekit", "CreateRoom", "rooms")],
    )
    def test_outage_of_a_vendor_does_not_block_the_others(
        self,
        admin: ApiClient,
        operator: ApiClient,
        vendors: StubClients,
        names: IdFactory,
        vendor: str,
        operation: str,
        group: str,
    ) -> None:
        """Each vendor has circuits of its own."""
        vendors.all[vendor].inject_fault("status", operation, status=503)
        start_unknown_calls(operator, names, THRESHOLD)

        started = operator.send_event(call_started(names.call(), reservation_id=add_guest(vendors, names)))

        assert _open_circuits(admin) == [vendor, f"{vendor}.{group}"]
        degraded = "pms" if vendor == "apaleo" else vendor
        assert [warning["vendor"] for warning in started["warnings"]] == [degraded]

    def test_outage_of_oauth_concerns_all_of_apaleo(
        self, admin: ApiClient, operator: ApiClient, vendors: StubClients, names: IdFactory, call: str
    ) -> None:
        """Without a token neither reservations nor offers can be read; no request is tried."""
        vendors.apaleo.inject_fault("status", "getReservation", status=401, times=1)
        vendors.apaleo.inject_fault("status", "token", status=503)
        start_unknown_calls(operator, names, THRESHOLD)
        requests = len(vendors.apaleo.journal())

        offers = ask_for_offers(operator, call, 20)

        assert offers["outcome"] == "degraded"
        assert len(vendors.apaleo.journal()) == requests
        assert _open_circuits(admin) == ["apaleo", "apaleo.identity"]

    def test_reset_of_a_group_leaves_the_other_groups(
        self, admin: ApiClient, operator: ApiClient, vendors: StubClients, names: IdFactory, call: str
    ) -> None:
        """By the vendor's name all its groups are reset."""
        vendors.apaleo.inject_fault("status", "getReservation", status=503)
        vendors.apaleo.inject_fault("status", "listOffers", status=503)
        start_unknown_calls(operator, names, THRESHOLD)
        for second in range(THRESHOLD):
            ask_for_offers(operator, call, 20 + second)
        both = _open_circuits(admin)

        group = admin.post("/resilience/circuit-breakers/apaleo.booking/reset").json()
        one = _open_circuits(admin)
        vendor = admin.post("/resilience/circuit-breakers/apaleo/reset").json()

        assert both == ["apaleo", "apaleo.availability", "apaleo.booking"]
        assert (group["name"], group["state"]) == ("apaleo.booking", "closed")
        assert one == ["apaleo", "apaleo.availability"]
        assert (vendor["name"], vendor["state"], _open_circuits(admin)) == ("apaleo", "closed", [])

    def test_reset_circuit_lets_requests_through(
        self, admin: ApiClient, operator: ApiClient, vendors: StubClients, names: IdFactory
    ) -> None:
        """An operator need not wait for the time after which a circuit is half-open."""
        vendors.apaleo.inject_fault("status", "getReservation", status=503)
        start_unknown_calls(operator, names, THRESHOLD)
        vendors.apaleo.clear_faults()

        admin.post("/resilience/circuit-breakers/apaleo.booking/reset")
        started = operator.send_event(call_started(names.call(), reservation_id=add_guest(vendors, names)))

        assert started["guest_found"] is True

    @pytest.mark.parametrize("name", ["unknown", "apaleo.unknown", "apaleo.", ".booking", "booking"])
    def test_reset_of_unknown_circuit_returns_404(self, admin: ApiClient, name: str) -> None:
        """The error names those that exist."""
        response = admin.post(f"/resilience/circuit-breakers/{name}/reset")

        assert response.status_code == 404
        assert "apaleo.booking" in response.json()["error"]["message"]


def _open_booking_circuit(api: ApiClient, vendors: StubClients, names: IdFactory) -> None:
    """Let Apaleo fail until the circuit of bookings has opened; Apaleo keeps failing."""
    vendors.apaleo.inject_fault("status", "getReservation", status=503)
    start_unknown_calls(api, names, THRESHOLD)
    # an event may be answered before its reads have ended
    wait_until(lambda: group_gauge(api, "booking") != CLOSED, "the circuit has opened")


def _let_getting_a_reservation_hang(vendors: StubClients) -> None:
    vendors.apaleo.clear_faults()
    vendors.apaleo.inject_fault("hang", "getReservation", seconds=HANG_SECONDS)


def _open_circuits(admin: ApiClient) -> list[str]:
    states = {**circuit_states(admin), **circuit_group_states(admin)}
    return sorted(name for name, state in states.items() if state == "open")
