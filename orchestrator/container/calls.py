"""Builds what handles calls: intents, recordings, outbound calls, and the personal data that they leave."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from orchestrator.calls.agent_supervision import AgentSupervision
from orchestrator.calls.call_ending import CallEnding
from orchestrator.calls.erasure import CallErasure
from orchestrator.calls.follow_up_task import FollowUpTask
from orchestrator.calls.follow_ups import FollowUpQueue
from orchestrator.calls.idempotency import IdempotentExecutor
from orchestrator.calls.intents.context import IntentContext
from orchestrator.calls.recording import CallRecordings
from orchestrator.calls.repository import CallRepository
from orchestrator.calls.service import CallService
from orchestrator.container.data_protection import create_gdpr, create_retention
from orchestrator.container.follow_ups import create_follow_ups
from orchestrator.container.infrastructure import Infrastructure
from orchestrator.container.outbound_calls import create_outbound_calls
from orchestrator.container.recordings import create_recordings
from orchestrator.container.vendors import VendorServices
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
    calls, idempotency = CallRepository(base.state_store), IdempotentExecutor(base.state_store)
    queue = FollowUpQueue(base.state_store)
    records, outbound_call_repository = (
        CallRecordRepository(base.database),
        OutboundCallRepository(base.database),
    )
    recordings = create_recordings(settings.storage, vendors.recorder, base.database, calls)
    erasure = CallErasure(calls, idempotency, recordings.call_recordings)
    gdpr = create_gdpr(settings, records, base.database, outbound_call_repository, recordings, erasure)
    outbound_calls = create_outbound_calls(settings, outbound_call_repository, gdpr.pseudonym)
    intents = _create_intent_context(settings, vendors, recordings.call_recordings, outbound_calls, queue)
    ending = CallEnding(calls, records, vendors.telephony, recordings.call_recordings, base.metrics)
    follow_ups = create_follow_ups(settings, base, vendors, calls, idempotency, ending, queue)
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
        agent_supervision=follow_ups.supervision,
        follow_ups=follow_ups.task,
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
