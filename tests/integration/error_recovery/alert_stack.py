"""A service that sends its alerts to a receiver of the test."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from local_stack.stack import Stack, run_stack
from tests.alert_receiver import AlertReceiver, alert_receiver
from tests.integration.api import ApiClient
from tests.integration.controlled_stack import control_stack
from tests.integration.deployment import require_local_stack
from tests.integration.settings import IMPATIENT_SETTINGS, PUNCTUAL_SETTINGS
from tests.integration.vendors import StubClients
from tests.redis_server import RedisServer, redis_server


@dataclass(frozen=True)
class AlertingProcess:
    """The service, what it stores and where its alerts go."""

    stack: Stack
    redis: RedisServer
    receiver: AlertReceiver
    database: Path
    log: Path


@dataclass(frozen=True)
class AlertingService:
    """An administrator's client of that service, and what the test controls of it."""

    api: ApiClient
    vendors: StubClients
    redis: RedisServer
    receiver: AlertReceiver
    database: Path
    log: Path


# of the class, because each condition is reported once in the lifetime of the process
@pytest.fixture(scope="class")
def alerting_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AlertingProcess]:
    """A service whose circuits are tried again after a second, with a Redis of its own."""
    require_local_stack("needs settings of its own")
    folder = tmp_path_factory.mktemp("alerting")
    with redis_server() as redis, alert_receiver() as receiver:
        settings = {
            **IMPATIENT_SETTINGS,
            **receiver.settings,
            **PUNCTUAL_SETTINGS,
            "REDIS_URL": redis.url,
            # requests meet a stalled Redis; the test for it waits this long
            "REDIS_TIMEOUT": "5",
            "RETENTION_INTERVAL_SECONDS": "0.2",
            "TTS_QUOTA_SECONDS": "0.2",
        }
        with run_stack(folder, settings) as stack:
            yield AlertingProcess(
                stack, redis, receiver, folder / "orchestrator.sqlite", folder / "orchestrator.log"
            )


@pytest.fixture
def alerting(
    alerting_process: AlertingProcess, control: httpx.Client, request: pytest.FixtureRequest
) -> Iterator[AlertingService]:
    """That service with reset stubs and closed circuits."""
    process = alerting_process
    with control_stack(process.stack, control, request.config) as (api, vendors):
        yield AlertingService(api, vendors, process.redis, process.receiver, process.database, process.log)
