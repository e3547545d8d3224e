"""The services that the suite measures: nothing else uses them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from local_stack.stack import run_stack
from tests.integration import pact_coverage
from tests.integration.deployment import require_local_stack
from tests.integration.given_servers import suite_redis
from tests.integration.performance.world import World, connected_world
from tests.integration.settings import LENIENT_SETTINGS
from tests.postgresql_server import postgresql_server

SETTINGS = {
    **LENIENT_SETTINGS,
    "ACCESS_TOKEN_SECONDS": "86400",
    # the limiter keeps the time of each request of the window
    "RATE_WINDOW": "1",
    "MAX_CONCURRENT_REQUESTS": "64",
    "MAX_CONCURRENT_REQUESTS_PER_CLIENT": "48",
}
"""With the limits on concurrency that are the service's defaults, so that the load meets them."""


@pytest.fixture(autouse=True)
def reset_vendors_and_check_pacts() -> None:
    """Replace the suites' fixture of this name, which would start the stack that the other suites share."""


@contextmanager
def measured_service(folder: Path, worker: str, module: str = "orchestrator") -> Iterator[World]:
    """Run a service with Redis and PostgreSQL, as in production, for the duration of the block.

    Args:
        folder: the folder of the log.
        worker: the name of the test process.
        module: the module that is run in place of the service.
    """
    with (
        suite_redis() as redis_url,
        postgresql_server() as postgresql,
        run_stack(
            folder, {**SETTINGS, "REDIS_URL": redis_url, "DATABASE_URL": postgresql.url}, module=module
        ) as stack,
        connected_world(stack, worker) as world,
    ):
        yield world


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Iterator[World]:
    """A service for all classes, because its start takes seconds."""
    require_local_stack("needs a service without other clients")
    with measured_service(tmp_path_factory.mktemp("loaded"), worker_id) as world:
        yield world


@pytest.fixture
def idle(loaded: World, request: pytest.FixtureRequest) -> Iterator[World]:
    """The service, whose stubs know nothing of earlier tests."""
    loaded.forget()
    yield loaded
    pact_coverage.fail_on_unknown_requests(request.config, loaded.vendors)
