"""Consent, erasure and export of a data subject, who is named by telephone number and stored by pseudonym."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Request
from pydantic import BaseModel, Field

from orchestrator.api.dependencies import ContainerDep, forbidden_error, require_permission
from orchestrator.api.error_handlers import error_responses
from orchestrator.api.models import StrictModel
from orchestrator.api.route import StrictRoute
from orchestrator.calls.events import E164
from orchestrator.security.audit import log_audit_event
from orchestrator.security.authentication import Principal
from orchestrator.security.roles import Permission

router = APIRouter(prefix="/gdpr", route_class=StrictRoute)


async def require_call_manager(
    principal: Annotated[Principal, Depends(require_permission(Permission.CALL_MANAGE))], request: Request
) -> Principal:
    """Require a principal that manages the calls of a hotel: for none, a success would store and report nothing."""
    if principal.hotel_ids is not None and not principal.hotel_ids:
        raise forbidden_error(principal, request)
    return principal


CallManager = Annotated[Principal, Depends(require_call_manager)]
"""Everything these routes read or write is limited to the principal's hotels."""


class ConsentRequest(StrictModel):
    """A consent to a purpose, or its withdrawal, for all of the principal's hotels."""

    subject: E164
    purpose: str = Field(pattern=r"^[a-z][a-z0-9_]{0,63}$")
    granted: bool


class ConsentResponse(BaseModel):
    """The consent is stored."""

    status: str = "success"
    recorded_at: datetime


class ErasureRequest(StrictModel):
    """The telephone number of the data subject."""

    subject: E164


class ErasureResponse(BaseModel):
    """How much was deleted.

    `remaining_recordings` are the files that could not be deleted yet. The service tries again at every retention
    interval; the erasure can also be requested again.
    """

    status: str = "success"
    call_records: int
    consents: int
    outbound_calls: int
    recordings: int
    remaining_recordings: list[str]


class DataExportResponse(BaseModel):
    """Everything that is stored about a data subject."""

    calls: list[dict[str, Any]]
    consents: list[dict[str, Any]]
    outbound_calls: list[dict[str, Any]]
    recordings: list[dict[str, Any]]


@router.post("/consent", responses=error_responses(401, 403, 422))
async def record_consent(
    body: ConsentRequest, container: ContainerDep, principal: CallManager
) -> ConsentResponse:
    """Store a consent; it replaces the earlier one for the purpose.

    The withdrawal of the consent to the purpose `recording` stops the recordings that are running.
    """
    now = datetime.now(UTC)
    # neither the database nor the audit log may hold the phone number
    subject = container.gdpr.pseudonym(body.subject)
    await container.gdpr.record_consent(
        subject, body.purpose, granted=body.granted, at=now, hotel_ids=principal.hotel_ids
    )
    log_audit_event("consent", actor=principal.subject, subject=subject)
    return ConsentResponse(recorded_at=now)


@router.post("/deletion-request", responses=error_responses(401, 403, 422))
async def erase_subject(
    body: ErasureRequest, container: ContainerDep, principal: CallManager
) -> ErasureResponse:
    """Delete call records, recordings, consents and outbound calls of a data subject.

    A recording that is running is stopped, and a call that waits is not placed.
    """
    subject = container.gdpr.pseudonym(body.subject)
    erased = await container.gdpr.erase(subject, principal.hotel_ids)
    log_audit_event("erase", actor=principal.subject, subject=subject)
    return ErasureResponse(
        call_records=erased.call_records,
        consents=erased.consents,
        outbound_calls=erased.outbound_calls,
        recordings=erased.recordings,
        remaining_recordings=erased.remaining_recordings,
    )


@router.get("/export/{subject}", responses=error_responses(401, 403, 422))
async def export_subject(
    subject: Annotated[E164, Path()], container: ContainerDep, principal: CallManager
) -> DataExportResponse:
    """Return call records, recordings, consents and outbound calls of a data subject; recordings are only named."""
    pseudonym = container.gdpr.pseudonym(subject)
    data = await container.gdpr.export(pseudonym, principal.hotel_ids)
    log_audit_event("export", actor=principal.subject, subject=pseudonym)
    return DataExportResponse(
        calls=data.calls,
        consents=data.consents,
        outbound_calls=data.outbound_calls,
        recordings=data.recordings,
    )
