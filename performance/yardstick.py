"""`python -m performance.yardstick PORT`: a fixed piece of CPU and loopback HTTP work that measures the machine.

A change of this file, of FastAPI or of uvicorn changes the yardstick: YARDSTICK has to be increased with the first, the
versions of the others are part of the machine's fingerprint.
"""

from __future__ import annotations

import os
import signal
import sys
import threading

import uvicorn
from fastapi import FastAPI
from pydantic import BaseModel

YARDSTICK = 1
"""The version of this work; baselines of another one are not comparable."""
PATH = "/work"
BODY = b'{"items": [3, 1, 2], "name": "yardstick"}'


class Work(BaseModel):
    """The input."""

    name: str
    items: list[int]


def create_app() -> FastAPI:
    """Return an application with one route."""
    app = FastAPI(openapi_url=None)

    @app.post(PATH)
    async def work(body: Work) -> dict[str, int]:
        total = 0
        # some interpreted code, because a bare route is mostly compiled code
        for number in range(2_000):
            total += number % (body.items[0] + 1)
        return {"total": total}

    return app


def main(port: int) -> None:
    """Serve until standard input ends."""
    threading.Thread(target=_stop_with_parent, daemon=True).start()
    uvicorn.run(
        create_app(),
        port=port,
        log_level="warning",
        access_log=False,
        loop="uvloop",
        lifespan="off",
        # the connection is idle while the requests of an endpoint are prepared
        timeout_keep_alive=3600,
    )


def _stop_with_parent() -> None:
    # not by sys.stdin, whose lock this thread would hold when the interpreter ends
    while os.read(0, 1):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    main(int(sys.argv[1]))
