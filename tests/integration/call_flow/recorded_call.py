"""Calls in which the guest is asked for consent to a recording."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.integration.api import ApiClient
from tests.integration.call_events import call_ended, call_interaction, call_started
from tests.integration.ids import IdFactory
from tests.integration.vendors import StubClients

START, STOP, LIST = "StartRoomCompositeEgress", "StopEgress", "ListEgress"


class RecordedCall:
    """A call in which the guest is asked for consent.

    Args:
        api: a client that runs the call and administers the guest's data.
        call_id: the call.
        phone: the guest's number.
    """

    def __init__(self, api: ApiClient, call_id: str, phone: str) -> None:
        self.api, self.call_id, self.phone = api, call_id, phone
        self._second = 10
        api.send_event(call_started(call_id, phone))

    def ask(self, seconds_late: int = 0, **parameters: Any) -> dict[str, Any]:
        """Send the guest's answer, after the answers of these seconds; return the response."""
        self._second += 1
        second = self._second - seconds_late
        event = call_interaction(self.call_id, "recording_consent", second=second, **parameters)
        return self.api.send_event(event)

    def end(self) -> dict[str, Any]:
        """End the call; return the response."""
        return self.api.send_event(call_ended(self.call_id))

    def export(self) -> dict[str, Any]:
        """Return what is stored about the guest."""
        export: dict[str, Any] = self.api.get_json(f"/gdpr/export/{self.phone}")
        return export

    def withdraw(self) -> httpx.Response:
        """Withdraw the guest's consent outside of the call; return the response."""
        body = {"subject": self.phone, "purpose": "recording", "granted": False}
        return self.api.post("/gdpr/consent", body)

    def erase(self) -> dict[str, Any]:
        """Erase the guest's data; return the response."""
        response = self.api.post("/gdpr/deletion-request", {"subject": self.phone})
        assert response.status_code == 200, response.text
        erased: dict[str, Any] = response.json()
        return erased


@pytest.fixture
def recorded_call(admin: ApiClient, vendors: StubClients, names: IdFactory) -> RecordedCall:
    """A call while LiveKit has a recorder."""
    vendors.livekit.set_provider_state("an egress worker")
    return RecordedCall(admin, names.call(), names.phone())


@pytest.fixture
def unrecorded_call(admin: ApiClient, names: IdFactory) -> RecordedCall:
    """A call while LiveKit has no recorder."""
    return RecordedCall(admin, names.call(), names.phone())


def started_file(vendors: StubClients) -> Path:
    """Return the file of the only recording that was started."""
    [body] = vendors.livekit.bodies(START)
    return Path(body["file_outputs"][0]["filepath"])
