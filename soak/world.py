"""Everything that runs during a soak: stub vendors, Redis, PostgreSQL and the service."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from local_stack.stack import ADMIN, VENDORS, stub_environment
from provider_verification.stubs.engine.app import StubApp
from provider_verification.stubs.engine.registry import create_stub_app
from provider_verification.stubs.engine.server import run_apps
from provider_verification.stubs.vendors.apaleo.state import ApaleoState, Reservation
from provider_verification.stubs.vendors.livekit.state import LiveKitState
from provider_verification.stubs.vendors.tts.state import TtsState
from tests.integration.service_process import ServiceProcess
from tests.integration.settings import LENIENT_SETTINGS
from tests.postgresql_server import PostgresqlServer, postgresql_server
from tests.redis_server import RedisServer, redis_server

UNITS = 100_000
CHARACTERS = 1_000_000_000
"""More than a soak books, and has spoken."""
SETTINGS = {
    **LENIENT_SETTINGS,
    "BREAKER_OPEN_SECONDS": "1",
    "VENDOR_DEADLINE": "2",
    "PMS_DEADLINE": "1",
    "SESSION_SECONDS": "86400",
    "ACCESS_TOKEN_SECONDS": "86400",
    # each call has a guest of its own: an hour of them would grow through the whole measurement of the memory
    "PMS_CACHE_SECONDS": "5",
}
"""Short enough that a fault ends within the soak, and a login that lasts longer than it."""


@dataclass(frozen=True, slots=True)
class World:
    """The running parts; the stubs run in this process, so that their state can be read after thousands of requests."""

    service: ServiceProcess
    redis: RedisServer
    postgresql: PostgresqlServer
    stubs: dict[str, StubApp]
    stub_urls: dict[str, str]

    @property
    def apaleo(self) -> ApaleoState:
        """The state of the PMS."""
        state: ApaleoState = self.stubs["apaleo"].runtime.state
        return state

    @property
    def livekit(self) -> LiveKitState:
        """The state of LiveKit."""
        state: LiveKitState = self.stubs["livekit"].runtime.state
        return state

    @property
    def tts(self) -> TtsState:
        """The state of the TTS vendor."""
        state: TtsState = self.stubs["tts"].runtime.state
        return state

    def add_guest(self, reservation_id: str, last_name: str) -> None:
        """Let a guest be in the house."""
        today = self.apaleo.today
        guest = {"firstName": "Soak", "lastName": last_name, "email": f"{last_name}@guest.example"}
        self.apaleo.reservations[reservation_id] = Reservation(
            reservation_id, today, today + timedelta(days=2), status="InHouse", guest=guest
        )


@contextmanager
def run_world(folder: Path) -> Iterator[World]:
    """Run everything for the block; the log of the service is `orchestrator.log` in the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as resources:
        redis = resources.enter_context(redis_server(durable=True))
        postgresql = resources.enter_context(postgresql_server())
        servers = resources.enter_context(run_apps(create_stub_app(vendor) for vendor in VENDORS))
        environment = {
            "ENVIRONMENT": "test",
            "ADMIN_EMAIL": ADMIN[0],
            "ADMIN_PASSWORD": ADMIN[1],
            "REDIS_URL": redis.url,
            "DATABASE_URL": postgresql.url,
            **stub_environment(servers),
            **SETTINGS,
        }
        # uvicorn would report every connection that a fault closes
        logger = logging.getLogger("uvicorn.error")
        resources.callback(logger.setLevel, logger.level)
        logger.setLevel(logging.CRITICAL)
        service = ServiceProcess(environment, folder / "orchestrator.log")
        resources.callback(service.stop)
        service.start()
        stubs = {app.vendor: app for app in servers.apps}
        world = World(service, redis, postgresql, stubs, servers.urls)
        world.apaleo.units = UNITS
        world.tts.character_limit = world.tts.remaining_characters = CHARACTERS
        yield world
