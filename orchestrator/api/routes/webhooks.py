"""Webhooks: call events of the telephony platform, events of LiveKit and of Apaleo."""

from __future__ import annotations

import hashlib
import secrets
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, Header, Query, Request
from pydantic import BaseModel

from orchestrator.api.dependencies import (
    ContainerDep,
    forbidden_error,
    get_container,
    rate_limit_by_ip,
    require_permission,
)
from orchestrator.api.error_handlers import error_responses
from orchestrator.api.route import StrictRoute
from orchestrator.calls.call import CallWarning
from orchestrator.calls.events import CallEnded, CallEvent
from orchestrator.calls.journal import EventJournal
from orchestrator.container import Container
from orchestrator.errors import AuthenticationError, FieldError, ValidationFailedError
from orchestrator.resilience.deadline import start_deadline
from orchestrator.security.authentication import UNAUTHENTICATED_MESSAGE, Principal
from orchestrator.security.roles import Permission
from orchestrator.vendors.apaleo import webhooks as apaleo
from orchestrator.vendors.errors import InvalidVendorResponse
from orchestrator.vendors.livekit import webhooks as livekit
from orchestrator.vendors.livekit.models import AGENT_KIND

router = APIRouter(route_class=StrictRoute)
CallReporter = Annotated[Principal, Depends(require_permission(Permission.CALL_START, Permission.CALL_END))]
AGENT_LEFT_EVENTS = frozenset({"participant_left", "participant_connection_aborted"})
"""The second one is that of a participant who never became active."""


class CallEventResponse(BaseModel):
    """The result of an event. Further fields depend on the event."""

    model_config = {"extra": "allow"}

    status: str
    call_id: str
    state: str
    warnings: list[CallWarning]


class WebhookAck(BaseModel):
    """The event was accepted."""

    status: str = "success"


@router.post(
    "/webhook/call-event",
    responses=error_responses(401, 403, 404, 409, 422),
)
async def receive_call_event(
    event: Annotated[CallEvent, Body()], principal: CallReporter, request: Request
) -> CallEventResponse:
    """Handle the start, an interaction or the end of a call. A redelivered event has no second effect."""
    permission = Permission.CALL_END if isinstance(event, CallEnded) else Permission.CALL_START
    if permission not in principal.permissions:
        raise forbidden_error(principal, request)
    # not a dependency, each of which takes time
    container = get_container(request)
    with start_deadline(container.settings.limits.event_timeout_seconds):
        response = await container.call_service.handle_event(event, principal)
    return CallEventResponse.model_validate(response)


@router.post(
    "/v1/livekit/webhook",
    responses=error_responses(401, 422),
    dependencies=[Depends(rate_limit_by_ip)],
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {"application/webhook+json": {"schema": {"type": "object"}}},
        }
    },
)
async def receive_livekit_webhook(
    request: Request, container: ContainerDep, authorization: Annotated[str, Header()] = ""
) -> WebhookAck:
    """Handle an event of LiveKit, which signs the bytes of the body.

    A finished room ends its call. A voice agent that leaves its guest is dispatched again, or a human takes over.
    """
    settings = container.settings.livekit
    keys = {settings.api_key: settings.api_secret.get_secret_value()}
    # the raw bytes: LiveKit hashes them, and JSON that is serialized again has another hash
    body = await request.body()
    try:
        event = livekit.verify_and_parse(body, authorization, keys)
    except livekit.WebhookSignatureError:
        raise AuthenticationError(UNAUTHENTICATED_MESSAGE) from None
    except InvalidVendorResponse as error:
        raise _invalid_event_error(error) from None

    if not event.id:
        # proto3 JSON leaves an empty id out; the bytes of the body identify the event as well
        event = event.model_copy(update={"id": hashlib.sha256(body).hexdigest()})

    async def work(_: EventJournal) -> dict[str, Any]:
        return await _handle_livekit_event(container, event)

    # LiveKit repeats a delivery with the same id after a connection error, a 429 or a 5xx
    with start_deadline(container.settings.limits.event_timeout_seconds):
        await container.idempotency.run(f"livekit:{_fact_id(event)}", work)
    return WebhookAck()


@router.post(
    "/v1/apaleo/webhook",
    responses=error_responses(401, 422, 503),
    dependencies=[Depends(rate_limit_by_ip)],
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": {"type": "object"}}},
        }
    },
)
async def receive_apaleo_webhook(
    request: Request, container: ContainerDep, secret: Annotated[str, Query()] = ""
) -> WebhookAck:
    """Handle an event of Apaleo: a changed reservation is removed from the cache."""
    expected = container.settings.security.apaleo_webhook_secret.get_secret_value()
    # in constant time, or response times would disclose the secret; as bytes, because a str must be ASCII
    if not secrets.compare_digest(secret.encode(), expected.encode()):
        raise AuthenticationError(UNAUTHENTICATED_MESSAGE)
    try:
        event = apaleo.parse_event(await request.body())
    except InvalidVendorResponse as error:
        raise _invalid_event_error(error) from None
    # events may arrive twice, which needs no check here: forgetting a cached read twice does no harm
    if event.topic == "Reservation" and event.data:
        await container.vendors.pms.invalidate(event.data.entity_id)
    elif event.topic == "Booking" and event.data:
        await container.vendors.pms.invalidate_booking(event.data.entity_id)
    return WebhookAck()


async def _handle_livekit_event(container: Container, event: livekit.WebhookEvent) -> dict[str, Any]:
    if event.event == "room_finished" and event.room:
        return await _handle_room_finished(container, event.room.name, event.created_at)
    if event.room and _departed_agent(event):
        await container.agent_supervision.handle_agent_left(event.room.name, _fact_id(event))
    return {}


def _departed_agent(event: livekit.WebhookEvent) -> livekit.WebhookParticipant | None:
    """Return the voice agent that has left, or None if the event reports something else."""
    # the name first: of other events the participant is not read, so that their pacts need not demand it
    if event.event not in AGENT_LEFT_EVENTS or event.participant is None:
        return None
    return event.participant if event.participant.kind == AGENT_KIND else None


def _fact_id(event: livekit.WebhookEvent) -> str:
    """Return the id of what an event reports: two events about the same departure of an agent have one effect."""
    agent = _departed_agent(event)
    if agent and agent.sid and event.room:
        return f"agent-left:{event.room.name}:{agent.sid}"
    return event.id


async def _handle_room_finished(
    container: Container, room_name: str, created_at: int | None
) -> dict[str, Any]:
    # LiveKit leaves out what is zero
    ended_at = datetime.fromtimestamp(created_at or 0, UTC)
    return {"ended": await container.call_service.handle_room_finished(room_name, ended_at)}


def _invalid_event_error(error: InvalidVendorResponse) -> ValidationFailedError:
    details = [FieldError(field, "should have the vendor's type and range") for field in error.fields]
    return ValidationFailedError(f"The event cannot be read at {', '.join(error.fields)}.", details=details)
