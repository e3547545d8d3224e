"""`python -m benchmarks.stack_server orchestrator|bare`: the orchestrator with its stubs, or a bare FastAPI route."""

from __future__ import annotations

import signal
import socket
import sys
import tempfile
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any

import uvicorn
from fastapi import FastAPI

from local_stack.stack import run_stack

# a short window, because the limiter in memory keeps the time of every request in it
SETTINGS = {
    "PASSWORD_COST": "least",
    "RATE_LIMIT": "100000000",
    "RATE_WINDOW": "1",
    "MAX_CONCURRENT_REQUESTS": "1000",
    "MAX_CONCURRENT_REQUESTS_PER_CLIENT": "1000",
}


def main(kind: str) -> None:
    """Serve until killed; print the URL in the first line, and behind it `vendor=URL` for each stub."""
    if kind == "bare":
        _serve_bare_route()
        return
    # SIGTERM becomes KeyboardInterrupt, so that the stack is stopped in order
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with tempfile.TemporaryDirectory() as folder, run_stack(Path(folder), SETTINGS) as stack:
        stubs = (f"{vendor}={url}" for vendor, url in stack.stub_urls.items())
        # flushed, because the parent waits for this line at a pipe
        print(stack.url, *stubs, flush=True)
        with suppress(KeyboardInterrupt):
            threading.Event().wait()


def _serve_bare_route() -> None:
    app = FastAPI()

    @app.post("/webhook/call-event")
    async def event(body: dict[str, Any]) -> dict[str, Any]:
        return {"status": "success", "call_id": body["call_id"]}

    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.bind(("127.0.0.1", 0))
    print(f"http://127.0.0.1:{listener.getsockname()[1]}", flush=True)
    config = uvicorn.Config(app, log_level="warning", access_log=False, loop="uvloop", lifespan="off")
    uvicorn.Server(config).run(sockets=[listener])


if __name__ == "__main__":
    main(sys.argv[1])
