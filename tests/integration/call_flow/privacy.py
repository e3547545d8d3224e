"""Personal data and metrics of calls."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.integration.api import ApiClient
from tests.integration.call_events import call_ended, call_interaction, call_started
from tests.integration.data import CARD_NUMBER, EMAIL
from tests.integration.ids import IdFactory
from tests.integration.metrics import read_metrics
from tests.integration.waiting import wait_until


class TestPrivacy:
    """Personal data reaches no response, log or record that does not need it."""

    @pytest.mark.critical
    def test_personal_data_is_redacted_in_responses(
        self, operator: ApiClient, names: IdFactory, call: str
    ) -> None:
        """Card numbers, e-mail addresses and passports are redacted in input and guest data."""
        guest_data = {
            "email": EMAIL,
            "card": {"number": CARD_NUMBER},
            "note": f"passport C01X00T47, card {CARD_NUMBER}",
        }

        started = operator.post_event(call_started(names.call(), guest_data=guest_data))
        response = operator.send_event(
            call_interaction(call, "small_talk", f"My card is {CARD_NUMBER}, my address {EMAIL}")
        )

        assert started.json()["status"] == "success"
        assert response["guest_input"] == "My card is [REDACTED], my address [REDACTED]"
        assert [word for word in (EMAIL, CARD_NUMBER, "C01X00T47") if word in started.text] == []
        assert started.text.count("[REDACTED]") >= 3

    def test_personal_data_reaches_neither_log_nor_metrics(
        self, admin: ApiClient, operator: ApiClient, names: IdFactory, service_log: Callable[[], str]
    ) -> None:
        """Personal data is redacted in every field of an event."""
        call_id, phone = names.call(), names.phone()
        operator.send_event(call_started(call_id, phone, guest_data={"email": EMAIL}))
        operator.send_event(call_interaction(call_id, "small_talk", f"{EMAIL} {CARD_NUMBER}"))
        event = call_interaction(call_id, "small_talk", CARD_NUMBER) | {"surprise": EMAIL}
        correlation_id = operator.post_event(event).headers["X-Correlation-ID"]
        wait_until(lambda: correlation_id in service_log(), "the last event is logged")

        log, metrics = service_log(), admin.get("/metrics").text

        assert "http_requests_total" in metrics
        assert [word for word in (EMAIL, CARD_NUMBER, phone, "Ada") if word in log or word in metrics] == []

    def test_personal_data_is_exported_and_erased(
        self, admin: ApiClient, operator: ApiClient, names: IdFactory
    ) -> None:
        """Export and erasure find the caller by phone number."""
        call_id, phone = names.call(), names.phone()
        operator.send_event(call_started(call_id, phone))
        operator.send_event(call_ended(call_id))
        admin.post("/gdpr/consent", {"subject": phone, "purpose": "recording", "granted": True})

        before = admin.get_json(f"/gdpr/export/{phone}")
        erased = admin.post("/gdpr/deletion-request", {"subject": phone}).json()
        after = admin.get_json(f"/gdpr/export/{phone}")

        assert [record["call_id"] for record in before["calls"]] == [call_id]
        assert [(consent["purpose"], consent["granted"]) for consent in before["consents"]] == [
            ("recording", True)
        ]
        assert (erased["call_records"], erased["consents"]) == (1, 1)
        assert after == {"calls": [], "consents": [], "outbound_calls": [], "recordings": []}

    def test_latest_consent_replaces_the_previous_one(self, admin: ApiClient, names: IdFactory) -> None:
        """The export holds one consent for each purpose."""
        phone = names.phone()
        for granted in (True, False):
            admin.post("/gdpr/consent", {"subject": phone, "purpose": "recording", "granted": granted})

        [consent] = admin.get_json(f"/gdpr/export/{phone}")["consents"]

        assert consent["granted"] is False

    def test_call_record_contains_pseudonym_only(
        self, admin: ApiClient, operator: ApiClient, names: IdFactory
    ) -> None:
        """The caller's number is not in the exported record."""
        call_id, phone = names.call(), names.phone()
        operator.send_event(call_started(call_id, phone))
        operator.send_event(call_ended(call_id))

        response = admin.get(f"/gdpr/export/{phone}")
        assert [record["call_id"] for record in response.json()["calls"]] == [call_id]
        assert phone not in response.text


class TestMetrics:
    """The Prometheus metrics of calls."""

    def test_completed_call_is_counted_once(
        self, anonymous: ApiClient, operator: ApiClient, names: IdFactory
    ) -> None:
        """The counters grow when the call ends; the gauge of active calls is back to where it was."""
        before = read_metrics(anonymous)
        call_id = names.call()
        operator.send_event(call_started(call_id))
        operator.send_event(call_interaction(call_id, "greeting"))
        operator.send_event(call_ended(call_id, 60))

        after = read_metrics(anonymous)

        growth = {
            name: after[name] - before.get(name, 0.0)
            for name in (
                'call_total{outcome="completed"}',
                "call_duration_seconds_sum",
                'call_interaction_total{outcome="done",type="greeting"}',
                "call_active",
            )
        }
        assert list(growth.values()) == [1.0, 60.0, 1.0, 0.0]

    @pytest.mark.parametrize(
        "name",
        [
            "http_requests_total",
            "http_request_duration_seconds_bucket",
            "call_total",
            "call_duration_seconds_bucket",
            "circuit_breaker_state",
            "vendor_requests_total",
        ],
    )
    def test_metrics_expose_required_series(
        self, anonymous: ApiClient, operator: ApiClient, names: IdFactory, name: str
    ) -> None:
        """Dashboards and alerts read these names."""
        call_id = names.call()
        operator.send_event(call_started(call_id))
        operator.send_event(call_ended(call_id))

        assert any(line.startswith(name) for line in read_metrics(anonymous))

    def test_metric_labels_exclude_client_input(self, anonymous: ApiClient) -> None:
        """Requests to unknown paths share one label value."""
        before = read_metrics(anonymous)
        anonymous.get("/guests/ada-muster")

        after = read_metrics(anonymous)
        counted = [
            name for name in after if name.startswith("http_requests_total") and 'status="404"' in name
        ]
        assert sum(after[name] for name in counted) > sum(before.get(name, 0.0) for name in counted)
        assert not any("ada-muster" in name for name in after)
