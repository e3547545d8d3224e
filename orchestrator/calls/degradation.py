"""When a vendor does not do what a call needs, the call goes on: who did not, and in which words."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import TypeVar

from orchestrator.calls.call import CallWarning
from orchestrator.observability import logging
from orchestrator.pms.errors import PmsUnavailableError
from orchestrator.vendors.errors import VendorError

T = TypeVar("T")
WARNING_MESSAGES = {
    "pms": "The PMS is not available; the call goes on without it.",
    "tts": "The voice is not available; the agent got the text.",
    "livekit": "The telephone server is not available; nothing happened in the room.",
}


class DegradationLog:
    """Collects what did not work."""

    def __init__(self) -> None:
        self.warnings: list[CallWarning] = []

    async def run_or_degrade(self, work: Awaitable[T]) -> T | None:
        """What comes of the work, or None and a warning when a vendor is away."""
        try:
            return await work
        except PmsUnavailableError as error:
            self._add("pms", error.reason)
        except VendorError as error:
            self._add(error.vendor, type(error).__name__)
        return None

    def _add(self, vendor: str, reason: str) -> None:
        logging.warning("degraded", vendor=vendor, reason=reason)
        warning = CallWarning(
            code=f"{vendor.upper()}_UNAVAILABLE", vendor=vendor, message=WARNING_MESSAGES[vendor]
        )
        if warning not in self.warnings:
            self.warnings.append(warning)
