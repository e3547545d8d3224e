"""Requests per second of a strict stub, compared with the same route without validation and with WireMock."""

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
"""Seconds of load before WireMock is measured: Java is slow until it has compiled the hot code."""
REQUESTS = {
    "tts": b"GET /v2/voices?page_size=10 HTTP/1.1\r\nHost: stub\r\nxi-api-key: stub-tts-key\r\n\r\n",
    "apaleo": b"GET /booking/v1/reservations/X-1?expand=booker HTTP/1.1\r\nHost: stub\r\nAuthorization: Bearer %s\r\n\r\n",
}


def unchecked() -> Iterator[Measure]:
    """Yield a row for each vendor: the cost of validation."""
    for vendor, request in REQUESTS.items():
        command = ("-m", "benchmarks.stub_server", vendor)
        with (
            running_process(*command, "checked") as strict,
            running_process(*command, "unchecked") as unvalidated,
        ):
            rate, baseline = _rates([(url, _prepare(url, vendor, request)) for url in (strict, unvalidated)])
        yield Measure(f"{vendor} stub, strict", rate, "requests/s", "the same without validation", baseline)


def beside_wiremock() -> Iterator[Measure]:
    """Yield one row: the strict and stateful stub compared with a fixed response.

    Raises:
        NotMeasuredError: if java or npm is missing.
    """
    request = REQUESTS["tts"]
    with running_process("-m", "benchmarks.stub_server", "tts", "checked") as strict:
        path = request.split()[1].decode()
        response = httpx.get(strict + path, headers={"xi-api-key": "stub-tts-key"})
        with wiremock(response) as peer:
            requests_per_second(peer, request, WARM_UP)
            rate, baseline = _rates([(strict, request), (peer, request)])
    yield Measure("tts stub, strict", rate, "requests/s", "WireMock, no validation", baseline, "not slower")


def _rates(targets: Sequence[tuple[str, bytes]]) -> list[float]:
    """Return the median rate of each; they take turns."""
    rates: list[list[float]] = [[] for _ in targets]
    for _ in range(ROUNDS):
        for values, (url, request) in zip(rates, targets, strict=True):
            values.append(requests_per_second(url, request, SECONDS))
    return [statistics.median(values) for values in rates]


def _prepare(url: str, vendor: str, request: bytes) -> bytes:
    if vendor != "apaleo":
        return request
    states = {"an access token": {}, "a reservation": {"id": "X-1"}}
    results = [
        httpx.post(f"{url}/_stub/states", json={"state": name, "params": params}).json()
        for name, params in states.items()
    ]
    return request % str(results[0]["token"]).encode()
