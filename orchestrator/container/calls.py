"""Builds what handles calls: intents, recordings, outbound calls, and the personal data that they leave."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from orchestrator.calls.agent_supervision import AgentSupervision
from orchestrator.calls.call_ending import CallEnding
from orchestrator.calls.erasure import CallErasure
from orchestrator.calls.follow_up_task import FollowUpTask
from orchestrator.calls.follow_ups import FollowUpKind, FollowUpQueue
from orchestrator.calls.guest_transfers import GuestTransfers
from orchestrator.calls.idempotency import IdempotentExecutor
from orchestrator.calls.intents.context import IntentContext
from orchestrator.calls.recording import CallRecordings
from orchestrator.calls.repository import CallRepository
from orchestrator.calls.service import CallService
from orchestrator.calls.speaker import ReplySpeaker
from orchestrator.calls.transfers import CallTransfers
from orchestrator.container.data_protection import create_gdpr, create_retention
from orchestrator.container.infrastructure import Infrastructure
from orchestrator.container.outbound_calls import create_outbound_calls
from orchestrator.container.recordings import create_recordings
from orchestrator.container.vendors import VendorServices, ringing_response_seconds
from orchestrator.gdpr.retention import RetentionTask
from orchestrator.gdpr.service import GdprService
from orchestrator.outbound_calls.service import OutboundCallService
from orchestrator.persistence.call_records import CallRecordRepository
from orchestrator.persistence.outbound_calls import OutboundCallRepository
from orchestrator.settings import Settings
from orchestrator.understanding.grammar import GrammarInterpreter


@dataclass(frozen=True, slots=True, kw_only=True)
class CallServices:
    """What handles calls, and the personal data that they leave."""

    idempotency: IdempotentExecutor
    call_service: CallService
    agent_supervision: AgentSupervision
    follow_ups: FollowUpTask
    outbound_call_repository: OutboundCallRepository
    outbound_calls: OutboundCallService
    gdpr: GdprService
    retention: RetentionTask


def create_call_services(settings: Settings, base: Infrastructure, vendors: VendorServices) -> CallServices:
    """Return the services of calls."""
    database = base.database
    calls, idempotency = CallRepository(base.state_store), IdempotentExecutor(base.state_store)
    records, outbound_call_repository = CallRecordRepository(database), OutboundCallRepository(database)
    recordings = create_recordings(settings.storage, vendors.recorder, database, calls)
    erasure = CallErasure(calls, idempotency, recordings.call_recordings)
    gdpr = create_gdpr(settings, records, database, outbound_call_repository, recordings, erasure)
    outbound_calls = create_outbound_calls(settings, outbound_call_repository, gdpr.pseudonym)
    queue = FollowUpQueue(base.state_store)
    intents = _create_intent_context(settings, vendors, recordings.call_recordings, outbound_calls, queue)
    transfers = _create_transfers(settings, base, vendors, calls)
    supervision = AgentSupervision(
        vendors.agents, calls, transfers, queue, base.metrics, settings.livekit.agent_rejoin_seconds
    )
    ending = CallEnding(calls, records, vendors.telephony, recordings.call_recordings, base.metrics)
    guest_transfers = GuestTransfers(
        transfers, calls, ReplySpeaker(vendors.speech, vendors.telephony), ending
    )
    return CallServices(
        idempotency=idempotency,
        call_service=CallService(
            intents,
            vendors.speech,
            calls,
            idempotency,
            records,
            base.metrics,
            gdpr.pseudonym,
            GrammarInterpreter(),
        ),
        agent_supervision=supervision,
        follow_ups=_create_follow_up_task(settings, queue, idempotency, guest_transfers, supervision),
        outbound_call_repository=outbound_call_repository,
        outbound_calls=outbound_calls,
        gdpr=gdpr,
        retention=create_retention(settings.storage, [records, outbound_call_repository], recordings.erasure),
    )


def _create_intent_context(
    settings: Settings,
    vendors: VendorServices,
    recordings: CallRecordings,
    outbound_calls: OutboundCallService,
    follow_ups: FollowUpQueue,
) -> IntentContext:
    hotel, livekit = settings.hotel, settings.livekit
    join_time = timedelta(seconds=livekit.agent_join_seconds)
    return IntentContext(
        pms=vendors.pms,
        telephony=vendors.telephony,
        recordings=recordings,
        service_ids=hotel.service_ids,
        current_date=lambda: datetime.now(hotel.time_zone).date(),
        date_at_hotel=lambda moment: moment.astimezone(hotel.time_zone).date(),
        outbound_calls=outbound_calls,
        follow_ups=follow_ups,
        # an agent without a name joins by itself, or there is none
        agent_join_time=join_time if livekit.agent_name else None,
    )


def _create_transfers(
    settings: Settings, base: Infrastructure, vendors: VendorServices, calls: CallRepository
) -> CallTransfers:
    longest_ringing = timedelta(seconds=_transfer_seconds(settings))
    number = settings.hotel.transfer_number
    return CallTransfers(vendors.telephony, calls, number, longest_ringing, base.metrics)


def _create_follow_up_task(
    settings: Settings,
    queue: FollowUpQueue,
    executor: IdempotentExecutor,
    guest_transfers: GuestTransfers,
    supervision: AgentSupervision,
) -> FollowUpTask:
    handlers = {
        FollowUpKind.TRANSFER: guest_transfers.run,
        FollowUpKind.AGENT_LEFT: supervision.run,
        FollowUpKind.AGENT_EXPECTED: supervision.run,
    }
    return FollowUpTask(
        queue,
        executor,
        handlers,
        poll_interval=settings.limits.follow_up_poll_seconds,
        drain_seconds=_transfer_seconds(settings),
    )


def _transfer_seconds(settings: Settings) -> float:
    return ringing_response_seconds(settings.livekit.transfer_ringing_seconds)
