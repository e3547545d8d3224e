"""Lists that grow are bounded: a long one has pages although none is asked for, and all pages together are complete."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from benchmarks.broker_history import CONSUMER, PROVIDERS, write_history
from broker.app import create_app
from broker.resources import matrix_body, paging
from broker.services.matrix import MAX_ROWS_OF_ALL_VERSIONS
from tests.broker.memory import memory_database

COUNT, MAX_COMPLETE_SIZE = 130, 40
PAIR = f"/pacts/provider/{PROVIDERS[0]}/consumer/{CONSUMER}"
SELECTORS = f"q[][pacticipant]={CONSUMER}&q[][pacticipant]={PROVIDERS[0]}&latestby=cvpv"


@pytest.fixture
async def client(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a broker with more versions than a complete list has."""
    monkeypatch.setattr(paging, "MAX_COMPLETE_SIZE", MAX_COMPLETE_SIZE)
    database = memory_database()
    await write_history(database, COUNT)
    transport = httpx.ASGITransport(create_app(database))
    async with httpx.AsyncClient(transport=transport, base_url="http://broker") as client:
        yield client
    database.close()


@pytest.mark.parametrize(
    ("path", "newest_first"),
    [
        (f"/pacticipants/{CONSUMER}/versions", True),
        (f"{PAIR}/versions", True),
        (f"{PAIR}/branch/main", False),
        (f"/pacts/provider/{PROVIDERS[0]}", False),
    ],
)
async def test_long_list_has_pages_without_being_asked(
    client: httpx.AsyncClient, path: str, *, newest_first: bool
) -> None:
    """Following `next` from the unpaged list gives every entry once, in the order of the list."""
    links: list[str] = []
    target: str | None = path
    sizes = []
    while target:
        body = (await client.get(target)).json()
        entries = body["_links"].get("pb:versions") or body["_links"]["pb:pacts"]
        sizes.append(len(entries))
        links += [entry["href"].rpartition("/")[2] for entry in entries]
        target = body["_links"].get("next", {}).get("href")

    expected = [f"v{number}" for number in range(COUNT) if "branch" not in path or number % 10]
    assert links == (expected[::-1] if newest_first else expected)
    assert max(sizes) <= MAX_COMPLETE_SIZE


async def test_matrix_without_versions_considers_the_newest_rows_and_is_not_a_yes(
    client: httpx.AsyncClient,
) -> None:
    """The rows are as many as the official broker considers, the answer is unknown, and a warning says why."""
    body = (await client.get(f"/matrix?{SELECTORS}")).json()

    numbers = [row["consumer"]["version"]["number"] for row in body["matrix"]]
    assert numbers == [f"v{COUNT - 1 - number}" for number in range(MAX_ROWS_OF_ALL_VERSIONS)]
    # the newest versions are verified: without the bound their rows alone would be a yes
    verified = (await client.get(f"/matrix?{SELECTORS}&success=true")).json()["summary"]
    assert (verified["failed"], verified["unknown"], verified["deployable"]) == (0, 0, None)
    assert body["notices"][0]["type"] == "warning"
    assert f"Only the newest {MAX_ROWS_OF_ALL_VERSIONS} rows are considered" in body["notices"][0]["text"]


async def test_matrix_of_many_versions_counts_all_and_lists_the_newest(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The decision is of all rows, also of those that are not listed."""
    monkeypatch.setattr(matrix_body, "MAX_LISTED_ROWS", 30)

    query = f"q[][pacticipant]={CONSUMER}&q[][branch]=main&latestby=cvpv&environment=production"
    body = (await client.get(f"/matrix?{query}")).json()

    on_main = sum(1 for number in range(COUNT) if number % 10)
    summary = body["summary"]
    assert summary["success"] + summary["failed"] + summary["unknown"] == on_main * len(PROVIDERS)
    assert (len(body["matrix"]), summary["deployable"]) == (30, None)
    assert (
        body["notices"][0]["text"]
        == f"The summary counts all {on_main * len(PROVIDERS)} rows, of which the newest 30 are listed"
    )
