"""The page with the provider states that a provider's consumers use, at the address of their JSON."""

from __future__ import annotations

import html
import re
from typing import Any

import httpx
import pytest

from tests.broker.pages import MARKUP, Links, read_page
from tests.broker.payloads import pact, publication

STATES = "/pacts/provider/Bar/provider-states"


async def publish_states(
    broker: httpx.AsyncClient, consumer: str, version: str, branch: str, *states: dict[str, Any] | str
) -> None:
    """Publish a pact with Bar whose only interaction has states."""
    document = pact(consumer, "Bar", "x")
    document["interactions"][0]["providerStates"] = list(states)
    body = publication(version, document, branch=branch)
    assert (await broker.post("/contracts/publish", json=body)).status_code == 200


def rows_of(page: str) -> list[list[str]]:
    """Return the texts in the cells of each row of the page's table."""
    return [
        [
            html.unescape(re.sub(r"<[^>]*>", "", cell)).strip()
            for cell in re.findall(r"<td [^>]*>(.*?)</td>", row)
        ]
        for row in re.findall(r"<tr>\n(.*?)</tr>", page, re.DOTALL)
    ]


@pytest.fixture
async def broker_with_states(broker: httpx.AsyncClient) -> httpx.AsyncClient:
    """A client of a broker with states on a main branch, on a feature branch and in the environment test."""
    await broker.post("/pacticipants", json={"name": "Foo", "mainBranch": "main"})
    await broker.post("/pacticipants", json={"name": "Web & more", "mainBranch": "main"})
    await publish_states(
        broker, "Foo", "1", "main", {"name": "a room is free", "params": {"id": 1}}, "a guest exists"
    )
    await publish_states(broker, "Web & more", "1", "main", "a guest exists")
    await publish_states(broker, "Foo", "2", "feat/ü", "a room is booked")
    environment = (await broker.get("/environments?name=test")).json()["_embedded"]["environments"][0]["uuid"]
    await broker.post(f"/pacticipants/Foo/versions/1/deployed-versions/environment/{environment}", json={})
    return broker


async def test_states_have_parameters_and_consumers(broker_with_states: httpx.AsyncClient) -> None:
    """Those of the consumers' main branches, by name, with a link to each consumer."""
    page = await read_page(broker_with_states, STATES)

    assert rows_of(page) == [
        ["a guest exists", "none", "Foo Web & more"],
        ["a room is free", '{"id":1}', "Foo"],
    ]
    assert ("Web & more", "/pacticipants/Web%20%26%20more") in Links(page).found
    assert ("Bar", "/pacticipants/Bar") in Links(page).found


@pytest.mark.parametrize(
    ("suffix", "states", "current"),
    [
        ("", ["a guest exists", "a room is free"], "main branches"),
        ("/branch/feat%2F%C3%BC", ["a room is booked"], "branch feat/ü"),
        ("/environment/test", ["a guest exists", "a room is free"], "environment test"),
        ("/environment/production", [], "environment production"),
        ("/branch/none", [], "branch none"),
    ],
)
async def test_states_are_those_of_the_json_at_the_same_address(
    broker_with_states: httpx.AsyncClient, suffix: str, states: list[str], current: str
) -> None:
    """What is selected is marked among the links, and each link leads to a page."""
    page = await read_page(broker_with_states, STATES + suffix)
    body = (await broker_with_states.get(STATES + suffix)).json()

    assert [row[0] for row in rows_of(page)] == states == [state["name"] for state in body["providerStates"]]
    assert ("None of these pacts names a provider state" in page) is (states == [])
    assert re.findall(r'aria-current="true">([^<]*)', page) == [current]
    links = [href for _, href in Links(page).found if "/provider-states" in href]
    assert STATES + suffix in links
    for href in links:
        await read_page(broker_with_states, href)


async def test_environment_by_uuid_is_shown_by_name(broker_with_states: httpx.AsyncClient) -> None:
    """As at the address with its name."""
    environments = (await broker_with_states.get("/environments?name=test")).json()["_embedded"]
    uuid = environments["environments"][0]["uuid"]

    page = await read_page(broker_with_states, f"{STATES}/environment/{uuid}")

    assert page == await read_page(broker_with_states, f"{STATES}/environment/test")


@pytest.mark.parametrize("path", [f"{STATES}/environment/none", "/pacts/provider/Nobody/provider-states"])
async def test_unknown_provider_or_environment_is_not_found(
    broker_with_states: httpx.AsyncClient, path: str
) -> None:
    """As a page for a browser, as JSON for clients."""
    await read_page(broker_with_states, path, 404)

    assert (await broker_with_states.get(path)).status_code == 404


async def test_long_list_has_pages(broker: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """The links keep what was selected."""
    monkeypatch.setattr("broker.pages.provider_states.STATES_ON_A_PAGE", 2)
    await publish_states(broker, "Foo", "1", "main", "a", "b", "c")

    pages = [await read_page(broker, f"{STATES}/branch/main?page={number}") for number in (1, 2)]

    assert [[row[0] for row in rows_of(page)] for page in pages] == [["a", "b"], ["c"]]
    assert ("Next page", f"{STATES}/branch/main?page=2") in Links(pages[0]).found


async def test_names_are_text(broker: httpx.AsyncClient) -> None:
    """A state, its parameters, a consumer and a branch with markup are escaped."""
    state = {"name": MARKUP, "params": {MARKUP: MARKUP}}
    await publish_states(broker, MARKUP, "1", MARKUP, state)

    page = await read_page(broker, f"{STATES}/branch/%3Cscript%3Ealert(1)%3C%2Fscript%3E")

    assert rows_of(page) == [[MARKUP, f'{{"{MARKUP}":"{MARKUP}"}}', MARKUP]]
    assert "<script" not in page


async def test_page_of_a_provider_links_to_its_states(broker_with_states: httpx.AsyncClient) -> None:
    """That of a pacticipant without consumers does not."""
    provider = await read_page(broker_with_states, "/pacticipants/Bar")
    consumer = await read_page(broker_with_states, "/pacticipants/Foo")

    assert ("Provider states", STATES) in Links(provider).found
    assert "Provider states" not in consumer
