"""Supervision of the voice agent: one that leaves a call is dispatched again once, then a human takes over."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

from orchestrator.calls.call import Call, CallWarning, call_id_of_room
from orchestrator.calls.degradation import DegradationLog
from orchestrator.calls.intents.context import IntentContext
from orchestrator.calls.intents.transfer import transfer_to_staff
from orchestrator.calls.journal import EventJournal, step_name
from orchestrator.calls.ports import Agents
from orchestrator.calls.repository import CallRepository
from orchestrator.errors import NotFoundError
from orchestrator.observability import logging
from orchestrator.observability.metrics import Metrics

AGENT_LOST = CallWarning(
    code="AGENT_LOST",
    vendor="livekit",
    message="The voice agent left the call and did not come back.",
)
POLL_SECONDS = 0.2
"""LiveKit tells of an agent that joins by a webhook too, which waits in its queue until this one is acknowledged."""


@dataclass(frozen=True, slots=True)
class AgentSupervision:
    """Reacts when the voice agent has left a room.

    Args:
        context: the telephony, and the staff's number.
        agents: the voice agents in the rooms.
        calls: the calls in the state store.
        metrics: counts the agents that left a call.
        rejoin_seconds: how long an agent that was dispatched again may take to join.
    """

    context: IntentContext
    agents: Agents
    calls: CallRepository
    metrics: Metrics
    rejoin_seconds: float

    async def handle_agent_left(
        self, room_name: str, departure_id: str, journal: EventJournal
    ) -> dict[str, Any]:
        """Give the guest of a call another agent, or a human; return what was done.

        An agent that leaves after its guest, or whose call has ended, is not missed.

        Args:
            room_name: the room that an agent has left.
            departure_id: identifies the departure, which may be reported again.
            journal: the journal of the departure.
        """
        call = await self._find_call(room_name)
        if call is None:
            return {"agent": "not_missed"}
        degradation = DegradationLog()
        replacing = self._replace_agent(call, room_name, departure_id, journal, degradation)
        outcome = await degradation.run_or_degrade(replacing)
        outcome = outcome or "unknown"
        self.metrics.agent_departures.labels(outcome).inc()
        logging.info("agent_left", call_id=call.call_id, outcome=outcome)
        if warnings := degradation.take_unrecorded():
            await self.calls.update(call.call_id, lambda current: current.with_warnings(warnings))
        return {"agent": outcome}

    async def _find_call(self, room_name: str) -> Call | None:
        call_id = call_id_of_room(room_name)
        try:
            call = await self.calls.get(call_id) if call_id else None
        except NotFoundError:
            return None
        return call if call and call.status == "active" else None

    async def _replace_agent(
        self,
        call: Call,
        room_name: str,
        departure_id: str,
        journal: EventJournal,
        degradation: DegradationLog,
    ) -> str:
        if not await self.agents.is_agent_missing(room_name):
            return "not_missed"
        call = await self.calls.update(
            call.call_id, lambda current: current.with_agent_replaced(departure_id)
        )
        # also true if this departure was reported before and the reaction did not finish
        if call.agent_replaced_by == departure_id:
            is_dispatched = await degradation.run_and_report(self._dispatch_again(room_name, journal))
            if is_dispatched and await self._has_joined(room_name):
                return "replaced"
        # before the transfer, after which the call may end at once
        await self.calls.update(
            call.call_id, lambda current: current.with_warnings([AGENT_LOST], is_repeated=True)
        )
        reply = await degradation.run_or_degrade(transfer_to_staff(self.context, room_name, journal))
        return "transferred" if reply and reply.outcome == "done" else "lost"

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
