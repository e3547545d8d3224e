"""Wait for a state of the service, with a deadline that only a defect reaches."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

DEADLINE_SECONDS = 600.0
POLL_INTERVAL_SECONDS = 0.05


def wait_until(
    condition: Callable[[], bool], description: str, interval: float = POLL_INTERVAL_SECONDS
) -> None:
    """Poll every `interval` seconds until the condition holds; fail with its description after the deadline."""
    deadline = time.monotonic() + DEADLINE_SECONDS
    pause = threading.Event()
    while not condition():
        assert time.monotonic() < deadline, f"not within {DEADLINE_SECONDS:.0f} s: {description}"
        pause.wait(interval)
