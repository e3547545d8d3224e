"""Wake-up calls and call-backs, ordered by staff."""

from __future__ import annotations

from datetime import datetime, time
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request
from pydantic import BaseModel, Field

from orchestrator.api.dependencies import ContainerDep, forbidden_error, require_permission
from orchestrator.api.error_handlers import error_responses
from orchestrator.api.models import StrictModel
from orchestrator.api.route import StrictRoute
from orchestrator.calls.events import E164, Day, Identifier, TimeOfDay
from orchestrator.calls.outbound_order import (
    OrderRejectedError,
    OrderRejection,
    OutboundCallKind,
    OutboundCallOrder,
)
from orchestrator.calls.phrases import supported_language
from orchestrator.container import Container
from orchestrator.errors import ConflictError, FieldError, ServiceError, ValidationFailedError
from orchestrator.outbound_calls.model import OutboundCall, OutboundCallStatus
from orchestrator.outbound_calls.service import new_order_id
from orchestrator.security.audit import log_audit_event
from orchestrator.security.authentication import Principal
from orchestrator.security.roles import Permission

router = APIRouter(prefix="/outbound-calls", route_class=StrictRoute)
OutboundCallId = Annotated[str, Path(pattern=r"^[0-9a-f]{32}$")]
CallStarter = Annotated[Principal, Depends(require_permission(Permission.CALL_START))]
CallViewer = Annotated[Principal, Depends(require_permission(Permission.CALL_VIEW))]
FIELD_PROBLEMS: dict[OrderRejection, tuple[str, str]] = {
    "number_not_allowed": ("number", "should be a number that this hotel may call"),
    "in_the_past": ("date", "should be in the future, together with the time"),
    "too_far_ahead": ("date", "should be within a year"),
}
CONFLICTS: dict[OrderRejection, str] = {
    "not_supported": "This deployment has no outbound trunk.",
    "too_many_orders": "Too many calls to this number, or of this hotel, are waiting.",
}


class OrderOutboundCallRequest(StrictModel):
    """A call to a guest at a time of the hotel's clock; without `date` the next time that the clock shows it."""

    kind: OutboundCallKind
    hotel_id: Identifier
    number: E164
    time: TimeOfDay
    date: Day | None = None
    language: str | None = Field(None, pattern=r"^[a-z]{2}$")
    reservation_id: Identifier | None = None


class OutboundCallResponse(BaseModel):
    """A call. `number` is null once it is no longer needed, and for those who must not start calls.

    `call_id` is the id of the attempt: that of the events and of the record of the call if the guest answers it.
    """

    id: str
    call_id: str
    kind: OutboundCallKind
    hotel_id: str
    number: str | None
    language: str
    reservation_id: str | None
    due_at: datetime
    status: OutboundCallStatus
    reason: str | None
    attempts: int
    next_attempt_at: datetime | None
    ordered_by: str
    ordered_at: datetime
    finished_at: datetime | None


@router.post("", status_code=201, responses=error_responses(401, 403, 409, 422))
async def order_outbound_call(
    body: OrderOutboundCallRequest, container: ContainerDep, principal: CallStarter, request: Request
) -> OutboundCallResponse:
    """Order a call. The same order while the first one waits returns that one."""
    if not principal.can_access_hotel(body.hotel_id):
        raise forbidden_error(principal, request)
    try:
        call = await _order(body, container, principal)
    except OrderRejectedError as error:
        raise _rejection_error(error.reason) from error
    log_audit_event("order outbound call", actor=principal.subject, call=call.call_id)
    return _call_response(call, container, principal)


@router.get("", responses=error_responses(401, 403, 422))
async def list_outbound_calls(
    container: ContainerDep,
    principal: CallViewer,
    status: Annotated[OutboundCallStatus | None, Query()] = None,
) -> list[OutboundCallResponse]:
    """List the calls of the principal's hotels, those that are due last first."""
    calls = await container.outbound_calls.list_calls(principal.hotel_ids, status)
    return [_call_response(call, container, principal) for call in calls]


@router.get("/{call_id}", responses=error_responses(401, 403, 404, 422))
async def get_outbound_call(
    call_id: OutboundCallId, container: ContainerDep, principal: CallViewer
) -> OutboundCallResponse:
    """Return a call."""
    call = await container.outbound_calls.get(call_id, principal.hotel_ids)
    return _call_response(call, container, principal)


@router.delete("/{call_id}", status_code=204, responses=error_responses(401, 403, 404, 409, 422))
async def cancel_outbound_call(
    call_id: OutboundCallId, container: ContainerDep, principal: CallStarter
) -> None:
    """Cancel a call that is not being placed; 409 if it is, or is over."""
    await container.outbound_calls.cancel(call_id, principal.hotel_ids)
    log_audit_event("cancel outbound call", actor=principal.subject, call=call_id)


async def _order(body: OrderOutboundCallRequest, container: Container, principal: Principal) -> OutboundCall:
    service = container.outbound_calls
    return await service.order(
        OutboundCallOrder(
            order_id=new_order_id(),
            kind=body.kind,
            hotel_id=body.hotel_id,
            number=body.number,
            language=supported_language(body.language),
            reservation_id=body.reservation_id,
            due_at=service.resolve_time(time.fromisoformat(body.time), body.date),
            ordered_by=principal.subject,
        )
    )


def _rejection_error(reason: OrderRejection) -> ServiceError:
    if reason in CONFLICTS:
        return ConflictError(CONFLICTS[reason])
    field, problem = FIELD_PROBLEMS[reason]
    return ValidationFailedError("The call cannot be ordered.", details=[FieldError(field, problem)])


def _call_response(call: OutboundCall, container: Container, principal: Principal) -> OutboundCallResponse:
    zone = container.settings.hotel.time_zone
    waits = call.status is OutboundCallStatus.SCHEDULED
    return OutboundCallResponse(
        id=call.call_id,
        call_id=call.attempt_id,
        kind=call.kind,
        hotel_id=call.hotel_id,
        # who only looks at calls has no need of a guest's number
        number=call.number if Permission.CALL_START in principal.permissions else None,
        language=call.language,
        reservation_id=call.reservation_id,
        due_at=call.due_at.astimezone(zone),
        status=call.status,
        reason=call.reason,
        attempts=call.attempts,
        next_attempt_at=call.next_attempt_at.astimezone(zone) if waits else None,
        ordered_by=call.ordered_by,
        ordered_at=call.ordered_at,
        finished_at=call.finished_at,
    )
