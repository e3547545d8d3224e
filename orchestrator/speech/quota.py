"""The characters that are left of the TTS vendor's plan."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

from orchestrator.observability import logging
from orchestrator.vendors.errors import AccessDenied, ErrorDetails, VendorError
from orchestrator.vendors.tts.errors import QUOTA_EXCEEDED
from orchestrator.vendors.tts.models import Subscription


class QuotaWatch:
    """Reads the plan in the background, and rejects texts as long as the vendor would.

    A text is rejected without asking the vendor if the vendor has refused one that is not longer; a plan may allow more than
    it includes, so the number of characters left decides nothing by itself. The next reading at the interval ends
    this if enough characters are left, or if the plan cannot be read.

    Args:
        read: reads the plan.
        interval: seconds between two readings; a refusal starts one more.
        warning_share: the share of the plan's characters at which it is nearly used up.
        report_remaining: receives the characters left at each reading.
    """

    def __init__(
        self,
        read: Callable[[], Awaitable[Subscription]],
        interval: float,
        warning_share: float,
        report_remaining: Callable[[int], None],
    ) -> None:
        self._read = read
        self._interval = interval
        self._warning_share = warning_share
        self._report_remaining = report_remaining
        self._is_low = False
        self._shortest_refused: int | None = None
        self._reading_requested = asyncio.Event()

    async def is_sufficient(self) -> bool:
        """Return False if the plan is nearly used up, or the vendor has refused a text because of it."""
        return not self._is_low and self._shortest_refused is None

    def require(self, characters: int | None = None) -> None:
        """Check that the vendor may accept a text of this length; None is an unknown length.

        Raises:
            AccessDenied: the vendor has refused a text that is not longer.
        """
        refused = self._shortest_refused
        if refused is not None and (characters is None or characters >= refused):
            details = ErrorDetails(QUOTA_EXCEEDED)
            raise AccessDenied("tts", "quota", details=details, retry_after=self._interval)

    def record_refusal(self, characters: int) -> None:
        """Remember that the vendor has refused a text of this length, because the plan is used up."""
        if self._shortest_refused is None:
            logging.warning("tts_quota_exceeded", characters=characters)
        self._shortest_refused = min(characters, self._shortest_refused or characters)
        self._reading_requested.set()

    async def run_forever(self) -> None:
        """Read the plan now, at every interval and after refusals, until cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            self._end_refusal(await self._read_remaining())
            with suppress(TimeoutError):
                async with asyncio.timeout_at(loop.time() + self._interval):
                    await self._read_after_refusals()

    async def _read_after_refusals(self) -> None:
        while True:
            await self._reading_requested.wait()
            self._reading_requested.clear()
            await self._read_remaining()

    async def _read_remaining(self) -> int | None:
        try:
            plan = await self._read()
        # the client has logged it
        except VendorError:
            return None
        remaining = max(0, plan.character_limit - plan.character_count)
        was_low, self._is_low = self._is_low, remaining <= plan.character_limit * self._warning_share
        if self._is_low and not was_low:
            logging.warning("tts_quota_low", remaining=remaining)
        self._report_remaining(remaining)
        return remaining

    def _end_refusal(self, remaining: int | None) -> None:
        if self._shortest_refused is None:
            return
        # not after a refusal's own reading: a limit of the key, which the plan does not show, would be met by every text
        if remaining is None or remaining >= self._shortest_refused:
            self._shortest_refused = None
            logging.info("tts_quota_restored", remaining=remaining)
