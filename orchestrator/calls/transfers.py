"""Transfers of callers to the hotel's staff, whose telephone rings for long after the event was answered."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

from orchestrator.calls.call import Call, livekit_room_name
from orchestrator.calls.journal import Details, EventJournal, step_name
from orchestrator.calls.ports import DependencyUnavailableError, Telephony, TransferRejectedError
from orchestrator.calls.repository import CallRepository
from orchestrator.clock import Clock, utc_now
from orchestrator.observability import logging
from orchestrator.observability.metrics import Metrics

TRANSFERRED, IN_PROGRESS = "transferred", "in_progress"
"""Outcomes that leave nothing to do: a colleague has taken the call, or the telephone rings already."""
UNAVAILABLE = "unavailable"
REASONS = frozenset({"busy", "no_answer", "declined", "hung_up", "nobody_on_the_line"})
"""The reasons that the metric distinguishes; LiveKit has many other codes."""
POLL_SECONDS = 1.0
"""Between two looks whether a caller has left whose transfer another process has begun."""


class CallTransfers:
    """Transfers callers, each call at most once at a time, and not again after it was taken.

    Args:
        telephony: transfers callers.
        calls: the calls in the state store.
        destination: the number of the staff, as a `tel:` or SIP URI.
        longest_ringing: the time after which the telephone of the staff no longer rings.
        metrics: counts the transfers.
        clock: the current time.
    """

    def __init__(
        self,
        telephony: Telephony,
        calls: CallRepository,
        destination: str,
        longest_ringing: timedelta,
        metrics: Metrics,
        clock: Clock = utc_now,
    ) -> None:
        self._telephony = telephony
        self._calls = calls
        self._destination = destination
        self._longest_ringing = longest_ringing
        self._metrics = metrics
        self._clock = clock

    async def transfer(
        self, call: Call, cause_id: str, journal: EventJournal, caller: str | None = None
    ) -> str:
        """Transfer the caller and wait until a colleague takes the call.

        Args:
            call: the call.
            cause_id: what the caller is transferred for; delivered again, it does not transfer the caller again.
            journal: the journal of the follow-up.
            caller: the caller's identity, if it is known.

        Returns:
            `TRANSFERRED`, `IN_PROGRESS`, or the reason why the transfer failed, an error code for clients.

        Raises:
            DependencyUnavailableError: LiveKit failed, and the caller is still in the room.
        """
        call = await self._calls.update(call.call_id, lambda current: current.with_transfer(cause_id))
        if call.transferred_for != cause_id:
            return IN_PROGRESS if call.transferred_for else "hung_up"
        outcome = UNAVAILABLE
        try:
            outcome = await self._transfer_once(call, journal, caller)
        except DependencyUnavailableError:
            await self._end(call, outcome)
            raise
        await self._end(call, outcome)
        return outcome

    async def _end(self, call: Call, outcome: str) -> None:
        if outcome != TRANSFERRED:
            # the guest may ask again
            await self._calls.update(call.call_id, Call.without_transfer)
        label = outcome if outcome in REASONS | {TRANSFERRED, UNAVAILABLE} else "refused"
        self._metrics.transfers.labels(label).inc()
        logging.info("transfer_ended", call_id=call.call_id, outcome=label)

    async def _transfer_once(self, call: Call, journal: EventJournal, caller: str | None) -> str:
        room_name = livekit_room_name(call.call_id)
        step = step_name("transfer_caller", room=room_name)
        details = journal.find_details(step)
        if details is None:
            caller = caller or await self._telephony.find_caller(room_name)
            if caller is None:
                # for example a caller from a web browser, who has no phone line to transfer
                return "nobody_on_the_line"
            details = {"caller": caller, "rings_until": (self._clock() + self._longest_ringing).isoformat()}
        return await self._run_step(step, details, room_name, journal)

    async def _run_step(self, step: str, details: Details, room_name: str, journal: EventJournal) -> str:
        caller = details["caller"]

        async def transfer() -> str:
            await self._telephony.transfer_caller(room_name, caller, self._destination)
            return TRANSFERRED

        async def wait_until_over() -> str:
            return await self._wait_until_over(
                room_name, caller, datetime.fromisoformat(details["rings_until"])
            )

        try:
            outcome: str = await journal.run_step(step, details, transfer, wait_until_over)
        except TransferRejectedError as error:
            return error.reason
        except DependencyUnavailableError:
            # only the response may be lost
            if await self._telephony.find_caller(room_name) == caller:
                raise
            return TRANSFERRED
        return outcome

    async def _wait_until_over(self, room_name: str, caller: str, rings_until: datetime) -> str:
        """Wait for the end of a transfer that another process has begun; it is not begun again, because it may still ring.

        Raises:
            TransferRejectedError: the caller is still in the room when the telephone no longer rings.
        """
        # LiveKit removes a transferred caller from the room
        while await self._telephony.find_caller(room_name) == caller:
            if self._clock() >= rings_until:
                raise TransferRejectedError("no_answer")
            await asyncio.sleep(POLL_SECONDS)
        return TRANSFERRED
