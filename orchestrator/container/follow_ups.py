"""Builds what does follow-ups of calls: transfers, and the supervision of voice agents."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from orchestrator.calls.agent_supervision import AgentSupervision
from orchestrator.calls.call_ending import CallEnding
from orchestrator.calls.follow_up_task import FollowUpTask
from orchestrator.calls.follow_ups import FollowUpKind, FollowUpQueue
from orchestrator.calls.guest_transfers import GuestTransfers
from orchestrator.calls.idempotency import IdempotentExecutor
from orchestrator.calls.repository import CallRepository
from orchestrator.calls.speaker import ReplySpeaker
from orchestrator.calls.transfers import CallTransfers
from orchestrator.container.infrastructure import Infrastructure
from orchestrator.container.vendors import VendorServices, ringing_response_seconds
from orchestrator.settings import Settings


@dataclass(frozen=True, slots=True)
class FollowUpServices:
    """The supervision of voice agents, and the task that does follow-ups."""

    supervision: AgentSupervision
    task: FollowUpTask


def create_follow_ups(
    settings: Settings,
    base: Infrastructure,
    vendors: VendorServices,
    calls: CallRepository,
    executor: IdempotentExecutor,
    ending: CallEnding,
    queue: FollowUpQueue,
) -> FollowUpServices:
    """Return the services of follow-ups."""
    livekit = settings.livekit
    ringing_seconds = ringing_response_seconds(livekit.transfer_ringing_seconds)
    transfers = CallTransfers(
        vendors.telephony,
        calls,
        settings.hotel.transfer_number,
        timedelta(seconds=ringing_seconds),
        base.metrics,
    )
    supervision = AgentSupervision(
        vendors.agents, calls, transfers, queue, base.metrics, livekit.agent_rejoin_seconds
    )
    speaker = ReplySpeaker(vendors.speech, vendors.telephony)
    handlers = {
        FollowUpKind.TRANSFER: GuestTransfers(transfers, calls, speaker, ending).run,
        FollowUpKind.AGENT_LEFT: supervision.run,
        FollowUpKind.AGENT_EXPECTED: supervision.run,
    }
    poll_interval = settings.limits.follow_up_poll_seconds
    task = FollowUpTask(queue, executor, handlers, poll_interval=poll_interval, drain_seconds=ringing_seconds)
    return FollowUpServices(supervision, task)
