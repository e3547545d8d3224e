"""What people may ask of us about their data. They are named by telephone number; kept is a pseudonym."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path
from pydantic import BaseModel, ConfigDict, Field

from orchestrator.api.answers import documented
from orchestrator.api.dependencies import KnownFirst, Parts, may
from orchestrator.calls.events import E164
from orchestrator.privacy import pseudonym
from orchestrator.security.audit import audit
from orchestrator.security.callers import Caller
from orchestrator.security.roles import Permission
from orchestrator.services import Services

routes = APIRouter(prefix="/gdpr", route_class=KnownFirst)
Manager = Annotated[Caller, Depends(may(Permission.CALL_MANAGE))]


class NewConsent(BaseModel):
    """Somebody's word on a purpose."""

    model_config = ConfigDict(extra="forbid")

    subject: E164
    purpose: str = Field(pattern=r"^[a-z][a-z0-9_]{0,63}$")
    granted: bool


class ConsentKept(BaseModel):
    """It is kept."""

    status: str = "success"
    recorded_at: datetime


class Deletion(BaseModel):
    """Who is to be forgotten."""

    model_config = ConfigDict(extra="forbid")

    subject: E164


class Deleted(BaseModel):
    """How much was forgotten."""

    status: str = "success"
    call_records: int
    consents: int


class Export(BaseModel):
    """All that we have of somebody."""

    calls: list[dict[str, Any]]
    consents: list[dict[str, Any]]


@routes.post("/consent", responses=documented(401, 403, 422, 503))
async def consent(wanted: NewConsent, parts: Parts, caller: Manager) -> ConsentKept:
    """Keep what somebody allows, or allows no more."""
    now = datetime.now(UTC)
    who = _who(parts, wanted.subject)
    await parts.records.consent(who, wanted.purpose, granted=wanted.granted, at=now)
    audit("consent", actor=caller.subject, subject=who)
    return ConsentKept(recorded_at=now)


@routes.post("/deletion-request", responses=documented(401, 403, 422, 503))
async def deletion(wanted: Deletion, parts: Parts, caller: Manager) -> Deleted:
    """Forget somebody."""
    who = _who(parts, wanted.subject)
    erased = await parts.records.erase(who)
    audit("erase", actor=caller.subject, subject=who)
    return Deleted(call_records=erased.call_records, consents=erased.consents)


@routes.get("/export/{subject}", responses=documented(401, 403, 422, 503))
async def export(subject: Annotated[E164, Path()], parts: Parts, caller: Manager) -> Export:
    """All that we have of somebody."""
    who = _who(parts, subject)
    audit("export", actor=caller.subject, subject=who)
    return Export.model_validate(await parts.records.of(who))


def _who(parts: Services, subject: str) -> str:
    return pseudonym(subject, parts.settings.privacy_key.get_secret_value().encode())
