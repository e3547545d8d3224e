"""Webhooks: requests that the broker sends when a pact or a verification result is published."""

from __future__ import annotations

import dataclasses

from starlette.requests import Request
from starlette.responses import Response

from broker.domain.webhook_definition import PacticipantFilter, WebhookDefinition, parse_webhook
from broker.errors import InvalidRequestError
from broker.resources.lookups import require, require_pacticipant
from broker.resources.webhook_body import webhook_body, webhook_list_body
from broker.routing import ResourceRouter
from broker.services import webhooks as webhooks_service
from broker.store import webhooks
from broker.web import created_response, database, hal_response, no_content, read_json_body, url
from broker.webhooks.sender import WebhookSender

router = ResourceRouter()
PAIR_PATH = "/webhooks/provider/{provider:name}/consumer/{consumer:name}"
PACT_WEBHOOKS_PATH = "/pacts/provider/{provider:name}/consumer/{consumer:name}/webhooks"


def sender_of(request: Request) -> WebhookSender:
    """Return the sender of webhooks, which has their settings."""
    sender: WebhookSender = request.app.state.webhook_sender
    return sender


def wake_worker(request: Request) -> None:
    """Send what a transaction that is committed now has triggered."""
    request.app.state.webhook_worker.wake()


async def read_definition(request: Request) -> WebhookDefinition:
    """Return the webhook in the body, for the pacticipants of the path if it names them.

    Raises:
        InvalidRequestError: The body is not a webhook.
    """
    definition, errors = parse_webhook(await read_json_body(request), sender_of(request).settings.rules)
    if definition is None:
        raise InvalidRequestError(errors)
    return dataclasses.replace(
        definition,
        consumer=_filter_of_path(request, "consumer") or definition.consumer,
        provider=_filter_of_path(request, "provider") or definition.provider,
    )


def _filter_of_path(request: Request, role: str) -> PacticipantFilter | None:
    name = request.path_params.get(role)
    return None if name is None else PacticipantFilter(name)


@router.get("/webhooks")
async def list_webhooks(request: Request) -> Response:
    """List all webhooks, oldest first."""
    rows = webhooks.list_all(database(request))
    return hal_response(webhook_list_body(request, ("webhooks",), "Webhooks", rows))


@router.get("/webhooks/provider/{provider:name}")
@router.get("/webhooks/consumer/{consumer:name}")
@router.get(PAIR_PATH)
@router.get(PACT_WEBHOOKS_PATH)
async def list_webhooks_of_pacticipants(request: Request) -> Response:
    """List the webhooks that name the pacticipants of the path; webhooks for all pacts are not among them."""
    ids = {
        role: require_pacticipant(request, role)["id"]
        for role in ("provider", "consumer")
        if role in request.path_params
    }
    rows = webhooks.list_for_pacticipants(database(request), ids.get("consumer"), ids.get("provider"))
    is_pact_path = request.scope["path"].startswith("/pacts/")
    parts = [part for role in ids for part in (role, request.path_params[role])]
    path = ("pacts", *parts, "webhooks") if is_pact_path else ("webhooks", *parts)
    return hal_response(
        webhook_list_body(request, path, "Pact webhooks" if is_pact_path else "Webhooks", rows)
    )


@router.post("/webhooks")
@router.post("/webhooks/provider/{provider:name}")
@router.post("/webhooks/consumer/{consumer:name}")
@router.post(PAIR_PATH)
@router.post(PACT_WEBHOOKS_PATH)
async def create_webhook(request: Request) -> Response:
    """Create a webhook, for the pacticipants of the path if it names them."""
    for role in ("consumer", "provider"):
        if role in request.path_params:
            require_pacticipant(request, role)
    definition, db = await read_definition(request), database(request)
    async with db.write_transaction():
        uuid = webhooks_service.create(db, definition)
    return created_response(
        webhook_body(request, require(webhooks.find(db, uuid))), url(request, "webhooks", uuid)
    )


@router.get("/webhooks/{uuid:name}")
async def get_webhook(request: Request) -> Response:
    """Return one webhook, with its secrets masked."""
    return hal_response(webhook_body(request, require_webhook(request)))


@router.put("/webhooks/{uuid:name}")
async def put_webhook(request: Request) -> Response:
    """Create a webhook with a given UUID, or replace it; secrets that are masked keep their value."""
    definition, db = await read_definition(request), database(request)
    async with db.write_transaction():
        created = webhooks_service.put(db, request.path_params["uuid"], definition)
    return hal_response(webhook_body(request, require_webhook(request)), 201 if created else 200)


@router.delete("/webhooks/{uuid:name}")
async def delete_webhook(request: Request) -> Response:
    """Delete a webhook; what it was triggered for and is not sent yet is not sent any more."""
    async with database(request).write_transaction():
        webhooks.delete(database(request), require_webhook(request))
    return no_content()


def require_webhook(request: Request) -> webhooks.Webhook:
    """Return the webhook of the path."""
    return require(webhooks.find(database(request), request.path_params["uuid"]))
