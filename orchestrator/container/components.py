"""All components of one service process, and how they start and stop."""

from __future__ import annotations

from dataclasses import dataclass

import httpx

from orchestrator.alerting.service import AlertService
from orchestrator.calls.agent_supervision import AgentSupervision
from orchestrator.calls.idempotency import IdempotentExecutor
from orchestrator.calls.service import CallService
from orchestrator.container.live_settings import LiveSettings
from orchestrator.container.security import SecurityServices
from orchestrator.container.vendors import VendorServices
from orchestrator.gdpr.service import GdprService
from orchestrator.observability.metrics import Metrics
from orchestrator.observability.tracing import Tracing
from orchestrator.outbound_calls.service import OutboundCallService
from orchestrator.persistence.database import Database
from orchestrator.resilience.admission import AdmissionController
from orchestrator.resilience.supervision import BackgroundTask
from orchestrator.security.roles import Role
from orchestrator.security.secret_rotation import SecretRotation
from orchestrator.settings import Settings
from orchestrator.state.rate_limiter import RateLimiter
from orchestrator.state.store import StateStore


@dataclass(frozen=True, slots=True, kw_only=True)
class Container:
    """All components of one service process; `secrets` is None without Vault."""

    live_settings: LiveSettings
    secrets: SecretRotation | None
    http_pools: dict[str, httpx.AsyncClient]
    state_store: StateStore
    rate_limiter: RateLimiter
    admission: AdmissionController
    websocket_admission: AdmissionController
    database: Database
    metrics: Metrics
    tracing: Tracing
    alerts: AlertService
    vendors: VendorServices
    idempotency: IdempotentExecutor
    call_service: CallService
    agent_supervision: AgentSupervision
    gdpr: GdprService
    outbound_calls: OutboundCallService
    background_tasks: tuple[BackgroundTask, ...]
    security: SecurityServices

    @property
    def settings(self) -> Settings:
        """The settings in use, whose secrets can be rotated."""
        return self.live_settings.current

    async def startup(self) -> None:
        """Upgrade the database schema and create the first user."""
        await self.database.upgrade_schema()
        security = self.settings.security
        if security.admin_email and security.admin_password:
            password = security.admin_password.get_secret_value()
            # without effect on an existing user, who keeps the stored password
            await self.security.users.create(security.admin_email, password, [Role.ADMIN])

    async def shutdown(self) -> None:
        """Revoke the token of Vault and close all connections."""
        if self.secrets:
            await self.secrets.close()
        for pool in self.http_pools.values():
            await pool.aclose()
        await self.state_store.close()
        await self.database.close()
        self.tracing.shutdown()
