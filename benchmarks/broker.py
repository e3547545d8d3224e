"""The broker with a thousand consumer versions: publish, and can-i-deploy."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx

from benchmarks.measure import Measure, percentile, running_process

VERSIONS = 1_000
QUERIES = 300
PROVIDERS = ("apaleo", "livekit", "tts")
OFFICIAL_PUBLISH_MS, OFFICIAL_QUERY_MS = 77.0, 30.0
"""Medians of the official Pact Broker (PostgreSQL) with as many versions, on a machine like those of CI."""


def measure() -> Iterator[Measure]:
    """Yield four rows: median and 95th percentile of both."""
    with TemporaryDirectory() as folder:
        database = str(Path(folder) / "broker.sqlite")
        with (
            running_process("-m", "broker", "--port", "0", "--database", database) as url,
            httpx.Client(base_url=url) as client,
        ):
            published = [_publish(client, number) for number in range(VERSIONS)]
            _deploy_verified(client)
            queries = [_query_matrix(client, VERSIONS - 1 - number) for number in range(QUERIES)]
    # the last ones, which are published to a broker that holds most of the versions
    last = published[-QUERIES:]
    for name, values, official in (
        ("publish, three pacts", last, OFFICIAL_PUBLISH_MS),
        ("can-i-deploy", queries, OFFICIAL_QUERY_MS),
    ):
        yield Measure(
            f"broker, {name}, p50",
            percentile(values, 50),
            "ms",
            "official broker, recorded",
            official,
            "several times faster",
        )
        yield Measure(f"broker, {name}, p95", percentile(values, 95), "ms")


def _publish(client: httpx.Client, number: int) -> float:
    contracts = [_contract(provider, number) for provider in PROVIDERS]
    body = {
        "pacticipantName": "orchestrator",
        "pacticipantVersionNumber": str(number),
        "branch": "main",
        "contracts": contracts,
    }
    return _milliseconds(client, "POST", "/contracts/publish", json=body)


def _contract(provider: str, number: int) -> dict[str, Any]:
    """Return a real pact with one interaction that only this version has."""
    document = json.loads(Path(f"pacts/voicehive-orchestrator-{provider}.json").read_text(encoding="utf-8"))
    document["consumer"]["name"] = "orchestrator"
    document["interactions"][0]["description"] = f"version {number}"
    content = base64.b64encode(json.dumps(document).encode()).decode()
    return {
        "consumerName": "orchestrator",
        "providerName": provider,
        "specification": "pact",
        "contentType": "application/json",
        "content": content,
    }


def _deploy_verified(client: httpx.Client) -> None:
    """Let every provider verify the newest hundred versions and be in production."""
    for provider in PROVIDERS:
        for number in range(VERSIONS - 100, VERSIONS):
            pact = client.get(f"/pacts/provider/{provider}/consumer/orchestrator/version/{number}").json()
            result = {"success": True, "providerApplicationVersion": "1"}
            client.post(
                pact["_links"]["pb:publish-verification-results"]["href"], json=result
            ).raise_for_status()
        version = client.get(f"/pacticipants/{provider}/versions/1").json()
        link = next(
            item for item in version["_links"]["pb:record-deployment"] if item["name"] == "production"
        )
        client.post(link["href"], json={}).raise_for_status()


def _query_matrix(client: httpx.Client, number: int) -> float:
    query = f"q[][pacticipant]=orchestrator&q[][version]={number}&latestby=cvpv&environment=production"
    return _milliseconds(client, "GET", f"/matrix?{query}")


def _milliseconds(client: httpx.Client, method: str, path: str, **options: Any) -> float:
    started = time.perf_counter()
    client.request(method, path, **options).raise_for_status()
    return (time.perf_counter() - started) * 1000
