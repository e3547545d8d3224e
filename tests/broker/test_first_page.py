"""The first page: decisions with their reasons and the command to run next, search and paging."""

from __future__ import annotations

import html
import re

import httpx
import pytest

from tests.broker.pages import Links, publish, publish_result, read_page


async def test_first_page_shows_decision_reason_and_command(shop: httpx.AsyncClient) -> None:
    """The newest version has a decision for every environment, the reason and the command to run."""
    page = html.unescape(await read_page(shop))

    assert "<code>2</code></a> on main" in page
    assert page.count("? unknown") == 2
    assert (
        "The pact between Web (2) and Hotel has no verification result from any version of Hotel currently in production"
        in page
    )
    assert "There is no version of Hotel currently in test, which Web (2) has a pact with" in page
    command = "pact-broker can-i-deploy --pacticipant Web --version 2 --to-environment production --broker-base-url http://broker"
    assert f"<code>{command}</code>" in page
    record = "pact-broker record-deployment --pacticipant Hotel --version VERSION --environment test --broker-base-url http://broker"
    assert page.count("First record which version of ") == 1
    assert f"First record which version of Hotel is there: <code>{record}</code>" in page


async def test_first_page_shows_how_to_record_what_is_deployable(shop: httpx.AsyncClient) -> None:
    """A version that can go says how many pacts are verified and what to record afterwards."""
    await publish_result(shop, success=True)

    page = html.unescape(await read_page(shop))

    assert "1 verified pact" in page
    command = "pact-broker record-deployment --pacticipant Web --version 2 --environment production --broker-base-url http://broker"
    assert f"<code>{command}</code>" in page


async def test_first_page_is_about_the_main_branch(shop: httpx.AsyncClient) -> None:
    """A newer version on another branch is not what goes to an environment next."""
    await shop.put("/pacticipants/Web/branches/feat/versions/3")

    page = await read_page(shop)

    assert "<code>2</code></a> on main" in page
    assert "<code>3</code>" not in page


async def test_command_is_quoted_for_a_shell(broker: httpx.AsyncClient) -> None:
    """A name with a space and a quote is one word."""
    await publish(broker, "1; ls", consumer="Web's Shop")

    page = html.unescape(await read_page(broker))

    assert """--pacticipant 'Web'"'"'s Shop' --version '1; ls' --to-environment""" in page


async def test_first_page_is_searched_and_paged(
    broker: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The links to the other pages keep the search."""
    monkeypatch.setattr("broker.pages.deployability.PACTICIPANTS_ON_A_PAGE", 2)
    for name in ("Alpha", "Beta", "Gamma", "Alphabet", "Other alpha"):
        await broker.put(f"/pacticipants/{name}/versions/1", json={})

    pages = [await read_page(broker, f"/?q=ALPHA&page={number}") for number in (1, 2, 99)]

    names = [re.findall(r'<th scope="row"><a [^>]*>([^<]*)', page) for page in pages]
    assert names == [["Alpha", "Alphabet"], ["Other alpha"], ["Other alpha"]]
    assert ("Next page", "/?q=ALPHA&page=2") in Links(pages[0]).found
    assert ("Previous page", "/?q=ALPHA&page=1") in Links(pages[1]).found
    assert 'value="ALPHA"' in pages[0]


async def test_search_without_result_says_so(shop: httpx.AsyncClient) -> None:
    """There is a way back to all."""
    page = await read_page(shop, "/?q=nobody")

    assert "No pacticipant with a version has <code>nobody</code> in its name" in page


async def test_empty_broker_explains_how_to_publish(broker: httpx.AsyncClient) -> None:
    """Without a pact the page says how to publish one."""
    assert "Nothing is published yet" in await read_page(broker)


@pytest.mark.parametrize("page", ["0", "-1", "x", "9" * 5000, ""])
async def test_wrong_page_number_is_the_first_page(shop: httpx.AsyncClient, page: str) -> None:
    """People edit addresses."""
    assert "<code>2</code></a> on main" in await read_page(shop, f"/?page={page}")
