"""The transfers that guests ask for, after their response: carried out, recorded, and explained if no colleague takes the call."""

from __future__ import annotations

from typing import Any

from orchestrator.calls.call import Call
from orchestrator.calls.call_ending import CallEnding
from orchestrator.calls.degradation import DegradationLog
from orchestrator.calls.follow_ups import FollowUp
from orchestrator.calls.journal import EventJournal
from orchestrator.calls.reply import Reply
from orchestrator.calls.repository import CallRepository
from orchestrator.calls.speaker import ReplySpeaker
from orchestrator.calls.transfers import IN_PROGRESS, TRANSFERRED, UNAVAILABLE, CallTransfers
from orchestrator.errors import NotFoundError

PHRASES_BY_REASON = {"busy": "busy", "no_answer": "no_answer", "nobody_on_the_line": "no_phone_line"}
"""What the caller hears; after any other reason, that no colleague can take the call."""


class GuestTransfers:
    """Carries out transfers.

    Args:
        transfers: transfers callers.
        calls: the calls in the state store.
        speaker: speaks to the caller if no colleague takes the call.
        ending: writes the record of a call that has ended meanwhile.
    """

    def __init__(
        self, transfers: CallTransfers, calls: CallRepository, speaker: ReplySpeaker, ending: CallEnding
    ) -> None:
        self._transfers = transfers
        self._calls = calls
        self._speaker = speaker
        self._ending = ending

    async def run(self, follow_up: FollowUp, journal: EventJournal) -> dict[str, Any]:
        """Transfer a caller to whom the transfer was announced; return the outcome.

        If no colleague takes the call, the caller hears that and goes on speaking with the agent.
        """
        try:
            call = await self._calls.get(follow_up.call_id)
        except NotFoundError:
            return {}
        degradation = DegradationLog()
        transfer = self._transfers.transfer(
            call, follow_up.cause_id, journal, follow_up.details.get("caller")
        )
        outcome = await degradation.run_or_degrade(transfer) or UNAVAILABLE
        if outcome not in {TRANSFERRED, IN_PROGRESS}:
            await self._tell(call, follow_up.cause_id, outcome, degradation)
        return {"transfer": outcome}

    async def _tell(self, call: Call, event_id: str, reason: str, degradation: DegradationLog) -> None:
        outcome = "degraded" if reason == UNAVAILABLE else "refused"
        warnings = degradation.take_unrecorded()

        def change(current: Call) -> Call:
            # the follow-up may be done again
            return current.with_outcome(event_id, outcome).with_warnings(warnings, is_repeated=True)

        call = await self._calls.update(call.call_id, change)
        await self._speaker.speak(call, Reply(PHRASES_BY_REASON.get(reason, "nobody")), degradation)
        if call.status != "active":
            await self._ending.finish(call)
