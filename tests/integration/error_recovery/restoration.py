"""The service after a vendor has returned."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.integration.api import ApiClient
from tests.integration.call_events import call_started
from tests.integration.error_recovery.alert_stack import AlertingService
from tests.integration.ids import IdFactory
from tests.integration.scenarios import add_guest, circuit_states
from tests.integration.settings import IMPATIENT_DEADLINE_SECONDS
from tests.integration.vendors import StubClients
from tests.integration.waiting import wait_until

WARNINGS = {"apaleo": "PMS_UNAVAILABLE", "tts": "TTS_UNAVAILABLE", "livekit": "LIVEKIT_UNAVAILABLE"}
HANG_SECONDS = 60.0
LATE_SECONDS = IMPATIENT_DEADLINE_SECONDS + 2.0
"""Later than the deadline of a vendor request."""


def warnings_of_new_call(api: ApiClient, vendors: StubClients, names: IdFactory) -> list[str]:
    """Start a call of a new guest, whose greeting was never spoken; return the codes of the warnings."""
    guest = add_guest(vendors, names, guest={"lastName": names.call(), "preferredLanguage": "fr"})
    started = api.send_event(call_started(names.call(), reservation_id=guest))
    return [warning["code"] for warning in started["warnings"]]


class TestServiceRestoration:
    """Nobody has to do anything when a vendor returns."""

    @pytest.mark.parametrize("vendor", WARNINGS)
    def test_warnings_circuit_and_alert_end_when_vendor_returns(
        self, alerting: AlertingService, names: IdFactory, vendor: str
    ) -> None:
        """The circuit opens, an alert is raised; later calls close it, and the alert is resolved."""
        api, vendors = alerting.api, alerting.vendors
        condition = f"circuit:{vendor}"
        vendors.all[vendor].inject_fault("status", status=503)
        during: list[str] = []

        def is_open() -> bool:
            during.extend(warnings_of_new_call(api, vendors, names))
            return circuit_states(api)[vendor] == "open"

        wait_until(is_open, "the circuit is open")
        alerting.receiver.wait_for_actions(condition, "trigger")
        vendors.all[vendor].clear_faults()
        wait_until(lambda: warnings_of_new_call(api, vendors, names) == [], "calls have no warnings")
        alerting.receiver.wait_for_actions(condition, "trigger", "resolve")

        assert set(during) == {WARNINGS[vendor]}
        assert circuit_states(api)[vendor] == "closed"
        assert warnings_of_new_call(api, vendors, names) == []


@pytest.mark.slow
class TestVendorTimeoutRecovery:
    """A vendor that is slow, and then is not."""

    @pytest.mark.parametrize("vendor", WARNINGS)
    def test_next_call_is_normal_after_vendor_hung(
        self, alerting: AlertingService, names: IdFactory, vendor: str
    ) -> None:
        """The call during the time-out has a warning, the next one has none."""
        api, vendors = alerting.api, alerting.vendors
        vendors.all[vendor].inject_fault("hang", seconds=HANG_SECONDS)

        during = warnings_of_new_call(api, vendors, names)
        played = vendors.all[vendor].played_faults()
        vendors.all[vendor].clear_faults()
        after = warnings_of_new_call(api, vendors, names)

        assert (during, played, after) == ([WARNINGS[vendor]], {"hang"}, [])

    @pytest.mark.parametrize(("kind", "options"), [("truncate", {}), ("drip", {"seconds": HANG_SECONDS})])
    def test_speech_that_ends_early_or_stalls_is_never_taken_for_complete(
        self, alerting: AlertingService, names: IdFactory, kind: str, options: dict[str, Any]
    ) -> None:
        """The response is broken off, the next request gets all of the audio, and only that is cached."""
        api, tts = alerting.api, alerting.vendors.tts
        body = {"text": names.call()}
        tts.inject_fault(kind, "stream", times=1, **options)

        with pytest.raises(httpx.RemoteProtocolError):
            api.post("/tts/synthesize", body)
        complete = [api.post("/tts/synthesize", body) for _ in range(2)]

        assert [response.status_code for response in complete] == [200, 200]
        assert complete[0].content == complete[1].content
        assert [request["fault"] for request in tts.requests("stream")] == [kind, None]

    def test_late_response_is_not_taken_for_that_of_the_next_request(
        self, alerting: AlertingService, names: IdFactory
    ) -> None:
        """Each call gets its own guest, and the guest of the late response is read again."""
        api, vendors = alerting.api, alerting.vendors
        slow, next_guest = (
            add_guest(vendors, names, guest={"lastName": name}) for name in ("Langsam", "Naechste")
        )
        vendors.apaleo.inject_fault("delay", "getReservation", seconds=LATE_SECONDS, times=1)

        first = api.send_event(call_started(names.call(), reservation_id=slow))
        second = api.send_event(call_started(names.call(), reservation_id=next_guest))
        again = api.send_event(call_started(names.call(), reservation_id=slow))

        assert [warning["code"] for warning in first["warnings"]] == ["PMS_UNAVAILABLE"]
        assert [response["reservation_data"]["guest_name"] for response in (second, again)] == [
            "Naechste",
            "Langsam",
        ]
