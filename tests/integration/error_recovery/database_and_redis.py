"""Redis and PostgreSQL are killed while calls are running."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import httpx
import pytest

from local_stack.orchestrator_process import SERVICE
from local_stack.stack import ADMIN, Stack, run_stack
from tests.integration.accounts import login_client
from tests.integration.api import concurrent_client
from tests.integration.deployment import require_local_stack
from tests.integration.error_recovery.kill_rounds import (
    figures,
    find_record_errors,
    numbered_calls,
    run_rounds,
)
from tests.integration.figures import record_figures
from tests.integration.ids import IdFactory
from tests.integration.scenarios import add_guest, exported_calls
from tests.integration.settings import LENIENT_SETTINGS
from tests.integration.telephone_system import Load, TelephoneSystem
from tests.integration.vendors import StubClients
from tests.postgresql_server import PostgresqlServer, postgresql_server
from tests.redis_server import RedisServer, redis_server

ROUNDS = 20
MAX_WAITING_CALLS = 12
"""Calls that wait for a recovery: each is delivered again ten times a second, which only keeps the processor busy."""


@pytest.fixture
def durable_stack(tmp_path: Path) -> Iterator[tuple[Stack, dict[str, RedisServer | PostgresqlServer]]]:
    """A service on a Redis and a PostgreSQL of its own that keep what they have acknowledged when they are killed.

    Redis syncs its log with every write (appendfsync always): with its default, a second of acknowledged calls is lost
    with the machine.
    """
    require_local_stack("kills Redis and PostgreSQL")
    with ExitStack() as resources:
        redis = resources.enter_context(redis_server(durable=True))
        postgresql = resources.enter_context(postgresql_server())
        settings = {**LENIENT_SETTINGS, "REDIS_URL": redis.url, "DATABASE_URL": postgresql.url}
        # what it reads is not recorded: it takes other paths in each run
        stack = resources.enter_context(run_stack(tmp_path, settings, module=SERVICE))
        yield stack, {"redis": redis, "postgresql": postgresql}


@pytest.mark.slow
class TestDatabaseAndRedisRecovery:
    """What the service has acknowledged survives the crash of its data servers."""

    async def test_20_kills_under_load_lose_and_double_no_acknowledged_record(
        self,
        durable_stack: tuple[Stack, dict[str, RedisServer | PostgresqlServer]],
        control: httpx.Client,
        names: IdFactory,
        request: pytest.FixtureRequest,
    ) -> None:
        """Each call has one record with every interaction, once; each error is a retryable 503, and no event is lost."""
        stack, servers = durable_stack
        reservation_id = add_guest(StubClients(stack.stub_urls, control), names)
        phone = names.phone()
        with closing(login_client(stack.url, *ADMIN)) as admin:
            async with concurrent_client(admin) as http:
                telephone = TelephoneSystem(http)
                new_call = numbered_calls(names, phone, reservation_id)
                async with Load(telephone, new_call, waiting=MAX_WAITING_CALLS):
                    rounds = await run_rounds(http, telephone, servers, ROUNDS)
            records = exported_calls(admin, phone)

        record_figures(request, **figures(telephone, rounds))
        assert find_record_errors(telephone.complete, records) == []
        assert telephone.statuses.keys() <= {200, 503}
        assert [call.call_id for call in telephone.calls if not call.is_complete] == []
