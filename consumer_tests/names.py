"""The names of the pacticipants. No other module of the package is imported for them: the clients and Pact take 0.3 s."""

from __future__ import annotations

import consumer_tests
from vendor_discovery import package_names

CONSUMER_NAME = "voicehive-orchestrator"
"""The orchestrator's pacticipant name."""


def vendor_names() -> list[str]:
    """Return the names of all vendors that have a consumer contract, sorted."""
    return package_names(consumer_tests)
