"""Two processes of the service on one Redis and one PostgreSQL, with stub vendors."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from local_stack.stack import ADMIN, VENDORS, stub_environment
from provider_verification.stubs.engine.registry import create_stub_app
from provider_verification.stubs.engine.server import run_apps
from tests.integration.accounts import login_client
from tests.integration.api import ApiClient
from tests.integration.service_process import ServiceProcess
from tests.integration.settings import LENIENT_SETTINGS, PUNCTUAL_SETTINGS
from tests.postgresql_server import PostgresqlServer, postgresql_server
from tests.redis_server import RedisServer, redis_server

PATIENT_SETTINGS = {
    **LENIENT_SETTINGS,
    "VENDOR_DEADLINE": "600",
    "PMS_DEADLINE": "300",
    "REDIS_TIMEOUT": "5",
    "DATABASE_TIMEOUT": "5",
}
"""An event waits at a vendor for as long as the test needs, and for a stalled store longer than for a slow one."""


@dataclass(frozen=True)
class PartialFailureStack:
    """The service, and what a test stops of it.

    Attributes:
        process: the process that is killed.
        same: a client of that process.
        another: a client of the other process, which is never killed.
        stub_urls: the base URL of each stub.
    """

    process: ServiceProcess
    same: ApiClient
    another: ApiClient
    redis: RedisServer
    postgresql: PostgresqlServer
    stub_urls: dict[str, str]


@contextmanager
def run_partial_failure_stack(folder: Path) -> Iterator[PartialFailureStack]:
    """Run everything as long as the block."""
    with ExitStack() as resources:
        redis = resources.enter_context(redis_server())
        postgresql = resources.enter_context(postgresql_server())
        stubs = resources.enter_context(run_apps(create_stub_app(vendor) for vendor in VENDORS))
        environment = {
            **PATIENT_SETTINGS,
            **stub_environment(stubs),
            "ENVIRONMENT": "test",
            "ADMIN_EMAIL": ADMIN[0],
            "ADMIN_PASSWORD": ADMIN[1],
            "REDIS_URL": redis.url,
            "DATABASE_URL": postgresql.url,
        }
        # only the process that is killed places outbound calls, so that it is known which one does
        processes = [
            ServiceProcess({**environment, **polling}, folder / f"orchestrator-{number}.log")
            for number, polling in enumerate((PUNCTUAL_SETTINGS, {}), 1)
        ]
        for process in processes:
            process.start()
            resources.callback(process.stop)
        same, another = (
            resources.enter_context(closing(login_client(process.url, *ADMIN))) for process in processes
        )
        yield PartialFailureStack(processes[0], same, another, redis, postgresql, dict(stubs.urls))
