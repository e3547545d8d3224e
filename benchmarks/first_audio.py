"""The time to the first audio of a text, over HTTP and over a WebSocket, beside that of the stub vendor in the same run.

The stub sends audio at once, so the difference is what the service adds: authentication, rate limit, guard, and a second
connection for the WebSocket, which is opened for each text on both sides.
"""

from __future__ import annotations

import itertools
import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx
from websockets.sync.client import connect

from benchmarks.measure import Measure, percentile, running_process
from benchmarks.orchestrator import log_in
from provider_verification.stubs.vendors.tts.state import API_KEY

ROUNDS = 100
WARM_UP = 10
VENDOR_PATH = "/v1/text-to-speech/concierge"
VENDOR_HEADERS = {"xi-api-key": API_KEY}
VENDOR_FORMAT = "output_format=ulaw_8000"
BASELINE_NAME = "the stub vendor itself"
_numbers = itertools.count(1)


def measure() -> Iterator[Measure]:
    """Yield the median and the 95th percentile over HTTP and over a WebSocket."""
    with running_process("-m", "benchmarks.stack_server", "orchestrator") as line:
        service, *pairs = line.split()
        vendor = dict(pair.split("=", 1) for pair in pairs)["tts"]
        headers = log_in(service)
        with (
            httpx.Client(base_url=service, headers=headers) as http,
            httpx.Client(base_url=vendor, headers=VENDOR_HEADERS) as vendor_http,
        ):
            yield from _compare(
                "over HTTP",
                lambda: _first_chunk(http, "/tts/synthesize", {"text": _text(), "format": "ulaw"}),
                lambda: _first_chunk(vendor_http, f"{VENDOR_PATH}/stream?{VENDOR_FORMAT}", {"text": _text()}),
            )
        yield from _compare(
            "over a WebSocket",
            lambda: _first_message(f"{service}/tts/stream?format=ulaw", headers, {"text": f"{_text()} "}),
            lambda: _first_message(
                f"{vendor}{VENDOR_PATH}/stream-input?{VENDOR_FORMAT}",
                VENDOR_HEADERS,
                {"text": " "},
                {"text": f"{_text()} ", "try_trigger_generation": True},
            ),
        )


def _compare(name: str, service: Callable[[], float], vendor: Callable[[], float]) -> Iterator[Measure]:
    durations: list[float] = []
    baselines: list[float] = []
    for number in range(WARM_UP + ROUNDS):
        seconds, baseline = service(), vendor()
        if number >= WARM_UP:
            durations.append(seconds * 1000)
            baselines.append(baseline * 1000)
    for percent in (50, 95):
        yield Measure(
            f"first audio {name}, p{percent}",
            percentile(durations, percent),
            "ms",
            BASELINE_NAME,
            percentile(baselines, percent),
        )


def _text() -> str:
    """Return a text that was not spoken before, because the service caches audio."""
    return f"Good evening, guest {next(_numbers)}."


def _first_chunk(http: httpx.Client, path: str, body: dict[str, Any]) -> float:
    started = time.perf_counter()
    with http.stream("POST", path, json=body) as response:
        response.raise_for_status()
        next(response.iter_raw())
        return time.perf_counter() - started


def _first_message(url: str, headers: dict[str, str], *messages: dict[str, Any]) -> float:
    started = time.perf_counter()
    with connect(f"ws{url.removeprefix('http')}", additional_headers=headers) as socket:
        for message in messages:
            socket.send(json.dumps(message))
        socket.recv()
        return time.perf_counter() - started
