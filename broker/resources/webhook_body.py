"""The representations of webhooks, of lists of them and of their executions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from starlette.requests import Request

from broker.database import Row
from broker.domain.webhook_definition import PacticipantFilter, WebhookRequest
from broker.domain.webhook_secrets import mask_headers, mask_password
from broker.resources.paging import read_page
from broker.store import triggered_webhooks
from broker.store.webhooks import Webhook
from broker.web import format_timestamp, link, url

EXECUTE_TITLE = (
    "Test the execution of the webhook with the latest matching pact or verification result by POST"
)


def webhook_body(request: Request, webhook: Webhook) -> dict[str, Any]:
    """Return a webhook as a resource, without its secrets."""
    definition = webhook.definition
    changed = webhook.updated != webhook.created
    return {
        "uuid": webhook.uuid,
        "description": name_of(webhook),
        "consumer": _filter_body(definition.consumer),
        "provider": _filter_body(definition.provider),
        "enabled": definition.enabled,
        "request": _request_body(definition.request),
        "events": [{"name": event} for event in definition.events],
        "createdAt": format_timestamp(webhook.created),
        "updatedAt": format_timestamp(webhook.updated) if changed else None,
        "_links": _links(request, webhook),
    }


def webhook_list_body(
    request: Request, path: tuple[str, ...], title: str, webhooks: Sequence[Webhook]
) -> dict[str, Any]:
    """Return a list of webhooks as links."""
    href, page = url(request, *path), read_page(request, webhooks)
    items = [link(_url(request, webhook), _title(webhook), name_of(webhook)) for webhook in page.rows]
    links = {
        "self": link(href, title),
        "pb:create": link(href, "POST to create a webhook"),
        "pb:webhooks": items,
        "curies": [link(f"{url(request, 'doc')}/webhooks-{{rel}}", name="pb", templated=True)],
        **page.links,
    }
    return {**page.fields, "_links": links}


def execution_body(request: Request, execution: Row, max_attempts: int) -> dict[str, Any]:
    """Return an execution of a webhook.

    Args:
        request: the request to respond to.
        execution: a row of the store.
        max_attempts: how often a request is sent at most.
    """
    is_finished = execution["due"] is None
    logs_url = url(request, "triggered-webhooks", execution["uuid"], "logs")
    name = execution["name"]
    return {
        "name": name,
        "status": execution["status"],
        "attemptsMade": execution["attempts"],
        "attemptsRemaining": 0 if is_finished else max(0, max_attempts - execution["attempts"]),
        "triggerType": "resource_creation",
        "eventName": execution["event"],
        "triggeredAt": format_timestamp(execution["created"]),
        "_links": {
            "pb:logs": link(logs_url, "Webhook execution logs", name),
            "logs": link(logs_url, "DEPRECATED - Use pb:logs", name),
            "pb:webhook": link(url(request, "webhooks", execution["webhook_uuid"]), "Webhook", name),
        },
    }


def name_of(webhook: Webhook) -> str:
    """Return the description of a webhook, or else method and host of its request."""
    return webhook.definition.description or triggered_webhooks.name_of(webhook)


def _links(request: Request, webhook: Webhook) -> dict[str, Any]:
    href = _url(request, webhook)
    links = {
        "self": link(href, name_of(webhook)),
        "pb:execute": link(f"{href}/execute", EXECUTE_TITLE),
    }
    consumer, provider = webhook.definition.consumer, webhook.definition.provider
    for role, item in (("consumer", consumer), ("provider", provider)):
        if item.name is not None:
            links[f"pb:{role}"] = link(url(request, "pacticipants", item.name), role.title(), item.name)
        if item.label is not None:
            by_label = url(request, "pacticipants", "label", item.label)
            links[f"pb:{role}s"] = link(by_label, f"{role.title()}s by label", item.label)
    if consumer.name is not None and provider.name is not None:
        pair = url(request, "webhooks", "provider", provider.name, "consumer", consumer.name)
        links["pb:pact-webhooks"] = link(
            pair, f"All webhooks for consumer {consumer.name} and provider {provider.name}"
        )
    return {**links, "pb:webhooks": link(url(request, "webhooks"), "All webhooks")}


def _url(request: Request, webhook: Webhook) -> str:
    return url(request, "webhooks", webhook.uuid)


def _title(webhook: Webhook) -> str:
    consumer, provider = webhook.definition.consumer, webhook.definition.provider
    if consumer.name is not None and provider.name is not None:
        return f"A webhook for the pact between {consumer.name} and {provider.name}"
    parts = [
        f"{role} {item.name}" if item.name is not None else f"{role} labeled '{item.label}'"
        for role, item in (("consumer", consumer), ("provider", provider))
        if item != PacticipantFilter()
    ]
    return f"A webhook for all pacts{' with ' if parts else ''}{' and '.join(parts)}"


def _filter_body(item: PacticipantFilter) -> dict[str, str] | None:
    if item.name is not None:
        return {"name": item.name}
    return None if item.label is None else {"label": item.label}


def _request_body(request: WebhookRequest) -> dict[str, Any]:
    body = {
        "method": request.method,
        "url": request.url,
        "headers": mask_headers(request.headers),
        "body": request.body,
        "username": request.username,
        "password": mask_password(request.password),
    }
    return {name: value for name, value in body.items() if value is not None}
