"""An event loop with virtual time: when nothing is left to do, its clock jumps to the next timer.

Delays, backoff and timeouts take no time, while sockets are real.
"""

from __future__ import annotations

import asyncio
import selectors
import socket
import time
from typing import Any

GRACE_SECONDS = 0.001
"""How long the loop waits for sockets before the clock jumps: the kernel may deliver what was just sent a little later."""
MAX_PAUSES = 10
"""Waits that may last much longer than asked for, before the clock jumps all the same."""
UNKNOWN_HOST_SUFFIX = ".invalid"
"""Names that never resolve (RFC 6761, section 6.4)."""


class VirtualTimeLoop(asyncio.SelectorEventLoop):
    """An event loop whose clock only advances when no socket is ready."""

    def __init__(self) -> None:
        self._now = 0.0
        super().__init__(_JumpingSelector(self))

    def time(self) -> float:
        """Return the virtual time in seconds."""
        return self._now

    def advance(self, seconds: float) -> None:
        """Move the clock."""
        self._now += seconds

    async def getaddrinfo(self, host: Any, port: Any, **options: Any) -> Any:
        """Resolve a name; one that ends with `.invalid` fails without a request to a DNS server."""
        name = host.decode() if isinstance(host, bytes) else host
        if name and name.endswith(UNKNOWN_HOST_SUFFIX):
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return await super().getaddrinfo(host, port, **options)


class _JumpingSelector(selectors.DefaultSelector):
    def __init__(self, loop: VirtualTimeLoop) -> None:
        super().__init__()
        self._loop = loop

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        # zero: callbacks are ready; None: there is no timer to jump to
        if timeout is not None and timeout <= 0:
            return list(super().select(0))
        if timeout is None:
            return list(super().select())
        for _ in range(MAX_PAUSES):
            started = time.perf_counter()
            events = super().select(GRACE_SECONDS)
            # after a longer wait the process was not running, and neither was the kernel's delivery
            if events or time.perf_counter() - started < 2 * GRACE_SECONDS:
                break
        if not events:
            self._loop.advance(timeout)
        return list(events)
