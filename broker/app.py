"""The broker as an ASGI application."""

from __future__ import annotations

from fastapi import Depends, FastAPI

from broker.database import Database
from broker.error_handlers import register_error_handlers
from broker.middleware import CommonHeadersMiddleware, EncodedSlashMiddleware, HeadMiddleware
from broker.read_workers import ReadWorkersMiddleware
from broker.resources import (
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
    tags,
    verification_results,
    versions,
)
from broker.resources.lookups import check_path_names

RESOURCES = (
    index, pacticipants, versions, branches, tags, environments, deployments, contracts, pacts_for_verification,
    pact_lists, verification_results, pacts, matrix,
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
    for resource in RESOURCES:
        app.include_router(resource.router)
    register_error_handlers(app)
    # the first one is the innermost: the others run in the event loop
    app.add_middleware(ReadWorkersMiddleware, database=database)
    app.add_middleware(EncodedSlashMiddleware)
    app.add_middleware(HeadMiddleware)
    app.add_middleware(CommonHeadersMiddleware)
    return app
