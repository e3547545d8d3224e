"""Random faults of vendors, data servers and the service itself, from a seed."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager
from typing import Protocol

import httpx

from soak.world import World

VENDORS = ("apaleo", "livekit", "tts")
VENDOR_FAULTS = ("status", "delay", "hang", "reset", "truncate", "malformed")
STATUSES = (401, 429, 500, 502, 503)
SHORTEST_SECONDS, LONGEST_SECONDS = 0.1, 3.0
"""Duration of a fault, and of the pause after it."""

Fault = Callable[[float], Awaitable[None]]
"""Causes a fault, waits for so many seconds, and ends the fault."""


class Server(Protocol):
    """A process that can crash and hang."""

    def kill(self) -> None:
        """Kill it with SIGKILL."""

    def start(self) -> None:
        """Start it again, and wait until it responds."""

    def stopped(self) -> AbstractContextManager[None]:
        """Suspend it for the block."""


class FaultPlan:
    """Causes faults, one of a vendor and one of a server at a time, until it is stopped.

    Args:
        seed: of all choices; their times depend on the machine.
        world: what is disturbed.
    """

    def __init__(self, seed: int, world: World) -> None:
        self._seed = seed
        self._world = world
        self.counts: Counter[str] = Counter()
        self.active: set[str] = set()
        self._ended = asyncio.Event()

    async def run(self, seconds: float) -> None:
        """Cause faults for so long; all have ended when it returns."""
        asyncio.get_running_loop().call_later(seconds, self._ended.set)
        servers: dict[str, Server] = {
            "redis": self._world.redis,
            "postgresql": self._world.postgresql,
            "service": self._world.service,
        }
        crashes = {f"SIGKILL {name}": _crash(server) for name, server in servers.items()}
        hangs = {f"SIGSTOP {name}": _suspend(server) for name, server in servers.items()}
        async with httpx.AsyncClient() as http:
            vendors = {
                f"{kind} {vendor}": self._disturb_vendor(http, self._world.stub_urls[vendor], kind)
                for vendor in VENDORS
                for kind in VENDOR_FAULTS
            }
            await asyncio.gather(
                self._repeat(crashes | hangs, random.Random(self._seed)),  # noqa: S311 - not for security
                self._repeat(vendors, random.Random(self._seed + 1)),  # noqa: S311 - not for security
            )

    async def _repeat(self, faults: dict[str, Fault], choices: random.Random) -> None:
        while not self._ended.is_set():
            name = choices.choice(sorted(faults))
            self.counts[name] += 1
            self.active.add(name)
            await faults[name](choices.uniform(SHORTEST_SECONDS, LONGEST_SECONDS))
            self.active.discard(name)
            await self._pause(choices.uniform(SHORTEST_SECONDS, LONGEST_SECONDS))

    async def _pause(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._ended.wait()
        except TimeoutError:
            return

    def _disturb_vendor(self, http: httpx.AsyncClient, url: str, kind: str) -> Fault:
        statuses = random.Random(self._seed + 2)  # noqa: S311 - not for security

        async def fault(seconds: float) -> None:
            rule = {"kind": kind, "status": statuses.choice(STATUSES), "seconds": min(seconds, 1.5)}
            (await http.post(f"{url}/_stub/faults", json=rule)).raise_for_status()
            await self._pause(seconds)
            (await http.delete(f"{url}/_stub/faults")).raise_for_status()

        return fault


def _crash(server: Server) -> Fault:
    async def fault(seconds: float) -> None:
        await asyncio.to_thread(server.kill)
        await asyncio.sleep(seconds / 3)
        await asyncio.to_thread(server.start)

    return fault


def _suspend(server: Server) -> Fault:
    async def fault(seconds: float) -> None:
        with server.stopped():
            await asyncio.sleep(seconds)

    return fault
