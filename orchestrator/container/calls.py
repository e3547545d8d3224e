"""Builds what handles calls: intents, recordings, outbound calls, and the personal data that they leave."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from orchestrator.calls.agent_supervision import AgentSupervision
from orchestrator.calls.erasure import CallErasure
from orchestrator.calls.idempotency import IdempotentExecutor
from orchestrator.calls.intents.context import IntentContext
from orchestrator.calls.recording import CallRecordings
from orchestrator.calls.repository import CallRepository
from orchestrator.calls.service import CallService
from orchestrator.container.data_protection import create_gdpr, create_retention
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
    intents = _create_intent_context(settings, vendors, recordings.call_recordings, outbound_calls)
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
        agent_supervision=AgentSupervision(
            intents, vendors.agents, calls, base.metrics, settings.livekit.agent_rejoin_seconds
        ),
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
) -> IntentContext:
    hotel = settings.hotel
    return IntentContext(
        pms=vendors.pms,
        telephony=vendors.telephony,
        recordings=recordings,
        service_ids=hotel.service_ids,
        transfer_number=hotel.transfer_number,
        current_date=lambda: datetime.now(hotel.time_zone).date(),
        date_at_hotel=lambda moment: moment.astimezone(hotel.time_zone).date(),
        outbound_calls=outbound_calls,
    )
