"""The pages of webhooks: all of them, and one with its history."""

from __future__ import annotations

from dataclasses import dataclass

from broker.database import Database, Row
from broker.domain.json_document import encode_json
from broker.domain.webhook_definition import PacticipantFilter
from broker.domain.webhook_secrets import mask_headers
from broker.pages.paging import page_of
from broker.pages.templating import render_page, url_of
from broker.pages.timestamps import format_time
from broker.store import triggered_webhooks, webhooks
from broker.store.webhooks import Webhook

WEBHOOKS_ON_A_PAGE = 100
STATUSES = {
    triggered_webhooks.NOT_RUN: ("unknown", "? waiting"),
    triggered_webhooks.RETRYING: ("unknown", "? waiting for another attempt"),
    triggered_webhooks.SUCCESS: ("yes", "✓ sent"),
    triggered_webhooks.FAILURE: ("no", "✗ failed"),
}


@dataclass(frozen=True, slots=True)
class ExecutionRow:
    """An execution in the history."""

    event: str
    verdict: str
    status: str
    attempts: int
    triggered_at: str
    log_href: str


@dataclass(frozen=True, slots=True)
class WebhookSummary:
    """A webhook in words."""

    description: str
    href: str
    url: str
    method: str
    events: str
    pacts: str
    enabled: bool


def render_webhooks(db: Database, base: str, page: int) -> str:
    """Return the page with all webhooks, oldest first."""
    paged = page_of(webhooks.list_all(db), page, WEBHOOKS_ON_A_PAGE, url_of(base, "webhooks"))
    summaries = [_summary(base, item) for item in paged.items]
    return render_page("webhooks.html", base, "/webhooks", webhooks=summaries, paged=paged)


def render_webhook(db: Database, base: str, broker_url: str, webhook: Webhook) -> str:
    """Return the page of a webhook with its newest executions; secrets are masked.

    Args:
        db: the database.
        base: what links begin with.
        broker_url: the broker's URL, for commands.
        webhook: the webhook.
    """
    request = webhook.definition.request
    body = (
        request.body
        if isinstance(request.body, str)
        else encode_json(request.body, indent=2, ensure_ascii=False)
    )
    return render_page(
        "webhook.html", base, "/webhooks", webhook=_summary(base, webhook), headers=mask_headers(request.headers),
        username=request.username, body=None if request.body is None else body, uuid=webhook.uuid, broker_url=broker_url,
        executions=[_execution(base, row) for row in triggered_webhooks.list_for_webhook(db, webhook.uuid)],
    )  # fmt: skip


def _summary(base: str, webhook: Webhook) -> WebhookSummary:
    definition = webhook.definition
    return WebhookSummary(
        description=definition.description or triggered_webhooks.name_of(webhook),
        href=url_of(base, "webhooks", webhook.uuid),
        url=definition.request.url,
        method=definition.request.method,
        events=", ".join(definition.events),
        pacts=f"{_describe(definition.consumer, 'consumer')} and {_describe(definition.provider, 'provider')}",
        enabled=definition.enabled,
    )


def _describe(item: PacticipantFilter, role: str) -> str:
    if item.name is not None:
        return f"{role} {item.name}"
    return f"any {role}" if item.label is None else f"{role}s with label {item.label}"


def _execution(base: str, row: Row) -> ExecutionRow:
    verdict, status = STATUSES[row["status"]]
    log_href = url_of(base, "triggered-webhooks", row["uuid"], "logs")
    return ExecutionRow(row["event"], verdict, status, row["attempts"], format_time(row["created"]), log_href)
