"""A call in the steps of the scenarios."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.integration.api import ApiClient
from tests.integration.call_events import call_interaction, call_started
from tests.integration.ids import IdFactory


@dataclass
class PhoneCall:
    """A call of a guest, and the last response of the service."""

    operator: ApiClient
    call_id: str
    phone: str
    reservation_id: str
    response: dict[str, Any] = field(default_factory=dict)
    second: int = 0

    def start(self) -> None:
        """Start the call."""
        self.response = self.operator.send_event(call_started(self.call_id, self.phone))

    def interact(self, interaction_type: str, guest_input: str = "", **parameters: Any) -> None:
        """Send an interaction."""
        self.second += 1
        event = call_interaction(self.call_id, interaction_type, guest_input, self.second, **parameters)
        self.response = self.operator.send_event(event)


@pytest.fixture
def phone_call(operator: ApiClient, names: IdFactory) -> PhoneCall:
    """A call that has not started."""
    return PhoneCall(operator, names.call(), names.phone(), names.reservation())
