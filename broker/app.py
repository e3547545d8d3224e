"""The broker as an ASGI application."""

from __future__ import annotations

from fastapi import Depends, FastAPI

from broker.database import Database
from broker.error_handlers import register_error_handlers
from broker.methods import OptionsMiddleware
from broker.middleware import (
    AcceptMiddleware,
    CommonHeadersMiddleware,
    EncodedSlashMiddleware,
    HeadMiddleware,
)
from broker.read_workers import ReadWorkersMiddleware
from broker.resources import (
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
    provider_states,
    tags,
    verification_results,
    versions,
)
from broker.resources.lookups import check_path_names

# of two routes that match a path, the first one counts: pacticipants before versions, for the list by label
RESOURCES = (
    index, pacticipants, versions, branches, tags, labels, environments, deployments, contracts, pacts_for_verification,
    provider_states, pact_lists, integration_pact_lists, verification_results, pacts, pact_writing, pact_diffs, matrix,
    integrations, dashboard_items,
)  # fmt: skip


def create_app(database: Database) -> FastAPI:
    """Return the broker's application on a database."""
    app = FastAPI(
        title="Pact Broker",
        openapi_url=None,
        redirect_slashes=False,  # clients do not follow a 307 to the path without its last slash
        dependencies=[Depends(check_path_names)],
    )
    app.state.database = database
    # the application holds them in groups, which cannot be searched for a path
    app.state.routes = [route for resource in RESOURCES for route in resource.router.routes]
    for resource in RESOURCES:
        app.include_router(resource.router)
    register_error_handlers(app)
    # the first one is the innermost: the others run in the event loop
    app.add_middleware(ReadWorkersMiddleware, database=database)
    app.add_middleware(OptionsMiddleware, routes=app.state.routes)
    app.add_middleware(EncodedSlashMiddleware)
    app.add_middleware(AcceptMiddleware)
    app.add_middleware(HeadMiddleware)
    app.add_middleware(CommonHeadersMiddleware)
    return app
