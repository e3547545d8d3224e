"""Timeouts: a caller gets an answer within the event's deadline, whatever the vendors do."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.integration.api import ApiClient
from tests.integration.call_events import call_ended, call_interaction, call_started
from tests.integration.data import DATES
from tests.integration.ids import IdFactory
from tests.integration.metrics import read_metrics
from tests.integration.resilience.short_times import EVENT_DEADLINE_SECONDS, HANG_SECONDS
from tests.integration.scenarios import add_guest
from tests.integration.vendors import StubClients
from tests.integration.webhooks import room_finished, sign_livekit

BUCKET_SECONDS = 10.0
"""The smallest bucket of the service's own durations that has room for the deadline on a slow machine.

Without the deadline each request to a vendor would take 30 s.
"""
INTERACTIONS: dict[str, dict[str, Any]] = {
    "greeting": {},
    "guest_info_request": {},
    "room_service_request": {"service": "breakfast"},
    "availability_request": DATES,
    "booking_request": {**DATES, "last_name": "Muster"},
    "change_request": DATES,
    "cancellation_request": {"confirmed": True},
    "late_checkout_request": {},
    "transfer_request": {},
    "small_talk": {},
}


def start_call(api: ApiClient, vendors: StubClients, names: IdFactory) -> str:
    """Start a call of a guest while all vendors respond; return its id."""
    call_id = names.call()
    api.send_event(call_started(call_id, reservation_id=add_guest(vendors, names)))
    return call_id


def let_all_vendors_hang(vendors: StubClients) -> None:
    """Let every request hang."""
    for vendor in vendors.all.values():
        vendor.inject_fault("hang", seconds=HANG_SECONDS)


def fast_responses(api: ApiClient, path: str) -> float:
    """Return how many requests of a route the service has answered with less than `BUCKET_SECONDS`, by its own measure."""
    labels = f'le="{BUCKET_SECONDS}",method="POST",route="{path}"'
    return read_metrics(api).get(f"http_request_duration_seconds_bucket{{{labels}}}", 0.0)


def send_at_once(api: ApiClient, events: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Send events at once; return the bodies of the responses, which must be 200."""
    with ThreadPoolExecutor(len(events)) as pool:
        return list(pool.map(api.send_event, events))


class TestTimeoutHandling:
    """The vendor requests of an event share one deadline."""

    @pytest.mark.critical
    def test_every_event_is_answered_within_its_deadline_while_all_vendors_hang(
        self, at_hanging_stack: tuple[ApiClient, StubClients], names: IdFactory
    ) -> None:
        """Each kind of event gets 200 with warnings; the deadline of a single request is 30 s."""
        api, vendors = at_hanging_stack
        calls = [start_call(api, vendors, names) for _ in range(len(INTERACTIONS) + 1)]
        events = [
            call_interaction(call_id, kind, **parameters)
            for call_id, (kind, parameters) in zip(calls, INTERACTIONS.items(), strict=False)
        ]
        events += [call_started(names.call(), reservation_id=names.reservation()), call_ended(calls[-1])]
        let_all_vendors_hang(vendors)
        before = fast_responses(api, "/webhook/call-event")

        responses = send_at_once(api, events)

        assert EVENT_DEADLINE_SECONDS < BUCKET_SECONDS
        assert fast_responses(api, "/webhook/call-event") - before == len(events)
        assert all(response["warnings"] for response in responses)
        assert vendors.livekit.played_faults() == {"hang"}

    def test_livekit_webhook_is_answered_within_the_deadline_while_livekit_hangs(
        self, at_hanging_stack: tuple[ApiClient, StubClients], names: IdFactory
    ) -> None:
        """LiveKit gives up a delivery that takes long, and repeats it."""
        api, vendors = at_hanging_stack
        call_id = start_call(api, vendors, names)
        body = room_finished(vendors, call_id)
        let_all_vendors_hang(vendors)
        before = fast_responses(api, "/v1/livekit/webhook")

        headers = {"Authorization": sign_livekit(body), "Content-Type": "application/webhook+json"}
        response = api.http.post("/v1/livekit/webhook", content=body, headers=headers)

        assert response.status_code == 200
        assert fast_responses(api, "/v1/livekit/webhook") - before == 1

    def test_request_that_hangs_leaves_time_for_the_reply(
        self, at_hanging_stack: tuple[ApiClient, StubClients], names: IdFactory
    ) -> None:
        """The agent gets its text although the speech hangs, because speech has only a share of the deadline."""
        api, vendors = at_hanging_stack
        vendors.tts.inject_fault("hang", seconds=HANG_SECONDS)
        language = {"preferredLanguage": "de", "lastName": names.call()}
        guest = add_guest(vendors, names, guest=language)

        response = api.send_event(call_started(names.call(), reservation_id=guest))

        assert "tts" in {warning["vendor"] for warning in response["warnings"]}
        assert vendors.tts.played_faults() == {"hang"}
        assert len(vendors.livekit.requests("SendData")) == 1

    def test_delay_that_a_vendor_asks_for_counts_towards_the_deadline(
        self, at_hanging_stack: tuple[ApiClient, StubClients], names: IdFactory
    ) -> None:
        """A retry after 20 s is not waited for, although the request alone would have 30 s."""
        api, vendors = at_hanging_stack
        vendors.livekit.inject_fault("status", "CreateRoom", status=503, retry_after=20)
        before = fast_responses(api, "/webhook/call-event")

        response = api.send_event(call_started(names.call()))

        assert "livekit" in {warning["vendor"] for warning in response["warnings"]}
        assert len(vendors.livekit.requests("CreateRoom")) == 1
        assert fast_responses(api, "/webhook/call-event") - before == 1
