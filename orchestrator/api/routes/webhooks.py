"""Events of calls, from the telephone, from LiveKit and from Apaleo."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, Header, Query, Request
from pydantic import BaseModel

from orchestrator.api.dependencies import (
    AuthenticateFirstRoute,
    ContainerDep,
    CurrentPrincipal,
    forbidden_error,
    rate_limit_by_ip,
)
from orchestrator.api.error_handlers import error_responses
from orchestrator.calls.call import CallWarning
from orchestrator.calls.events import CallEnded, CallEvent
from orchestrator.container import Container
from orchestrator.errors import (
    AuthenticationError,
    ValidationFailedError,
)
from orchestrator.security.authentication import UNAUTHENTICATED_MESSAGE
from orchestrator.security.roles import Permission
from orchestrator.vendors.apaleo import webhooks as apaleo
from orchestrator.vendors.errors import InvalidVendorResponse
from orchestrator.vendors.livekit import webhooks as livekit

router = APIRouter(route_class=AuthenticateFirstRoute)


class CallEventResponse(BaseModel):
    """How an event went. What else there is depends on the event."""

    model_config = {"extra": "allow"}

    status: str
    call_id: str
    state: str
    warnings: list[CallWarning]


class WebhookAck(BaseModel):
    """A webhook was taken."""

    status: str = "success"


@router.post("/webhook/call-event", responses=error_responses(401, 403, 404, 409, 422, 503))
async def receive_call_event(
    event: Annotated[CallEvent, Body()], parts: ContainerDep, caller: CurrentPrincipal, request: Request
) -> CallEventResponse:
    """A call starts, the guest wants something, or it ends. Delivered again, an event has no second effect."""
    needed = Permission.CALL_END if isinstance(event, CallEnded) else Permission.CALL_START
    if needed not in caller.permissions:
        raise forbidden_error(caller, request)
    return CallEventResponse.model_validate(await parts.call_service.handle_event(event, caller))


@router.post(
    "/v1/livekit/webhook",
    responses=error_responses(401, 422, 503),
    dependencies=[Depends(rate_limit_by_ip)],
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {"application/webhook+json": {"schema": {"type": "object"}}},
        }
    },
)
async def receive_livekit_webhook(
    request: Request, parts: ContainerDep, authorization: Annotated[str, Header()] = ""
) -> WebhookAck:
    """LiveKit's events, signed over the bytes of the body. A room that is finished ends its call."""
    settings = parts.settings
    keys = {settings.livekit_api_key: settings.livekit_api_secret.get_secret_value()}
    body = await request.body()
    try:
        event = livekit.verify_and_parse(body, authorization, keys)
    except livekit.WebhookSignatureError:
        raise AuthenticationError(UNAUTHENTICATED_MESSAGE) from None
    except InvalidVendorResponse as error:
        raise _invalid_event_error(error) from None

    async def work() -> dict[str, Any]:
        return await _handle_room_finished(parts, event)

    await parts.idempotency.run(f"livekit:{event.id}", work)
    return WebhookAck()


@router.post(
    "/v1/apaleo/webhook",
    responses=error_responses(401, 422),
    dependencies=[Depends(rate_limit_by_ip)],
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": {"type": "object"}}},
        }
    },
)
async def receive_apaleo_webhook(
    request: Request, parts: ContainerDep, secret: Annotated[str, Query()] = ""
) -> WebhookAck:
    """Apaleo's events: what we know of a reservation that changed is forgotten."""
    expected = parts.settings.apaleo_webhook_secret.get_secret_value()
    if not secrets.compare_digest(secret.encode(), expected.encode()):
        raise AuthenticationError(UNAUTHENTICATED_MESSAGE)
    try:
        event = apaleo.parse_event(await request.body())
    except InvalidVendorResponse as error:
        raise _invalid_event_error(error) from None
    if event.topic == "Reservation" and event.data:
        parts.pms.invalidate(event.data.entity_id)
    elif event.topic == "Booking" and event.data:
        parts.pms.invalidate_booking(event.data.entity_id)
    return WebhookAck()


async def _handle_room_finished(parts: Container, event: livekit.WebhookEvent) -> dict[str, Any]:
    if event.event != "room_finished" or event.room is None:
        return {"ended": False}
    ended_at = datetime.fromtimestamp(event.created_at, UTC)
    return {"ended": await parts.call_service.handle_room_finished(event.room.name, ended_at)}


def _invalid_event_error(error: InvalidVendorResponse) -> ValidationFailedError:
    return ValidationFailedError(f"The event cannot be read at {', '.join(error.fields)}.")
