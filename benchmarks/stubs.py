"""A strict stub's requests per second, beside the same route without checks."""

from __future__ import annotations

import statistics
from collections.abc import Iterator

import httpx

from benchmarks.load import requests_per_second
from benchmarks.measure import Measure, served

ROUNDS = 3
SECONDS = 2.0
REQUESTS = {
    "tts": b"GET /v2/voices?page_size=10 HTTP/1.1\r\nHost: stub\r\nxi-api-key: stub-tts-key\r\n\r\n",
    "apaleo": b"GET /booking/v1/reservations/X-1?expand=booker HTTP/1.1\r\nHost: stub\r\nAuthorization: Bearer %s\r\n\r\n",
}


def measures() -> Iterator[Measure]:
    """A line for each vendor."""
    for vendor, request in REQUESTS.items():
        command = ("-m", "benchmarks.stub_server", vendor)
        with served(*command, "checked") as strict, served(*command, "unchecked") as lax:
            targets = [(url, _prepared(url, vendor, request)) for url in (strict, lax)]
            rates: list[list[float]] = [[], []]
            for _ in range(ROUNDS):
                for found, (url, sent) in zip(rates, targets, strict=True):
                    found.append(requests_per_second(url, sent, SECONDS))
        ours, theirs = map(statistics.median, rates)
        yield Measure(f"{vendor} stub, strict", ours, "requests/s", "the same without checks", theirs)


def _prepared(url: str, vendor: str, request: bytes) -> bytes:
    if vendor != "apaleo":
        return request
    states = {"an access token": {}, "a reservation": {"id": "X-1"}}
    given = [
        httpx.post(f"{url}/_stub/states", json={"state": name, "params": params}).json()
        for name, params in states.items()
    ]
    return request % str(given[0]["token"]).encode()
