"""The broker as an ASGI application."""

from __future__ import annotations

from pathlib import Path

from starlette.applications import Starlette

from broker.base_url import BaseUrlMiddleware
from broker.body_parser import BodyParser
from broker.database import Database
from broker.error_handlers import register_error_handlers
from broker.methods import OptionsMiddleware
from broker.middleware import (
    AcceptMiddleware,
    CommonHeadersMiddleware,
    EncodedSlashMiddleware,
    HeadMiddleware,
)
from broker.read_workers import ReadWorkers, ReadWorkersMiddleware
from broker.resources import (
    badges,
    branches,
    contracts,
    dashboard_items,
    deployments,
    environments,
    index,
    integration_pact_lists,
    integrations,
    labels,
    matrix,
    pact_diffs,
    pact_lists,
    pact_writing,
    pacticipants,
    pacts,
    pacts_for_verification,
    pages,
    provider_states,
    tags,
    verification_results,
    versions,
    webhook_executions,
    webhooks,
)
from broker.resources.lookups import check_path_names
from broker.resources.query_keys import check_query_keys
from broker.routing import RouteIndex
from broker.security.authentication import AuthenticationMiddleware
from broker.security.host_check import HostMiddleware
from broker.security.users_file import UsersFile
from broker.settings import Settings
from broker.webhooks.sender import WebhookSender
from broker.webhooks.settings import WebhookSettings
from broker.webhooks.worker import WebhookWorker

# of two routes that match a path, the first one counts: badges before pacts, where `badge` would be a tag; then pages, for
# clients that accept HTML; pacticipants before versions, for the list by label
RESOURCES = (
    badges, pages, index, pacticipants, versions, branches, tags, labels, environments, deployments, contracts,
    pacts_for_verification, provider_states, pact_lists, integration_pact_lists, verification_results, pacts, pact_writing,
    pact_diffs, matrix, integrations, dashboard_items, webhooks, webhook_executions,
)  # fmt: skip


def create_app(
    database: Database,
    settings: Settings | None = None,
    webhook_settings: WebhookSettings | None = None,
    webhook_lock: Path | None = None,
) -> Starlette:
    """Return the broker's application on a database.

    Args:
        database: the database.
        settings: the settings; the default ones are for a broker on loopback.
        webhook_settings: which webhooks may be sent, and when they are sent again.
        webhook_lock: the file by which one of several brokers on the database sends webhooks; None without others.

    Raises:
        UsersFileError: The file with users and tokens cannot be used.
    """
    settings = settings or Settings()
    routes = [route for resource in RESOURCES for route in resource.router.routes]
    app = Starlette(routes=[RouteIndex(routes, check_path_names, check_query_keys)])
    app.router.redirect_slashes = False  # clients do not follow a 307 to the path without its last slash
    app.state.database = database
    app.state.read_workers = ReadWorkers(database)
    app.state.body_parser = BodyParser(database)
    app.state.settings = settings
    app.state.webhook_sender = WebhookSender(webhook_settings or WebhookSettings())
    # the server runs it: it needs the event loop
    app.state.webhook_worker = WebhookWorker(database, app.state.webhook_sender, webhook_lock)
    app.state.routes = routes
    register_error_handlers(app)
    # the first one is the innermost: the others run in the event loop
    app.add_middleware(ReadWorkersMiddleware, workers=app.state.read_workers)
    app.add_middleware(OptionsMiddleware, routes=routes)
    app.add_middleware(EncodedSlashMiddleware)
    app.add_middleware(AcceptMiddleware)
    app.add_middleware(HeadMiddleware)
    if settings.users_file is not None:
        app.add_middleware(AuthenticationMiddleware, users=UsersFile(settings.users_file), settings=settings)
    # before the authentication, which counts failed logins by the client's address
    app.add_middleware(BaseUrlMiddleware, settings=settings)
    # outside of the base URL, which replaces the header; with users, a website has no credentials
    if settings.users_file is None:
        app.add_middleware(HostMiddleware, settings=settings)
    app.add_middleware(CommonHeadersMiddleware)
    return app
