"""What people may ask of us about their data. They are named by telephone number; kept is a pseudonym."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path
from pydantic import BaseModel, ConfigDict, Field

from orchestrator.api.dependencies import AuthenticateFirstRoute, ContainerDep, require_permission
from orchestrator.api.error_handlers import error_responses
from orchestrator.calls.events import E164
from orchestrator.security.audit import log_audit_event
from orchestrator.security.authentication import Principal
from orchestrator.security.roles import Permission

router = APIRouter(prefix="/gdpr", route_class=AuthenticateFirstRoute)
CallManager = Annotated[Principal, Depends(require_permission(Permission.CALL_MANAGE))]


class ConsentRequest(BaseModel):
    """Somebody's word on a purpose."""

    model_config = ConfigDict(extra="forbid")

    subject: E164
    purpose: str = Field(pattern=r"^[a-z][a-z0-9_]{0,63}$")
    granted: bool


class ConsentResponse(BaseModel):
    """It is kept."""

    status: str = "success"
    recorded_at: datetime


class ErasureRequest(BaseModel):
    """Who is to be forgotten."""

    model_config = ConfigDict(extra="forbid")

    subject: E164


class ErasureResponse(BaseModel):
    """How much was forgotten."""

    status: str = "success"
    call_records: int
    consents: int


class DataExportResponse(BaseModel):
    """All that we have of somebody."""

    calls: list[dict[str, Any]]
    consents: list[dict[str, Any]]


@router.post("/consent", responses=error_responses(401, 403, 422, 503))
async def record_consent(wanted: ConsentRequest, parts: ContainerDep, caller: CallManager) -> ConsentResponse:
    """Keep what somebody allows, or allows no more."""
    now = datetime.now(UTC)
    who = parts.gdpr.pseudonym(wanted.subject)
    await parts.gdpr.record_consent(who, wanted.purpose, granted=wanted.granted, at=now)
    log_audit_event("consent", actor=caller.subject, subject=who)
    return ConsentResponse(recorded_at=now)


@router.post("/deletion-request", responses=error_responses(401, 403, 422, 503))
async def erase_subject(wanted: ErasureRequest, parts: ContainerDep, caller: CallManager) -> ErasureResponse:
    """Forget somebody."""
    who = parts.gdpr.pseudonym(wanted.subject)
    erased = await parts.gdpr.erase(who)
    log_audit_event("erase", actor=caller.subject, subject=who)
    return ErasureResponse(call_records=erased.call_records, consents=erased.consents)


@router.get("/export/{subject}", responses=error_responses(401, 403, 422, 503))
async def export_subject(
    subject: Annotated[E164, Path()], parts: ContainerDep, caller: CallManager
) -> DataExportResponse:
    """All that we have of somebody."""
    who = parts.gdpr.pseudonym(subject)
    log_audit_event("export", actor=caller.subject, subject=who)
    data = await parts.gdpr.export(who)
    return DataExportResponse(calls=data.calls, consents=data.consents)
