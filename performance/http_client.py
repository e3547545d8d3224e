"""One keep-alive connection, so cheap that little of a measured duration is the client's."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from typing import Any
from urllib.parse import urlsplit

TIMEOUT_SECONDS = 120.0
JSON_HEADERS = {"Content-Type": "application/json"}


class MeasurementError(Exception):
    """The measurement is not possible; the message says why."""


@dataclass(frozen=True, slots=True)
class Request:
    """A request that is prepared before it is timed.

    Attributes:
        method: the method.
        path: path and query.
        body: the bytes that are sent, None without a body.
        headers: the headers.
        status: the expected status.
    """

    method: str
    path: str
    body: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    status: int = 200


def json_request(method: str, path: str, body: Any = None, *, token: str = "", status: int = 200) -> Request:
    """Return a request with a JSON body, authenticated by an access token."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    if body is None:
        return Request(method, path, None, headers, status)
    return Request(method, path, json.dumps(body).encode(), headers | JSON_HEADERS, status)


class Client:
    """Sends requests over one connection.

    Args:
        url: the server's base URL.
        name: of the server, for messages.
    """

    def __init__(self, url: str, name: str) -> None:
        parts = urlsplit(url)
        self.name = name
        self._connection = HTTPConnection(str(parts.hostname), parts.port, timeout=TIMEOUT_SECONDS)

    def send(self, request: Request) -> bytes:
        """Send a request and return the body of its response.

        Raises:
            MeasurementError: the status is another one, or the server does not respond.
        """
        try:
            self._connection.request(request.method, request.path, request.body, dict(request.headers))
            response = self._connection.getresponse()
            body = response.read()
        except (OSError, HTTPException) as error:
            raise MeasurementError(
                f"{self.name}: {request.method} {request.path}: {type(error).__name__}: {error}"
            ) from None
        if response.status != request.status:
            text = body[:300].decode(errors="replace")
            raise MeasurementError(
                f"{self.name}: {request.method} {request.path}: {response.status} instead of {request.status}: {text}"
            )
        return body

    def send_json(self, request: Request) -> Any:
        """Send a request and return the JSON of its response.

        Raises:
            MeasurementError: as `send`.
        """
        return json.loads(self.send(request))

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


class CpuClock:
    """The CPU time of another process, all threads, in seconds; Linux and FreeBSD compute the clock's id like this.

    Args:
        pid: the process.
    """

    def __init__(self, pid: int) -> None:
        # the macro MAKE_PROCESS_CPUCLOCK(pid, CPUCLOCK_SCHED) of the kernel
        self._clock = (~pid << 3) | 2

    def seconds(self) -> float:
        """Return the CPU time so far, to the nanosecond."""
        return time.clock_gettime(self._clock)
