"""Alerts at PagerDuty and Slack."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import pytest

from tests.alert_receiver import PAGERDUTY_PATH, ROUTING_KEY, SLACK_PATH, AlertReceiver
from tests.integration.api import ApiClient
from tests.integration.call_events import call_ended, call_started
from tests.integration.call_flow.live_speech import END, speak
from tests.integration.call_flow.outbound_steps import OutboundCalls, let_telephone_be, order
from tests.integration.database_control import hidden_table
from tests.integration.error_recovery.alert_stack import AlertingService
from tests.integration.ids import IdFactory
from tests.integration.metrics import read_metrics
from tests.integration.scenarios import add_guest, circuit_states, close_circuits
from tests.integration.settings import OUTBOUND_ATTEMPTS
from tests.integration.vendors import StubClient
from tests.integration.waiting import wait_until

PHONE = "0171-555-0199"
E164_PHONE = "+491715550199"
HEADER = "X-Correlation-ID"
FLAPS = 3
TTS_CHARACTERS = 100_000
"""Characters of the stub's plan."""
TRY_AGAIN_LATER = 1013
"""The close code of a WebSocket after an error that may be repeated."""
SECRETS = (PHONE, E164_PHONE, ROUTING_KEY, "webhook-secret")


def open_circuit(api: ApiClient, vendor: StubClient, names: IdFactory, correlation_id: str) -> None:
    """Let a vendor fail until its circuit opens; every request has the correlation id."""
    vendor.inject_fault("status", status=503)
    headers = {HEADER: correlation_id}

    def is_open() -> bool:
        # texts that were not spoken before, because speech is cached
        api.post("/tts/synthesize", {"text": names.call()}, headers=headers)
        event = call_started(names.call(), E164_PHONE, reservation_id=names.reservation())
        api.post("/webhook/call-event", event, headers=headers)
        return circuit_states(api)[vendor.name] == "open"

    wait_until(is_open, f"the circuit of {vendor.name} is open")


def sent_secrets(receiver: AlertReceiver) -> list[str]:
    """Return the requests that contain personal data, or a secret anywhere but where it belongs."""
    texts = [
        json.dumps([body | {"routing_key": ""}, {name: headers[name] for name in headers if name != "Host"}])
        for _, body, headers in receiver.requests
    ]
    return [text for text in texts if any(word in text for word in SECRETS)]


@pytest.mark.slow
class TestAlerting:
    """Conditions that need a person are reported once, and once more when they end."""

    def test_open_circuit_triggers_alert_that_closing_resolves(
        self, alerting: AlertingService, names: IdFactory
    ) -> None:
        """The alert has the formats of PagerDuty and Slack, and the redacted id of the request."""
        api, receiver = alerting.api, alerting.receiver
        open_circuit(api, alerting.vendors.apaleo, names, f"call-{PHONE}")
        receiver.wait_for_actions("circuit:apaleo", "trigger")
        alerting.vendors.apaleo.clear_faults()
        close_circuits(api)
        receiver.wait_for_actions("circuit:apaleo", "trigger", "resolve")

        trigger, resolve = receiver.events("circuit:apaleo")
        raised, resolved = receiver.messages("circuit:apaleo")

        key = "voicehive-orchestrator/test/eu-central-1/circuit:apaleo"
        assert resolve == {"routing_key": ROUTING_KEY, "event_action": "resolve", "dedup_key": key}
        payload: dict[str, Any] = trigger.pop("payload")
        assert trigger == resolve | {"event_action": "trigger", "client": "VoiceHive orchestrator"}
        assert datetime.fromisoformat(payload.pop("timestamp")).utcoffset() is not None
        assert payload.pop("source")
        assert payload == {
            "summary": "A circuit breaker of apaleo is open: calls continue without it.",
            "severity": "error",
            "component": "circuit:apaleo",
            "group": "test/eu-central-1",
            "class": "circuit",
            "custom_details": {
                "condition": "circuit:apaleo",
                "deployment": "test/eu-central-1",
                "correlation_id": "call-[REDACTED]",
            },
        }
        assert raised.startswith("ALERT (error): A circuit breaker of apaleo is open")
        assert raised.endswith("correlation id: call-[REDACTED]")
        assert resolved.startswith("RESOLVED: A circuit breaker of apaleo is open")
        assert sent_secrets(receiver) == []

    def test_flapping_circuit_is_reported_once(self, alerting: AlertingService, names: IdFactory) -> None:
        """It opens three times within the interval; another circuit is still reported."""
        api, vendors, receiver = alerting.api, alerting.vendors, alerting.receiver
        for _ in range(FLAPS):
            open_circuit(api, vendors.tts, names, "flapping")
            receiver.wait_for_actions("circuit:tts", *receiver.actions("circuit:tts") or ["trigger"])
            vendors.tts.clear_faults()
            close_circuits(api)
            receiver.wait_for_actions("circuit:tts", "trigger", "resolve")
        open_circuit(api, vendors.livekit, names, "another")

        receiver.wait_for_actions("circuit:livekit", "trigger")

        assert receiver.actions("circuit:tts") == ["trigger", "resolve"]

    def test_stalled_state_store_triggers_alert_until_it_responds(self, alerting: AlertingService) -> None:
        """Requests get 503 meanwhile."""
        receiver = alerting.receiver
        with alerting.redis.stopped():
            response = alerting.api.get("/auth/profile")
            receiver.wait_for_actions("state-store", "trigger")
        receiver.wait_for_actions("state-store", "trigger", "resolve")

        assert response.status_code == 503
        assert receiver.events("state-store")[0]["payload"]["severity"] == "critical"

    def test_alert_is_sent_again_until_receiver_accepts_it(self, alerting: AlertingService) -> None:
        """The database accepts no writes; PagerDuty is overloaded twice, and Slack is not asked again."""
        receiver = alerting.receiver
        receiver.rejections["database"] = [503, 429]
        with hidden_table(alerting.database, "write_probe"):
            wait_until(lambda: len(receiver.events("database")) == 3, "the third attempt")
        wait_until(lambda: receiver.actions("database")[-1] == "resolve", "the alert is resolved")

        first, second, third, resolve = receiver.events("database")

        assert first == second == third
        assert (first["payload"]["severity"], resolve["dedup_key"]) == ("critical", first["dedup_key"])
        wait_until(lambda: len(receiver.messages("database")) == 2, "Slack's messages")

    @pytest.mark.critical
    def test_receiver_that_hangs_delays_no_call(self, alerting: AlertingService, names: IdFactory) -> None:
        """The deletion of expired records fails, and its alert waits for a response while a call runs."""
        receiver, api = alerting.receiver, alerting.api
        receiver.accepting.clear()
        with hidden_table(alerting.database, "call_records"):
            wait_until(lambda: receiver.actions("retention") == ["trigger"], "the alert is on its way")
        call_id = names.call()
        states = [api.send_event(event)["state"] for event in (call_started(call_id), call_ended(call_id))]
        receiver.accepting.set()
        receiver.wait_for_actions("retention", "trigger", "resolve")

        assert states == ["active", "ended"]
        assert receiver.events("retention")[0]["payload"]["severity"] == "warning"

    @pytest.mark.critical
    def test_missed_wake_up_call_alerts_staff(self, alerting: AlertingService, names: IdFactory) -> None:
        """Once, after the last attempt, without personal data; a call-back that nobody answers is no emergency."""
        api, receiver, outbound = (
            alerting.api,
            alerting.receiver,
            OutboundCalls(alerting.api, alerting.database),
        )
        let_telephone_be(alerting.vendors, answers=False)
        call_back = order(api, names.phone(), kind="call_back")["id"]
        wake_up = order(api, names.phone())
        for call_id in [call_back, wake_up["id"]] * OUTBOUND_ATTEMPTS:
            outbound.place(call_id)

        receiver.wait_for_actions(f"wake-up-call:{wake_up['id']}", "trigger")

        [alert] = receiver.events(f"wake-up-call:{wake_up['id']}")
        assert (alert["payload"]["severity"], alert["payload"]["class"]) == ("critical", "wake-up-call")
        assert receiver.events(f"wake-up-call:{call_back}") == []
        assert wake_up["number"] not in json.dumps(
            [receiver.bodies(PAGERDUTY_PATH), receiver.bodies(SLACK_PATH)]
        )
        metrics = read_metrics(api)
        assert {
            kind: metrics[f'outbound_calls_total{{kind="{kind}",outcome="failed"}}']
            for kind in ("wake_up", "call_back")
        } == {"wake_up": 1, "call_back": 1}

    def test_deliveries_are_counted(self, alerting: AlertingService, names: IdFactory) -> None:
        """By channel and outcome."""
        open_circuit(alerting.api, alerting.vendors.livekit, names, "counted")

        def delivered(channel: str) -> bool:
            series = f'alerts_total{{channel="{channel}",outcome="delivered"}}'
            return series in alerting.api.get("/metrics").text

        wait_until(lambda: delivered("pagerduty") and delivered("slack"), "both channels are counted")

    def test_tts_plan_is_nearly_and_then_entirely_used_up(
        self, alerting: AlertingService, names: IdFactory
    ) -> None:
        """An alert near its end; then each way to speak is refused once, and nothing more is asked of the vendor."""
        api, tts, receiver = alerting.api, alerting.vendors.tts, alerting.receiver
        tts.set_provider_state("a quota", remaining=TTS_CHARACTERS // 10)
        receiver.wait_for_actions("tts-quota", "trigger")
        remaining = read_metrics(api)["tts_characters_remaining"]
        tts.set_provider_state("a quota", remaining=3)

        refused = _speak_in_each_way(api)
        asked = _synthesis_requests(tts)
        call_id = names.call()
        # a name that was never spoken: the greeting of an unknown caller may be in the cache
        guest = add_guest(alerting.vendors, names, guest={"lastName": names.call()})
        started = api.send_event(call_started(call_id, reservation_id=guest))
        _, [repeated], _ = speak(api, {"text": "Yes. "}, END)
        api.send_event(call_ended(call_id))

        assert remaining == TTS_CHARACTERS // 10
        assert receiver.events("tts-quota")[0]["payload"]["severity"] == "warning"
        assert refused == ["The characters of the TTS vendor's plan are used up."] * 3
        assert asked == ["streamInput", "streamWithTimestamps", "stream"]
        assert _synthesis_requests(tts) == asked
        assert [warning["code"] for warning in started["warnings"]] == ["TTS_UNAVAILABLE"]
        assert repeated["error"]["message"] == refused[0]
        self._restore_plan(alerting, names)
        # at the end, because only a reset ends it
        tts.set_provider_state("the vendor is down")
        wait_until(lambda: _readings(tts, 503) > 0, "the plan was read in vain")

    def _restore_plan(self, alerting: AlertingService, names: IdFactory) -> None:
        """Speech is synthesized again once the plan has been read, and the alert ends."""
        alerting.vendors.tts.set_provider_state("a quota", remaining=TTS_CHARACTERS)
        wait_until(
            lambda: alerting.api.post("/tts/synthesize", {"text": names.call()}).status_code == 200,
            "speech is synthesized again",
        )
        alerting.receiver.wait_for_actions("tts-quota", "trigger", "resolve")


def _speak_in_each_way(api: ApiClient) -> list[str]:
    """Return the messages of the errors; each text is shorter than those before, which have been refused."""
    _, [live], code = speak(api, {"text": "A text that is longer than the others. "}, END)
    assert code == TRY_AGAIN_LATER
    responses = [
        api.post("/tts/captions", {"text": "A text that is shorter."}),
        api.post("/tts/synthesize", {"text": "A short text."}),
    ]
    assert [response.status_code for response in responses] == [503, 503]
    return [body["error"]["message"] for body in (live, *(response.json() for response in responses))]


def _readings(tts: StubClient, status: int) -> int:
    requests = tts.journal()
    return sum(entry["operation"] == "getSubscription" and entry["status"] == status for entry in requests)


def _synthesis_requests(tts: StubClient) -> list[str]:
    return [entry["operation"] for entry in tts.journal() if entry["operation"] != "getSubscription"]
