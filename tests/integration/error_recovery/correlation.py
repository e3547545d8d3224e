"""One id from the client's request to the alert."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor

from tests.integration.api import ApiClient
from tests.integration.call_events import call_started
from tests.integration.error_recovery.alert_stack import AlertingService
from tests.integration.ids import IdFactory
from tests.integration.scenarios import add_guest, circuit_states
from tests.integration.vendors import StubClients
from tests.integration.waiting import wait_until

HEADER = "X-Correlation-ID"
CALLS = 12


class TestCorrelationId:
    """The id of a request is in everything that the request causes."""

    def test_vendors_log_alert_and_response_have_the_id_of_the_request(
        self, alerting: AlertingService, names: IdFactory
    ) -> None:
        """Requests with ids of their own fail until the circuit opens: the alert names the last one."""
        api, vendors = alerting.api, alerting.vendors
        vendors.apaleo.inject_fault("status", status=503)
        sent: list[str] = []

        def is_open() -> bool:
            sent.append(names.call())
            event = call_started(sent[-1], reservation_id=names.reservation())
            response = api.post("/webhook/call-event", event, headers={HEADER: sent[-1]})
            assert response.headers[HEADER] == sent[-1]
            return circuit_states(api)["apaleo"] == "open"

        wait_until(is_open, "the circuit is open")
        alerting.receiver.wait_for_actions("circuit:apaleo", "trigger")

        last = sent[-1]
        for vendor in (vendors.apaleo, vendors.livekit):
            ids = [request["headers"].get(HEADER.lower()) for request in vendor.requests()]
            # in the order of the requests, with every retry
            assert list(dict.fromkeys(ids)) == sent
        lines = [json.loads(line) for line in alerting.log.read_text().splitlines() if last in line]
        assert {line["event"] for line in lines} >= {"call_degraded", "request", "alert_raised"}
        assert {line["correlation_id"] for line in lines} == {last}
        [event] = alerting.receiver.events("circuit:apaleo")
        assert event["payload"]["custom_details"]["correlation_id"] == last
        assert last in alerting.receiver.messages("circuit:apaleo")[0]

    def test_concurrent_requests_keep_their_ids(
        self, operator: ApiClient, vendors: StubClients, names: IdFactory
    ) -> None:
        """At every vendor, also in retries."""
        vendors.livekit.inject_fault("status", "CreateRoom", status=503, times=CALLS // 2)
        guests = {names.call(): add_guest(vendors, names) for _ in range(CALLS)}

        def start(call_id: str) -> str:
            event = call_started(call_id, reservation_id=guests[call_id])
            return operator.post("/webhook/call-event", event, headers={HEADER: call_id}).headers[HEADER]

        with ThreadPoolExecutor(CALLS) as pool:
            returned = list(pool.map(start, guests))

        assert returned == list(guests)
        rooms = {
            (json.loads(request["body"])["name"], request["headers"][HEADER.lower()])
            for request in vendors.livekit.requests("CreateRoom")
        }
        assert rooms == {(f"call-{call_id}", call_id) for call_id in guests}
        reads = {
            (request["path"].rpartition("/")[2], request["headers"][HEADER.lower()])
            for request in vendors.apaleo.requests("getReservation")
        }
        assert reads == {(reservation_id, call_id) for call_id, reservation_id in guests.items()}
