"""The broker as an ASGI application."""

from __future__ import annotations

from pathlib import Path

from fastapi import Depends, FastAPI

from broker.database import Database
from broker.error_handlers import register_error_handlers
from broker.middleware import CommonHeadersMiddleware, EncodedSlashMiddleware, HeadMiddleware
from broker.read_workers import ReadWorkersMiddleware
from broker.resources import (
    badges,
    branches,
    contracts,
    deployments,
    environments,
    index,
    matrix,
    pact_lists,
    pacticipants,
    pacts,
    pacts_for_verification,
    pages,
    tags,
    verification_results,
    versions,
    webhook_executions,
    webhooks,
)
from broker.resources.lookups import check_path_names
from broker.webhooks.sender import WebhookSender
from broker.webhooks.settings import WebhookSettings
from broker.webhooks.worker import WebhookWorker

# badges first: to a later route `badge` would be a tag; then pages, for clients that accept HTML
RESOURCES = (
    badges, pages,
    index, pacticipants, versions, branches, tags, environments, deployments, contracts, pacts_for_verification,
    pact_lists, verification_results, pacts, matrix, webhooks, webhook_executions,
)  # fmt: skip


def create_app(
    database: Database, webhook_settings: WebhookSettings | None = None, webhook_lock: Path | None = None
) -> FastAPI:
    """Return the broker's application on a database.

    Args:
        database: the database.
        webhook_settings: which webhooks may be sent, and when they are sent again.
        webhook_lock: the file by which one of several brokers on the database sends webhooks; None without others.
    """
    app = FastAPI(
        title="Pact Broker",
        openapi_url=None,
        redirect_slashes=False,  # clients do not follow a 307 to the path without its last slash
        dependencies=[Depends(check_path_names)],
    )
    app.state.database = database
    app.state.webhook_sender = WebhookSender(webhook_settings or WebhookSettings())
    # the server runs it: it needs the event loop
    app.state.webhook_worker = WebhookWorker(database, app.state.webhook_sender, webhook_lock)
    for resource in RESOURCES:
        app.include_router(resource.router)
    register_error_handlers(app)
    # the first one is the innermost: the others run in the event loop
    app.add_middleware(ReadWorkersMiddleware, database=database)
    app.add_middleware(EncodedSlashMiddleware)
    app.add_middleware(HeadMiddleware)
    app.add_middleware(CommonHeadersMiddleware)
    return app
