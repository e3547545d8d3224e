"""Builds outbound calls from the settings: the service that takes orders, and the task that places calls."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from orchestrator.alerting.alert import Alert, Alerter
from orchestrator.alerting.conditions import wake_up_call_missed
from orchestrator.calls.outbound_order import OutboundCallKind
from orchestrator.container.vendors import (
    VendorServices,
    create_ringing_livekit_client,
    ringing_response_seconds,
)
from orchestrator.observability.correlation import safe_correlation_id
from orchestrator.observability.metrics import Metrics
from orchestrator.outbound_calls.model import OutboundCall, OutboundCallStatus
from orchestrator.outbound_calls.numbers import country_prefix
from orchestrator.outbound_calls.placement import CallPlacement, PlacementServices
from orchestrator.outbound_calls.ports import AnsweredCalls
from orchestrator.outbound_calls.schedule import RetryLimits
from orchestrator.outbound_calls.service import OutboundCallService
from orchestrator.outbound_calls.task import OutboundCallTask
from orchestrator.persistence.outbound_calls import OutboundCallRepository
from orchestrator.settings import Settings
from orchestrator.settings.outbound_calls import OutboundCallSettings
from orchestrator.telephony.dialler import LiveKitDialler


@dataclass(frozen=True, slots=True)
class OutboundCallReports:
    """Reports calls that are over: each is counted, and staff is alerted of a guest who may still be asleep.

    Args:
        metrics: counts the calls.
        alerter: alerts the staff.
    """

    metrics: Metrics
    alerter: Alerter

    def report(self, call: OutboundCall, status: OutboundCallStatus) -> None:
        """Report a call and its final status."""
        self.metrics.outbound_calls.labels(call.kind, status).inc()
        if call.kind is OutboundCallKind.WAKE_UP and status is not OutboundCallStatus.ANSWERED:
            condition, now = wake_up_call_missed(call.call_id), datetime.now(UTC)
            self.alerter.publish(
                Alert(condition, firing=True, changed_at=now, correlation_id=safe_correlation_id())
            )


def create_outbound_calls(
    settings: Settings, calls: OutboundCallRepository, pseudonymize: Callable[[str], str]
) -> OutboundCallService:
    """Return the service that takes orders; without a trunk it rejects them."""
    outbound, hotel = settings.outbound_calls, settings.hotel
    prefixes = outbound.allowed_prefixes or (country_prefix(hotel.default_phone_region),)
    return OutboundCallService(
        calls,
        pseudonymize,
        hotel.time_zone,
        prefixes if outbound.trunk_id else (),
        outbound.max_waiting_per_number,
    )


def create_outbound_call_tasks(
    current: Callable[[], Settings],
    calls: OutboundCallRepository,
    vendors: VendorServices,
    answered_calls: AnsweredCalls,
    reports: OutboundCallReports,
) -> list[OutboundCallTask]:
    """Return the task that places calls; none without a trunk."""
    settings = current()
    outbound = settings.outbound_calls
    dialler = _create_dialler(current, vendors)
    if dialler is None:
        return []
    lease = timedelta(seconds=outbound.lease_seconds)
    services = PlacementServices(
        calls=calls,
        rooms=vendors.telephony,
        dialler=dialler,
        answered_calls=answered_calls,
        on_finished=reports.report,
    )
    return [
        OutboundCallTask(
            calls,
            CallPlacement(services, _retry_limits(outbound), lease).place,
            lease=lease,
            poll_interval=outbound.poll_interval_seconds,
            max_concurrent=outbound.max_concurrent,
            drain_seconds=ringing_response_seconds(outbound.ringing_seconds),
        )
    ]


def _retry_limits(outbound: OutboundCallSettings) -> RetryLimits:
    return RetryLimits(
        max_attempts=outbound.max_attempts,
        interval=timedelta(seconds=outbound.retry_interval_seconds),
        max_delay=timedelta(seconds=outbound.max_delay_seconds),
    )


def _create_dialler(current: Callable[[], Settings], vendors: VendorServices) -> LiveKitDialler | None:
    outbound = current().outbound_calls
    if outbound.trunk_id is None or outbound.caller_number is None:
        return None
    client = create_ringing_livekit_client(
        current, vendors.guards, vendors.http_pools, outbound.ringing_seconds
    )
    return LiveKitDialler(client, outbound.trunk_id, outbound.caller_number, outbound.ringing_seconds)
