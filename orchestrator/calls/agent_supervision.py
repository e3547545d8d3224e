"""Supervision of the voice agent: one that is missing is dispatched again once, then a human takes over."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

from orchestrator.calls.call import Call, CallWarning, call_id_of_room, livekit_room_name
from orchestrator.calls.degradation import DegradationLog
from orchestrator.calls.follow_ups import FollowUp, FollowUpKind, FollowUpQueue
from orchestrator.calls.journal import EventJournal, step_name
from orchestrator.calls.ports import Agents
from orchestrator.calls.repository import CallRepository
from orchestrator.calls.transfers import IN_PROGRESS, TRANSFERRED, CallTransfers
from orchestrator.errors import NotFoundError
from orchestrator.observability import logging
from orchestrator.observability.metrics import Metrics

AGENT_LOST = CallWarning(
    code="AGENT_LOST",
    vendor="livekit",
    message="The voice agent has not joined the call, or left it and did not come back.",
)
OUTCOME_BY_TRANSFER = {TRANSFERRED: "transferred", IN_PROGRESS: "transferred"}
"""What became of a guest without an agent; after any other outcome of the transfer, the guest is lost."""
POLL_SECONDS = 0.2
"""LiveKit reports an agent that joins by a webhook too, which may come late."""


@dataclass(frozen=True, slots=True)
class AgentSupervision:
    """Reacts when the voice agent has left a room, or has not joined it.

    Args:
        agents: the voice agents in the rooms.
        calls: the calls in the state store.
        transfers: lets a human take over.
        follow_ups: where the reaction waits until a process has time for it.
        metrics: counts the missing agents.
        rejoin_seconds: how long an agent that was dispatched again may take to join.
    """

    agents: Agents
    calls: CallRepository
    transfers: CallTransfers
    follow_ups: FollowUpQueue
    metrics: Metrics
    rejoin_seconds: float

    async def handle_agent_left(self, room_name: str, departure_id: str) -> None:
        """Let a follow-up give the guest of a call another agent, or a human: LiveKit does not wait for it.

        Args:
            room_name: the room that an agent has left.
            departure_id: identifies the departure, which may be reported again.
        """
        call_id = call_id_of_room(room_name)
        if call_id is not None:
            await self.follow_ups.add(FollowUpKind.AGENT_LEFT, call_id, departure_id)

    async def run(self, follow_up: FollowUp, journal: EventJournal) -> dict[str, Any]:
        """Give the guest of a call without an agent another one, or a human; return what was done.

        An agent is not missed after the guest has left, or after the call has ended.
        """
        call_id = follow_up.call_id
        call = await self._find_call(call_id)
        outcome = "not_missed" if call is None else await self._replace_or_degrade(call, follow_up, journal)
        is_departure = follow_up.kind is FollowUpKind.AGENT_LEFT
        counter = self.metrics.agent_departures if is_departure else self.metrics.agent_arrivals
        counter.labels(outcome).inc()
        if outcome != "not_missed":
            logging.info("agent_missing", call_id=call_id, kind=follow_up.kind.value, outcome=outcome)
        return {"agent": outcome}

    async def _find_call(self, call_id: str) -> Call | None:
        try:
            call = await self.calls.get(call_id)
        except NotFoundError:
            return None
        return call if call.status == "active" else None

    async def _replace_or_degrade(self, call: Call, follow_up: FollowUp, journal: EventJournal) -> str:
        degradation = DegradationLog()
        replacing = self._replace_agent(call, follow_up, journal, degradation)
        outcome = await degradation.run_or_degrade(replacing) or "unknown"
        if warnings := degradation.take_unrecorded():
            await self.calls.update(call.call_id, lambda current: current.with_warnings(warnings))
        return outcome

    async def _replace_agent(
        self, call: Call, follow_up: FollowUp, journal: EventJournal, degradation: DegradationLog
    ) -> str:
        cause_id, room_name = follow_up.cause_id, livekit_room_name(call.call_id)
        if not await self.agents.is_agent_missing(room_name):
            return "not_missed"
        call = await self.calls.update(call.call_id, lambda current: current.with_agent_replaced(cause_id))
        # also true if this follow-up was begun before and did not finish
        if call.agent_replaced_by == cause_id:
            is_dispatched = await degradation.run_and_report(self._dispatch_again(room_name, journal))
            if is_dispatched and await self._has_joined(room_name):
                return "replaced"
        elif follow_up.kind is FollowUpKind.AGENT_EXPECTED:
            # the agent had joined and left: the reaction to that does the rest
            return "not_missed"
        # before the transfer, after which the call may end at once
        await self.calls.update(
            call.call_id, lambda current: current.with_warnings([AGENT_LOST], is_repeated=True)
        )
        transfer = self.transfers.transfer(call, cause_id, journal)
        outcome = await degradation.run_or_degrade(transfer)
        return OUTCOME_BY_TRANSFER.get(outcome or "", "lost")

    async def _dispatch_again(self, room_name: str, journal: EventJournal) -> None:
        step = step_name("replace_agent", room=room_name)
        details = journal.find_details(step)
        if details is None:
            details = {"dispatches": await self.agents.list_dispatches(room_name)}

        async def replace_agent() -> bool:
            await self.agents.replace_agent(room_name, details["dispatches"])
            return True

        async def is_replaced() -> bool | None:
            present = await self.agents.list_dispatches(room_name)
            return bool(set(present) - set(details["dispatches"])) or None

        await journal.run_step(step, details, replace_agent, is_replaced)

    async def _has_joined(self, room_name: str) -> bool:
        """Wait for the agent; return True as soon as it has joined or the guest has left, False after `rejoin_seconds`."""
        time = asyncio.get_running_loop().time
        deadline = time() + self.rejoin_seconds
        while await self.agents.is_agent_missing(room_name):
            if time() > deadline:
                return False
            await asyncio.sleep(POLL_SECONDS)
        return True
