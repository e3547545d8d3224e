"""The orchestrator as a caller sees it: HTTP, and nothing else."""

from __future__ import annotations

import itertools
import time
import zlib
from collections.abc import Mapping
from typing import Any

import httpx

RUN_ID = f"{int(time.time() * 1000):x}"
"""Part of all ids, so that a deployment can be tested again and again."""
HOTEL = "MUC"
HOTEL_NUMBER = "+498912345678"
_numbers = itertools.count(1)


class ApiClient:
    """Somebody who calls the orchestrator.

    Args:
        url: its address.
        headers: who that is.
    """

    def __init__(self, url: str, headers: Mapping[str, str] | None = None) -> None:
        self.url = url
        self.headers = dict(headers or {})
        self.http = httpx.Client(base_url=url, headers=self.headers, timeout=20.0)

    def get(self, path: str, **more: Any) -> httpx.Response:
        """GET."""
        return self.http.get(path, **more)

    def post(self, path: str, body: Any = None, **more: Any) -> httpx.Response:
        """POST a JSON body."""
        return self.http.post(path, json=body, **more)

    def delete(self, path: str) -> httpx.Response:
        """DELETE."""
        return self.http.delete(path)

    def send_event(self, event: Mapping[str, Any]) -> dict[str, Any]:
        """Tell of a call what must be taken; gives the answer."""
        answer = self.post("/webhook/call-event", event)
        assert answer.status_code == 200, answer.text
        told: dict[str, Any] = answer.json()
        return told

    def close(self) -> None:
        """Close the connections."""
        self.http.close()


def bearer(token: str) -> dict[str, str]:
    """The header of a user."""
    return {"Authorization": f"Bearer {token}"}


def number() -> int:
    """A number that was not used before in this process."""
    return next(_numbers)


class IdFactory:
    """Ids that nobody else uses.

    Args:
        worker: the process's name.
    """

    def __init__(self, worker: str) -> None:
        self._prefix = f"{RUN_ID}{worker}"

    def call(self) -> str:
        """A call's id."""
        return f"{self._prefix}-{number()}"

    def reservation(self) -> str:
        """A reservation's id in Apaleo's form."""
        return f"{self._prefix}X{number()}-1".upper()

    def phone(self) -> str:
        """A telephone number in Berlin."""
        return f"+4930{zlib.crc32(f'{self._prefix}-{number()}'.encode()) % 10**8:08}"

    def email(self) -> str:
        """An address."""
        return f"user-{self._prefix}-{number()}@hotel.example"


def timestamp(second: int = 0) -> str:
    """A time of a call."""
    return f"2027-05-01T10:{second // 60:02}:{second % 60:02}+02:00"


def call_started(call_id: str, phone: str = "+4930000000", **metadata: Any) -> dict[str, Any]:
    """A call begins."""
    return {
        "event": "call.started",
        "call_id": call_id,
        "from_number": phone,
        "to_number": HOTEL_NUMBER,
        "timestamp": timestamp(),
        "metadata": {"hotel_id": HOTEL, **metadata},
    }


def call_interaction(
    call_id: str, kind: str, said: str = "", second: int = 10, **parameters: Any
) -> dict[str, Any]:
    """The caller wants something."""
    event = {
        "event": "call.interaction",
        "call_id": call_id,
        "interaction_type": kind,
        "guest_input": said,
        "timestamp": timestamp(second),
    }
    return event | ({"parameters": parameters} if parameters else {})


def call_ended(call_id: str, duration: float = 120.0) -> dict[str, Any]:
    """The call is over."""
    return {"event": "call.ended", "call_id": call_id, "duration": duration, "timestamp": timestamp(120)}
