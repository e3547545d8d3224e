"""The pages for browsers."""

from __future__ import annotations

import re

import httpx

from tests.broker.payloads import pact, publication


async def read_page(broker: httpx.AsyncClient) -> str:
    """Return the page as a browser gets it."""
    response = await broker.get("/", headers={"Accept": "text/html,*/*"})
    assert (response.status_code, response.headers["content-type"]) == (200, "text/html; charset=utf-8")
    return response.text


async def test_page_shows_decision_and_reason(broker: httpx.AsyncClient) -> None:
    """The newest version has a decision for every environment, and the reason if it is not deployable."""
    await broker.post(
        "/contracts/publish", json=publication("1.2.3", pact("Web", "Hotel", "x"), branch="main")
    )

    page = await read_page(broker)

    assert "<code>1.2.3</code> on main" in page
    assert page.count("? unknown") == 2
    assert "There is no version of Hotel currently in production, which Web (1.2.3) has a pact with" in page


async def test_names_are_escaped(broker: httpx.AsyncClient) -> None:
    """A name with markup is text on the page."""
    name = "<script>alert(1)</script>"
    await broker.post("/contracts/publish", json=publication("1", pact(name, "Hotel", "x")))

    page = await read_page(broker)

    assert "<script" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


async def test_page_needs_no_other_request(broker: httpx.AsyncClient) -> None:
    """Style and icon are part of the page, so that a browser requests nothing else, from anywhere."""
    await broker.post("/contracts/publish", json=publication("1", pact("Web", "Hotel", "x")))

    page = await read_page(broker)

    links = re.findall(r'<link[^>]* href="([^"]*)"', page)
    sources = re.findall(r"""(?:src|srcset|url\(|@import)\s*=?\s*["']?([^"'\s>)]*)""", page)
    assert [link.split(":")[0] for link in links] == ["data"]
    assert sources == []
    assert 'rel="icon"' in page


async def test_empty_broker_explains_how_to_publish(broker: httpx.AsyncClient) -> None:
    """Without a pact the page says how to publish one."""
    assert "Nothing is published yet" in await read_page(broker)
