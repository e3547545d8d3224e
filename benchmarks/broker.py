"""The broker with 1,000 and with 10,000 consumer versions, beside the official broker's recorded times.

The official broker was measured on another machine, so its times are scaled by two yardsticks that are measured here:
an HTTP round trip of the standard library and a JSON round trip of 200 rows.
"""

from __future__ import annotations

import asyncio
import base64
import itertools
import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from http.client import HTTPConnection
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx

from benchmarks.broker_history import CONSUMER, PROVIDERS, write_history
from benchmarks.measure import Measure, NotMeasuredError, percentile, run_interleaved, running_process, timed
from broker.database import Database

SMALL, LARGE = 1_000, 10_000
SAMPLES = 200
REAL_PACTS = ("apaleo", "livekit", "tts")
PLACEHOLDER = "as only one version has it"
OFFICIAL_MS = {
    "publish, three pacts": 77.0,
    "publish, three new pacts": 77.0,
    "can-i-deploy": 30.0,
    "pacts for verification": 10.0,
    "verification result": 34.0,
}
"""Medians of the official Pact Broker 2.120.0 (PostgreSQL) with 1,000 consumer versions."""
OFFICIAL_HTTP_MS, OFFICIAL_JSON_MS = 0.1, 0.085
"""The yardsticks on the machine on which the official broker was measured."""

PACTS = f"/pacts/provider/{PROVIDERS[0]}"
PAIR = f"{PACTS}/consumer/{CONSUMER}"
SELECTION = {
    "consumerVersionSelectors": [{"mainBranch": True}, {"deployedOrReleased": True}],
    "providerVersionBranch": "main",
    "includePendingStatus": True,
    "includeWipPactsSince": "2020-01-01",
}
Send = Callable[[], httpx.Response]


def measure() -> Iterator[Measure]:
    """Yield the scale of this machine, then the growth of each request's time and its ratio to the official broker."""
    scale = _machine_scale()
    yield Measure("this machine beside that of the official broker", scale, "times slower")
    with TemporaryDirectory() as folder:
        files = [_write_history(Path(folder), count) for count in (SMALL, LARGE)]
        with _running_broker(files[0]) as (url, _), _running_broker(files[1]) as (large_url, large_process):
            medians = dict(_measure_both(url, large_url))
            memory = _resident_mebibytes(large_process)
    for name, (small, large) in medians.items():
        yield Measure(
            f"broker, {name}, p50, {LARGE:,} versions",
            large,
            "ms",
            f"{SMALL:,} versions",
            small,
            "at most 1.5",
        )
    for name, official in OFFICIAL_MS.items():
        yield Measure(
            f"broker, {name}, p50, {SMALL:,} versions",
            medians[name][0],
            "ms",
            "official broker, recorded, scaled",
            official * scale,
            "at most 0.2: five times faster",
        )
    yield Measure(f"broker, memory, {LARGE:,} versions", memory, "MiB", goal="at most 80")


def _machine_scale() -> float:
    """Return how much slower this machine is; the yardstick that flatters the broker less decides."""
    rows = [{"id": number, "name": f"row {number}"} for number in range(200)]
    json_ms = percentile([timed(lambda: json.loads(json.dumps(rows))) * 1000 for _ in range(2_000)], 50)
    with running_process("benchmarks/http_yardstick.py") as url:
        connection = HTTPConnection(url.removeprefix("http://"))
        http_ms = percentile([_milliseconds(lambda: _round_trip(connection)) for _ in range(1_000)], 50)
        connection.close()
    return min(json_ms / OFFICIAL_JSON_MS, http_ms / OFFICIAL_HTTP_MS)


def _round_trip(connection: HTTPConnection) -> None:
    connection.request("GET", "/")
    connection.getresponse().read()


def _write_history(folder: Path, count: int) -> Path:
    file = folder / f"{count}.sqlite"
    database = Database(file)
    asyncio.run(write_history(database, count))
    database.close()
    return file


def _measure_both(small_url: str, large_url: str) -> Iterator[tuple[str, tuple[float, float]]]:
    """Yield each request's name and its median times in milliseconds; the brokers take turns."""
    with httpx.Client(base_url=small_url) as small, httpx.Client(base_url=large_url) as large:
        large_requests = _requests(large, LARGE)
        for name, send in _requests(small, SMALL).items():
            actions = [partial(_expect_success, request) for request in (send, large_requests[name])]
            first, second = run_interleaved(SAMPLES, *actions)
            yield name, (first * 1000, second * 1000)


def _expect_success(send: Send) -> None:
    send().raise_for_status()


@contextmanager
def _running_broker(file: Path) -> Iterator[tuple[str, int]]:
    command = [sys.executable, "-m", "broker", "--port", "0", "--database", str(file)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            line = process.stdout.readline() if process.stdout else ""
            yield line.split()[-1], process.pid
        finally:
            process.terminate()


def _resident_mebibytes(process: int) -> float:
    status = Path(f"/proc/{process}/status")
    if not status.exists():
        raise NotMeasuredError("the memory of a process is read from /proc, which Linux has")
    (line,) = (line for line in status.read_text().splitlines() if line.startswith("VmRSS:"))
    return int(line.split()[1]) / 1024


def _milliseconds(action: Callable[[], object]) -> float:
    return timed(action) * 1000


def _requests(client: httpx.Client, count: int) -> dict[str, Send]:
    """Return the measured requests by name."""
    newest, sample = count - 1, itertools.count()
    pact = client.get(f"{PAIR}/version/v{newest}").json()
    results = pact["_links"]["pb:publish-verification-results"]["href"]
    contracts = [_real_contract(vendor, changed=1) for vendor in REAL_PACTS]
    # the broker keeps the encodings of interactions that it knows
    new_contracts = [_real_contract(vendor, changed=None) for vendor in REAL_PACTS]
    pair = f"q[][pacticipant]={CONSUMER}&q[][pacticipant]={PROVIDERS[0]}&latestby=cvpv"

    def publish(contracts: Sequence[Callable[[int], dict[str, Any]]]) -> httpx.Response:
        number = next(sample)
        body = {"pacticipantName": "orchestrator", "pacticipantVersionNumber": f"{number}", "branch": "main"}
        return client.post(
            "/contracts/publish", json={**body, "contracts": [item(number) for item in contracts]}
        )

    def can_i_deploy() -> httpx.Response:
        version = f"q[][pacticipant]={CONSUMER}&q[][version]=v{newest - next(sample) % 20}"
        return client.get(f"/matrix?{version}&latestby=cvpv&environment=production")

    def publish_result() -> httpx.Response:
        body = {"success": True, "providerApplicationVersion": f"result-{next(sample)}"}
        return client.post(results, json=body)

    return {
        "publish, three pacts": partial(publish, contracts),
        "publish, three new pacts": partial(publish, new_contracts),
        "can-i-deploy": can_i_deploy,
        "pacts for verification": lambda: client.post(f"{PACTS}/for-verification", json=SELECTION),
        "verification result": publish_result,
        "matrix of a pair": lambda: client.get(f"/matrix?{pair}"),
        "latest pact": lambda: client.get(f"{PAIR}/latest"),
        "first page": lambda: client.get("/", headers={"Accept": "text/html"}),
    }


def _real_contract(vendor: str, changed: int | None) -> Callable[[int], dict[str, Any]]:
    """Return a function that makes a real pact of which only one version has the first interactions, or all of them."""
    document = json.loads(Path(f"pacts/voicehive-orchestrator-{vendor}.json").read_text(encoding="utf-8"))
    document["consumer"]["name"] = "orchestrator"
    for interaction in document["interactions"][:changed]:
        interaction["description"] += f" {PLACEHOLDER}"
    text = json.dumps(document)

    def contract(number: int) -> dict[str, Any]:
        # the time of the client counts: it does not encode the document for each publication
        content = text.replace(PLACEHOLDER, f"version {number}")
        return {
            "consumerName": "orchestrator",
            "providerName": vendor,
            "specification": "pact",
            "contentType": "application/json",
            "content": base64.b64encode(content.encode()).decode(),
        }

    return contract
