"""The work of a request does not grow with the number of versions: the steps of SQLite's virtual machine are counted.

Steps are the same in every run, unlike times. `make bench` measures times.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest

from benchmarks.broker_history import CONSUMER, PROVIDERS, pact_document, write_history
from broker.app import create_app
from broker.database import Database
from tests.broker.payloads import publication

SMALL, LARGE = 120, 960
MAX_GROWTH = 1.5
PACTS = f"/pacts/provider/{PROVIDERS[0]}"
PAIR = f"{PACTS}/consumer/{CONSUMER}"
VERSION = f"/pacticipants/{CONSUMER}/versions/v100"
Send = Callable[[httpx.AsyncClient], Awaitable[httpx.Response]]


class StepCounter:
    """Counts the steps of all connections that are opened while it is installed, from its start on."""

    def __init__(self) -> None:
        self.steps = 0
        self._connections: list[sqlite3.Connection] = []

    @contextmanager
    def installed(self) -> Iterator[None]:
        """Watch the connections that are opened inside the block."""
        connect = sqlite3.connect

        def connect_and_watch(*arguments: Any, **options: Any) -> sqlite3.Connection:
            connection: sqlite3.Connection = connect(*arguments, **options)
            self._connections.append(connection)
            return connection

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(sqlite3, "connect", connect_and_watch)
            yield

    def start(self) -> None:
        """Begin to count."""
        for connection in self._connections:
            connection.set_progress_handler(self._add_step, 1)

    def _add_step(self) -> int:
        self.steps += 1
        return 0


def get(path: str, accept: str = "application/hal+json") -> Send:
    """Return a GET request."""
    return lambda client: client.get(path, headers={"Accept": accept})


def post_selection(**body: Any) -> Send:
    """Return a request for the pacts to verify."""
    return lambda client: client.post(f"{PACTS}/for-verification", json=body)


async def publish(client: httpx.AsyncClient) -> httpx.Response:
    """Publish a new version with three pacts."""
    documents = [pact_document(provider, "new") for provider in PROVIDERS]
    return await client.post(
        "/contracts/publish", json=publication("new", *documents, branch="main", tags=["main"])
    )


async def publish_result(client: httpx.AsyncClient) -> httpx.Response:
    """Publish a result of a new provider version."""
    pact = (await client.get(f"{PAIR}/version/v100")).json()
    result = {"success": True, "providerApplicationVersion": "2"}
    return await client.post(pact["_links"]["pb:publish-verification-results"]["href"], json=result)


def of_pair(**selectors: str) -> Send:
    """Return a query of the matrix about a pair."""
    query = "&".join(
        f"q[][pacticipant]={name}" + (f"&q[][version]={number}" if number else "")
        for name, number in selectors.items()
    )
    return get(f"/matrix?{query.replace('provider_a', PROVIDERS[0])}&latestby=cvpv")


TARGET = "latestby=cvpv&environment=production"
MAIN = {"mainBranch": True}
REQUESTS: dict[str, Send] = {
    "publish": publish,
    "result": publish_result,
    "can-i-deploy of a consumer": get(f"/matrix?q[][pacticipant]={CONSUMER}&q[][version]=v100&{TARGET}"),
    "can-i-deploy of a provider": get(f"/matrix?q[][pacticipant]={PROVIDERS[0]}&q[][version]=1&{TARGET}"),
    "can-i-deploy of the newest": get(f"/matrix?q[][pacticipant]={CONSUMER}&q[][latest]=true&{TARGET}"),
    "can-i-deploy of a branch head": get(
        f"/matrix?q[][pacticipant]={CONSUMER}&q[][branch]=main&q[][latest]=true&{TARGET}"
    ),
    "can-i-deploy to the newest with a tag": get(
        f"/matrix?q[][pacticipant]={CONSUMER}&q[][version]=v100&latestby=cvp&latest=true&tag=main"
    ),
    "can-i-deploy, short form": get(
        f"/can-i-deploy?pacticipant={CONSUMER}&version=v100&environment=production"
    ),
    "matrix of two versions": of_pair(consumer="v100", provider_a="1"),
    "matrix of a pair": of_pair(consumer="", provider_a=""),
    "for verification, by default": get(f"{PACTS}/for-verification"),
    "for verification, with work in progress": post_selection(
        consumerVersionSelectors=[MAIN, {"deployedOrReleased": True}, {"branch": "feature-0"}],
        providerVersionBranch="main",
        includePendingStatus=True,
        includeWipPactsSince="2020-01-01",
    ),
    "for verification, by tags": post_selection(
        consumerVersionSelectors=[{"tag": "main", "latest": True}],
        providerVersionTags=["main"],
        includeWipPactsSince="2020-01-01",
    ),
    "latest pact": get(f"{PAIR}/latest"),
    "latest pact with a tag": get(f"{PAIR}/latest/main"),
    "latest pact of a branch": get(f"{PAIR}/branch/main/latest"),
    "latest pacts": get("/pacts/latest"),
    "latest pacts of a provider": get(f"{PACTS}/latest"),
    "first page": get("/", "text/html"),
    "page of versions": get(f"/pacticipants/{CONSUMER}/versions?size=20"),
    "latest pacts of a branch": get(f"{PACTS}/branch/main/latest"),
    "latest pacts of main branches": get(f"{PACTS}/branch/latest"),
    "provider states": get(f"{PACTS}/provider-states"),
    "integrations": get("/integrations"),
    "dashboard": get("/dashboard"),
    "pacticipants": get("/pacticipants"),
    "a version": get(VERSION),
    "newest version": get(f"/pacticipants/{CONSUMER}/latest-version"),
    "newest version with a tag": get(f"/pacticipants/{CONSUMER}/latest-version/main"),
    "currently deployed": get("/environments?name=production"),
}


async def steps_of_requests(count: int, *, distinct_contents: bool) -> dict[str, int]:
    """Return the steps of each request to a broker with a number of versions."""
    counter, steps = StepCounter(), {}
    with counter.installed():
        database = Database(":memory:")
    await write_history(database, count, distinct_contents=distinct_contents)
    counter.start()
    transport = httpx.ASGITransport(create_app(database))
    async with httpx.AsyncClient(transport=transport, base_url="http://broker") as client:
        for name, send in REQUESTS.items():
            counter.steps = 0
            response = await send(client)
            steps[name] = counter.steps
            assert response.is_success, (name, response.text)
    database.close()
    return steps


@pytest.mark.parametrize("distinct_contents", [True, False], ids=["distinct contents", "one content"])
async def test_steps_of_a_request_do_not_grow_with_the_number_of_versions(*, distinct_contents: bool) -> None:
    """Eight times as many versions make no request do more than half as much again."""
    small = await steps_of_requests(SMALL, distinct_contents=distinct_contents)
    large = await steps_of_requests(LARGE, distinct_contents=distinct_contents)

    growing = {
        name: (small[name], large[name]) for name in REQUESTS if large[name] > MAX_GROWTH * small[name]
    }
    assert growing == {}
