"""`python -m tests.integration.performance.allocation_server`: the service under tracemalloc.

`GET /_peaks` returns how many bytes each request since the last `/_peaks` had allocated at most at one time.
"""

from __future__ import annotations

import asyncio
import json
import tracemalloc
from typing import Annotated

import typer
import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from orchestrator.app import create_app
from orchestrator.settings import load_settings
from tests.integration.performance.peaks_path import PEAKS_PATH


class PeakRecorder:
    """Records the peak of each request; requests must come one after the other.

    Args:
        app: the service.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._peaks: list[int] = []
        self._idle = asyncio.Event()
        self._idle.set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a request, or the start and the end of the service."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
        elif scope["path"] == PEAKS_PATH:
            await self._send_peaks(send)
        else:
            await self._record(scope, receive, send)

    async def _record(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._idle.clear()
        try:
            tracemalloc.reset_peak()
            before, _ = tracemalloc.get_traced_memory()
            await self._app(scope, receive, send)
            self._peaks.append(tracemalloc.get_traced_memory()[1] - before)
        finally:
            self._idle.set()

    async def _send_peaks(self, send: Send) -> None:
        # the response of a request arrives before the service is done with it
        await self._idle.wait()
        body = json.dumps(self._peaks).encode()
        self._peaks.clear()
        headers = [(b"content-type", b"application/json")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})


def main(host: Annotated[str, typer.Option()], port: Annotated[int, typer.Option()]) -> None:
    """Run the service until it is stopped."""
    app = PeakRecorder(create_app(load_settings()))
    tracemalloc.start()
    uvicorn.run(app, host=host, port=port, log_level="warning", access_log=False, loop="uvloop")


if __name__ == "__main__":
    typer.run(main)
