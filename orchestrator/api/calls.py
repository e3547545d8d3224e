"""Events of calls, from the telephone, from LiveKit and from Apaleo."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, Header, Query, Request
from pydantic import BaseModel

from orchestrator.api.answers import documented
from orchestrator.api.dependencies import Known, KnownFirst, Parts, anybody, forbidden
from orchestrator.calls.events import CallEnded, CallEvent
from orchestrator.calls.state import CallWarning
from orchestrator.errors import (
    AuthenticationError,
    UnknownError,
    ValidationFailedError,
)
from orchestrator.security.callers import REFUSED
from orchestrator.security.roles import Permission
from orchestrator.services import Services
from orchestrator.vendors.apaleo import webhooks as apaleo
from orchestrator.vendors.errors import ProtocolViolation
from orchestrator.vendors.livekit import webhooks as livekit

routes = APIRouter(route_class=KnownFirst)
ROOM_PREFIX = "call-"


class CallAnswer(BaseModel):
    """How an event went. What else there is depends on the event."""

    model_config = {"extra": "allow"}

    status: str
    call_id: str
    state: str
    warnings: list[CallWarning]


class Received(BaseModel):
    """A webhook was taken."""

    status: str = "success"


@routes.post("/webhook/call-event", responses=documented(401, 403, 404, 409, 422, 503))
async def call_event(
    event: Annotated[CallEvent, Body()], parts: Parts, caller: Known, request: Request
) -> CallAnswer:
    """A call starts, the guest wants something, or it ends. Delivered again, an event has no second effect."""
    needed = Permission.CALL_END if isinstance(event, CallEnded) else Permission.CALL_START
    if needed not in caller.permissions:
        raise forbidden(caller, request)
    return CallAnswer.model_validate(await parts.flow.handle(event, caller))


@routes.post(
    "/v1/livekit/webhook",
    responses=documented(401, 422, 503),
    dependencies=[Depends(anybody)],
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {"application/webhook+json": {"schema": {"type": "object"}}},
        }
    },
)
async def livekit_webhook(
    request: Request, parts: Parts, authorization: Annotated[str, Header()] = ""
) -> Received:
    """LiveKit's events, signed over the bytes of the body. A room that is finished ends its call."""
    settings = parts.settings
    keys = {settings.livekit_api_key: settings.livekit_api_secret.get_secret_value()}
    body = await request.body()
    try:
        event = livekit.read_signed(body, authorization, keys)
    except livekit.SignatureError:
        raise AuthenticationError(REFUSED) from None
    except ProtocolViolation as error:
        raise _unreadable(error) from None

    async def work() -> dict[str, Any]:
        return await _room_event(parts, event)

    await parts.once.run(f"livekit:{event.id}", work)
    return Received()


@routes.post(
    "/v1/apaleo/webhook",
    responses=documented(401, 422),
    dependencies=[Depends(anybody)],
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": {"type": "object"}}},
        }
    },
)
async def apaleo_webhook(request: Request, parts: Parts, secret: Annotated[str, Query()] = "") -> Received:
    """Apaleo's events: what we know of a reservation that changed is forgotten."""
    expected = parts.settings.apaleo_webhook_secret.get_secret_value()
    if not secrets.compare_digest(secret.encode(), expected.encode()):
        raise AuthenticationError(REFUSED)
    try:
        event = apaleo.read_event(await request.body())
    except ProtocolViolation as error:
        raise _unreadable(error) from None
    if event.topic == "Reservation" and event.data:
        parts.pms.forget(event.data.entity_id)
    elif event.topic == "Booking" and event.data:
        parts.pms.forget_booking(event.data.entity_id)
    return Received()


async def _room_event(parts: Services, event: livekit.WebhookEvent) -> dict[str, Any]:
    name = event.room.name if event.room else ""
    if event.event != "room_finished" or not name.startswith(ROOM_PREFIX):
        return {"ended": False}
    call_id = name.removeprefix(ROOM_PREFIX)
    ended_at = datetime.fromtimestamp(event.created_at, UTC)
    try:
        started = (await parts.calls.get(call_id)).started_at
    except UnknownError:
        return {"ended": False}
    await parts.flow.end(call_id, ended_at, max(0.0, (ended_at - started).total_seconds()))
    return {"ended": True}


def _unreadable(error: ProtocolViolation) -> ValidationFailedError:
    return ValidationFailedError(f"The event cannot be read at {', '.join(error.fields)}.")
