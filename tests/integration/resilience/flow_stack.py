"""A service whose vendors are behind fault proxies, with short deadlines and circuits that never open."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from fault_injection.proxy import HOST, FaultProxy, forward_over_tcp
from local_stack.orchestrator_process import SERVICE, run_orchestrator
from local_stack.stack import ADMIN, VENDORS
from provider_verification.stubs.engine.registry import create_stub_app
from provider_verification.stubs.engine.server import run_apps
from tests.integration.resilience.flow_follow_ups import RINGING_SECONDS
from tests.integration.settings import LENIENT_SETTINGS

DEADLINE_SECONDS = 8.0
"""The service's deadline for a vendor call: long for a loaded machine, short enough for the faults that hang."""
SETTINGS = {
    **LENIENT_SETTINGS,
    "VENDOR_DEADLINE": str(DEADLINE_SECONDS),
    "PMS_DEADLINE": str(DEADLINE_SECONDS),
    # the cases run at the same time, and none may see the circuit or the cache of another
    "BREAKER_FAILURES": "1000000",
    "PMS_CACHE_SECONDS": "0.001",
    "FOLLOW_UP_POLL_SECONDS": "0.2",
    "TRANSFER_RINGING_SECONDS": str(RINGING_SECONDS),
}

SECRET_SUFFIXES = ("_SECRET", "_KEY", "_KEYS", "_TOKEN", "_PASSWORD")
"""The ends of the names of settings with credentials."""


@dataclass(frozen=True, slots=True)
class FlowStack:
    """The service, its stubs, and the sockets of the proxies in front of them.

    Attributes:
        url: the service's base URL.
        stub_urls: the base URL of each stub.
        credentials: the secrets that the service knows.
        log: the file of the service's log.
    """

    url: str
    stub_urls: Mapping[str, str]
    listeners: Mapping[str, socket.socket]
    credentials: frozenset[str]
    log: Path

    @asynccontextmanager
    async def proxies(self) -> AsyncIterator[dict[str, FaultProxy]]:
        """Serve the proxies in the running loop."""
        async with AsyncExitStack() as stack:
            proxies = {}
            for vendor, listener in self.listeners.items():
                proxy = FaultProxy(forward_over_tcp(httpx.URL(self.stub_urls[vendor]).port or 0))
                await proxy.start(listener)
                stack.push_async_callback(proxy.stop)
                proxies[vendor] = proxy
            yield proxies


@contextmanager
def run_flow_stack(folder: Path, pms_kind: str, settings: Mapping[str, str]) -> Iterator[FlowStack]:
    """Run stubs and service as long as the block."""
    folder.mkdir(parents=True, exist_ok=True)
    with run_apps(create_stub_app(vendor) for vendor in VENDORS) as servers:
        listeners = {vendor: socket.create_server((HOST, 0), backlog=100) for vendor in VENDORS}
        environment = {
            "ENVIRONMENT": "test",
            "DATABASE_URL": f"sqlite+aiosqlite:///{folder}/orchestrator.sqlite",
            "ADMIN_EMAIL": ADMIN[0],
            "ADMIN_PASSWORD": ADMIN[1],
            "PMS_KIND": pms_kind,
            **SETTINGS,
            **settings,
        }
        for app in servers.apps:
            url = f"http://{HOST}:{listeners[app.vendor].getsockname()[1]}"
            environment |= {name: value.replace("{url}", url) for name, value in app.stub.env_vars.items()}
        credentials = frozenset(
            value for name, value in environment.items() if name.endswith(SECRET_SUFFIXES)
        )
        log = folder / "orchestrator.log"
        # what it reads under injected faults is not recorded: these are no responses that a vendor is expected to give
        with run_orchestrator(environment, log, module=SERVICE) as orchestrator:
            yield FlowStack(orchestrator.url, servers.urls, listeners, credentials, log)
