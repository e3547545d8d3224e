"""Stub vendors and an orchestrator that uses them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from local_stack.orchestrator_process import run_orchestrator
from provider_verification.stubs.engine.registry import create_stub_app
from provider_verification.stubs.engine.server import StubServers, run_apps

VENDORS = ("apaleo", "livekit", "mews", "tts")
ADMIN = ("admin@hotel.example", "a-long-password")
WEBHOOK_SECRET = "local-webhook-secret"  # noqa: S105 - used on loopback only


@dataclass(frozen=True, slots=True)
class Stack:
    """The base URLs of the orchestrator and of each stub."""

    url: str
    stub_urls: Mapping[str, str]


@contextmanager
def run_stack(
    folder: Path, settings: Mapping[str, str], port: int = 0, module: str | None = None
) -> Iterator[Stack]:
    """Run stubs and orchestrator as long as the block.

    Args:
        folder: the folder of the database and the log.
        settings: settings of the orchestrator besides the vendors' URLs and credentials.
        port: the orchestrator's port; 0 takes a free one.
        module: the module that is run, as for `run_orchestrator`.

    Raises:
        StartError: if the orchestrator does not start.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with run_apps(create_stub_app(vendor) for vendor in VENDORS) as servers:
        environment = {
            # production refuses the default secrets
            "ENVIRONMENT": "test",
            "DATABASE_URL": f"sqlite+aiosqlite:///{folder}/orchestrator.sqlite",
            "ADMIN_EMAIL": ADMIN[0],
            "ADMIN_PASSWORD": ADMIN[1],
            "APALEO_WEBHOOK_SECRET": WEBHOOK_SECRET,
            **stub_environment(servers),
            **settings,
        }
        with run_orchestrator(environment, folder / "orchestrator.log", port, module) as orchestrator:
            yield Stack(orchestrator.url, servers.urls)


def stub_environment(servers: StubServers) -> dict[str, str]:
    """Return the variables that make an orchestrator use these stubs."""
    return {
        name: value.replace("{url}", servers.urls[app.vendor])
        for app in servers.apps
        for name, value in app.stub.env_vars.items()
    }
