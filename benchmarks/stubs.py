"""A strict stub's requests per second, beside the same route without checks and beside WireMock."""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Sequence

import httpx

from benchmarks.load import requests_per_second
from benchmarks.measure import Measure, running_process
from benchmarks.wiremock import wiremock

ROUNDS = 3
SECONDS = 2.0
WARM_UP = 5.0
"""Seconds of load before WireMock is measured: Java is slow until it has compiled what is hot."""
REQUESTS = {
    "tts": b"GET /v2/voices?page_size=10 HTTP/1.1\r\nHost: stub\r\nxi-api-key: stub-tts-key\r\n\r\n",
    "apaleo": b"GET /booking/v1/reservations/X-1?expand=booker HTTP/1.1\r\nHost: stub\r\nAuthorization: Bearer %s\r\n\r\n",
}


def unchecked() -> Iterator[Measure]:
    """A line for each vendor: what the checks cost."""
    for vendor, request in REQUESTS.items():
        command = ("-m", "benchmarks.stub_server", vendor)
        with running_process(*command, "checked") as strict, running_process(*command, "unchecked") as lax:
            ours, theirs = _rates([(url, _prepared(url, vendor, request)) for url in (strict, lax)])
        yield Measure(f"{vendor} stub, strict", ours, "requests/s", "the same without checks", theirs)


def beside_wiremock() -> Iterator[Measure]:
    """The strict stub, state and all, against a fixed answer.

    Raises:
        NotMeasuredError: there is no java or npm.
    """
    request = REQUESTS["tts"]
    with running_process("-m", "benchmarks.stub_server", "tts", "checked") as strict:
        path = request.split()[1].decode()
        answered = httpx.get(strict + path, headers={"xi-api-key": "stub-tts-key"})
        with wiremock(answered) as peer:
            requests_per_second(peer, request, WARM_UP)
            ours, theirs = _rates([(strict, request), (peer, request)])
    yield Measure("tts stub, strict", ours, "requests/s", "WireMock, unchecked", theirs, "not slower")


def _rates(targets: Sequence[tuple[str, bytes]]) -> list[float]:
    """The median rate of each, measured in turn."""
    rates: list[list[float]] = [[] for _ in targets]
    for _ in range(ROUNDS):
        for found, (url, sent) in zip(rates, targets, strict=True):
            found.append(requests_per_second(url, sent, SECONDS))
    return [statistics.median(found) for found in rates]


def _prepared(url: str, vendor: str, request: bytes) -> bytes:
    if vendor != "apaleo":
        return request
    states = {"an access token": {}, "a reservation": {"id": "X-1"}}
    given = [
        httpx.post(f"{url}/_stub/states", json={"state": name, "params": params}).json()
        for name, params in states.items()
    ]
    return request % str(given[0]["token"]).encode()
