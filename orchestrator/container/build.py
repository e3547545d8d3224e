"""Builds all components of the service."""

from __future__ import annotations

from orchestrator.container.alerts import watch_dependencies, watch_secrets
from orchestrator.container.calls import CallServices, create_call_services
from orchestrator.container.components import Container
from orchestrator.container.infrastructure import (
    Infrastructure,
    create_admission,
    create_infrastructure,
    create_vendor_observer,
    create_websocket_admission,
)
from orchestrator.container.outbound_calls import OutboundCallReports, create_outbound_call_tasks
from orchestrator.container.security import create_security
from orchestrator.container.vendors import VendorServices, create_vendor_services
from orchestrator.resilience.supervision import BackgroundTask
from orchestrator.security.vault_secrets import VaultSource
from orchestrator.settings import Settings


def build_container(settings: Settings, vault: VaultSource | None = None) -> Container:
    """Build all components. Nothing connects yet.

    Args:
        settings: the settings, with the secrets that Vault has at the start.
        vault: where the secrets come from, if they do.

    Raises:
        SettingsError: JWT_KEYS is invalid; the message says how.
    """
    base = create_infrastructure(settings, vault)
    observe = create_vendor_observer(base)
    vendors = create_vendor_services(base.current_settings, base.state_store, base.metrics, observe)
    calls = create_call_services(settings, base, vendors)
    _watch(base, vendors, calls)
    return Container(
        live_settings=base.live_settings,
        secrets=base.secrets,
        http_pools=vendors.http_pools | base.http_pools,
        state_store=base.state_store,
        rate_limiter=base.rate_limiter,
        admission=create_admission(settings, base.metrics),
        websocket_admission=create_websocket_admission(settings),
        database=base.database,
        metrics=base.metrics,
        tracing=base.tracing,
        alerts=base.alerts,
        vendors=vendors,
        idempotency=calls.idempotency,
        call_service=calls.call_service,
        agent_supervision=calls.agent_supervision,
        gdpr=calls.gdpr,
        outbound_calls=calls.outbound_calls,
        background_tasks=_create_background_tasks(base, vendors, calls),
        security=create_security(settings, base.tokens, base.state_store, base.rate_limiter, base.database),
    )


def _watch(base: Infrastructure, vendors: VendorServices, calls: CallServices) -> None:
    watch_dependencies(
        base.alerts, vendors.guards, base.state_store, base.database, calls.retention, vendors.quota
    )
    if base.secrets:
        watch_secrets(base.alerts, base.secrets)


def _create_background_tasks(
    base: Infrastructure, vendors: VendorServices, calls: CallServices
) -> tuple[BackgroundTask, ...]:
    reports = OutboundCallReports(base.metrics, base.alerts)
    return (
        calls.retention,
        calls.follow_ups,
        vendors.quota,
        *([base.secrets] if base.secrets else []),
        *create_outbound_call_tasks(
            base.current_settings, calls.outbound_call_repository, vendors, calls.call_service, reports
        ),
    )
