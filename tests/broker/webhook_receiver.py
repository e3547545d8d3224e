"""A receiver of webhooks on loopback, and the webhooks that tests send to it."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

DEADLINE_SECONDS = 60.0
POLLING_SECONDS = 0.01


@dataclass(frozen=True)
class ReceivedRequest:
    """A request as it arrived; header names are in lower case."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


@dataclass
class WebhookReceiver:
    """Received requests, and the responses to the next ones.

    Args:
        url: the base URL.
        requests: what was received, oldest first.
        statuses: the statuses of the next responses; 200 afterwards.
        responding: while it is not set, no request gets a response.
        response_headers: headers of every response.
        response_body: the body of every response; None echoes the request's.
    """

    url: str
    requests: list[ReceivedRequest] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)
    responding: threading.Event = field(default_factory=threading.Event)
    response_headers: dict[str, str] = field(default_factory=dict)
    response_body: bytes | None = b""

    async def wait_for(self, count: int) -> list[ReceivedRequest]:
        """Wait until a number of requests has arrived, and return all that have."""
        deadline = time.monotonic() + DEADLINE_SECONDS
        while len(self.requests) < count:
            assert time.monotonic() < deadline, f"{len(self.requests)} requests instead of {count}"
            await asyncio.sleep(POLLING_SECONDS)
        return list(self.requests)


async def wait_until_equal(read: Callable[[], Awaitable[Any]], expected: Any) -> None:
    """Read until a value is as expected."""
    deadline = time.monotonic() + DEADLINE_SECONDS
    while (value := await read()) != expected:
        assert time.monotonic() < deadline, f"{value} instead of {expected}"
        await asyncio.sleep(POLLING_SECONDS)


@contextmanager
def webhook_receiver() -> Iterator[WebhookReceiver]:
    """Run a receiver for the duration of the block."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            """Keep the request and answer it."""
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            headers = {name.lower(): value for name, value in self.headers.items()}
            receiver.requests.append(ReceivedRequest(self.command, self.path, headers, body))
            receiver.responding.wait(DEADLINE_SECONDS)
            content = body if receiver.response_body is None else receiver.response_body
            self.send_response(receiver.statuses.pop(0) if receiver.statuses else 200)
            for name, value in {"Content-Length": str(len(content)), **receiver.response_headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        def do_PUT(self) -> None:
            """Do as for POST."""
            self.do_POST()

        def log_message(self, *_: object) -> None:
            """Log nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        receiver = WebhookReceiver(f"http://127.0.0.1:{server.server_port}")
        receiver.responding.set()
        thread = threading.Thread(target=server.serve_forever, args=(POLLING_SECONDS,), daemon=True)
        thread.start()
        try:
            yield receiver
        finally:
            receiver.responding.set()
            server.shutdown()
            thread.join()


def webhook(url: str, *events: str, **fields: Any) -> dict[str, Any]:
    """Return the body of a webhook; fields of its request are given as `request`."""
    request = {"method": "POST", "url": url, **fields.pop("request", {})}
    return {"events": [{"name": event} for event in events], "request": request, **fields}
