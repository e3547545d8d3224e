"""What one request costs besides time: requests to vendors, and round trips to Redis and to the database."""

from __future__ import annotations

import json
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from local_stack.stack import run_stack
from tests.integration.performance.counting_proxy import CountingProxy, counting_proxy
from tests.integration.performance.endpoint_scenarios import SCENARIOS
from tests.integration.performance.wire_protocols import PostgresqlReader, RedisReader
from tests.integration.performance.world import World, connected_world
from tests.integration.settings import LENIENT_SETTINGS
from tests.postgresql_server import postgresql_server
from tests.redis_server import redis_server

COUNTS_FILE = Path(__file__).with_name("counts.json")
SETTINGS = {**LENIENT_SETTINGS, "ACCESS_TOKEN_SECONDS": "86400", "RETENTION_INTERVAL_SECONDS": "86400"}
"""Nothing runs beside the requests: no token expires, no deletion is due, and without a receiver no alert is watched."""
WARM_UPS = 2
"""Requests before the measured ones: they open connections, prepare statements and fill the caches of constant texts."""
MAX_SECONDS = 1.0
"""A longer request may have renewed the lease of its event, which takes a command of Redis every 1.25 s."""
MAX_ATTEMPTS = 50
Counts = dict[str, int]


@dataclass(frozen=True, slots=True)
class CountedService:
    """A service whose connections to Redis and to PostgreSQL lead through counting proxies."""

    world: World
    redis: CountingProxy
    database: CountingProxy
    document: Mapping[str, object]

    def count(self, scenario: str) -> Counts:
        """Return the counts of one request of a scenario, those that are zero left out.

        Raises:
            TimeoutError: no request was answered within `MAX_SECONDS`: the machine is too busy.
        """
        for _ in range(MAX_ATTEMPTS):
            started = time.monotonic()
            counts = self._count_once(scenario)
            if time.monotonic() - started < MAX_SECONDS:
                return counts
        raise TimeoutError(f"{scenario}: no request was answered within {MAX_SECONDS:.0f} s")

    def _count_once(self, scenario: str) -> Counts:
        request = SCENARIOS[scenario](self.world)
        vendors = self.world.vendors.all
        for vendor in vendors.values():
            vendor.forget_requests()
        redis, database = self.redis.traffic(), self.database.traffic()
        self.world.send(request)
        redis, database = self.redis.traffic() - redis, self.database.traffic() - database
        sent = Counter(
            f"{name} {entry['operation']}" for name in vendors for entry in vendors[name].journal()
        )
        counts = {
            "Redis round trips": redis.round_trips,
            "Redis commands": redis.commands,
            "SQL round trips": database.round_trips,
            "SQL statements": database.commands,
            **dict(sorted(sent.items())),
        }
        return {quantity: count for quantity, count in counts.items() if count}

    def warm_up(self, scenario: str) -> None:
        """Send a scenario's request before it is counted."""
        for _ in range(WARM_UPS):
            self.world.send(SCENARIOS[scenario](self.world))


@contextmanager
def counted_service(folder: Path, worker: str) -> Iterator[CountedService]:
    """Run a service behind counting proxies as long as the block."""
    with ExitStack() as resources:
        redis, postgresql = (
            resources.enter_context(redis_server()),
            resources.enter_context(postgresql_server()),
        )
        # the path of a socket is short
        sockets = Path(resources.enter_context(tempfile.TemporaryDirectory(prefix="count-")))
        redis_socket = sockets / "redis.sock"
        redis_target = Path(redis.url.removeprefix("unix://"))
        database_target = Path(postgresql.url.partition("host=")[2]) / ".s.PGSQL.5432"
        redis_proxy = resources.enter_context(counting_proxy(redis_socket, redis_target, RedisReader))
        database_proxy = resources.enter_context(
            counting_proxy(sockets / database_target.name, database_target, PostgresqlReader)
        )
        database_url = postgresql.url.replace(str(database_target.parent), str(sockets))
        settings = {**SETTINGS, "REDIS_URL": f"unix://{redis_socket}", "DATABASE_URL": database_url}
        stack = resources.enter_context(run_stack(folder, settings))
        world = resources.enter_context(connected_world(stack, worker))
        document = world.send(world.request("GET", "/openapi.json")).json()
        yield CountedService(world, redis_proxy, database_proxy, document)


def read_counts() -> dict[str, Counts]:
    """Return the reviewed counts by scenario."""
    counts: dict[str, Counts] = json.loads(COUNTS_FILE.read_text(encoding="utf-8"))
    return counts


def write_counts(counts: Mapping[str, Counts]) -> None:
    """Write counts, sorted and with a line for each scenario, so that a change of one is one line of a diff."""
    lines = [f"  {json.dumps(name)}: {json.dumps(counts[name])}" for name in sorted(counts)]
    COUNTS_FILE.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


def describe_differences(scenario: str, expected: Mapping[str, int], actual: Mapping[str, int]) -> list[str]:
    """Return a line for each quantity that differs: endpoint, quantity, expected and actual count."""
    return [
        f"{scenario}: {quantity}: expected {expected.get(quantity, 0)}, actual {actual.get(quantity, 0)}"
        for quantity in sorted({*expected, *actual})
        if expected.get(quantity, 0) != actual.get(quantity, 0)
    ]
