"""Whose word is taken for the address of the broker: the host of links and of pages, and hosts that are refused."""

from __future__ import annotations

import html
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import httpx
import pytest

from broker.app import create_app
from broker.settings import Settings
from tests.broker.memory import memory_database
from tests.broker.pages import Links

ADDRESS = "http://10.0.0.5:9292"
PROXIES = (ip_network("10.1.0.0/16"),)


async def self_link(client: httpx.AsyncClient, **headers: str) -> str:
    """Return the link to the index that the broker makes for a request with these headers."""
    response = await client.get("/", headers={key.replace("_", "-"): value for key, value in headers.items()})
    href: str = response.json()["_links"]["self"]["href"]
    return href


@asynccontextmanager
async def open_at(client: str = "10.9.8.7", **settings: Any) -> AsyncIterator[httpx.AsyncClient]:
    """Yield a client with an address of a broker that is reached by another one."""
    database = memory_database()
    transport = httpx.ASGITransport(create_app(database, Settings(**settings)), client=(client, 1))
    async with httpx.AsyncClient(transport=transport, base_url=ADDRESS) as opened:
        yield opened
    database.close()


@pytest.mark.parametrize(
    ("host", "link"),
    [
        ("evil.example", None),
        ("evil.example:9292", None),
        ("localhost.evil.example", None),
        ("localhost@evil.example", None),
        ("localhost:99999", None),
        ("local host", None),
        ("[", None),
        ("10.0.0.6:9292", None),
        ("other.example", None),
        ("", ADDRESS),
        ("10.0.0.5:9292", ADDRESS),
        ("localhost:8080", "http://localhost:8080"),
        ("127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("127.1.2.3", "http://127.1.2.3"),
        ("[::1]:8080", "http://[::1]:8080"),
        ("broker.example", "http://broker.example"),
        ("Broker.example:9292", "http://broker.example:9292"),
        ("other.example:8443", "http://other.example:8443"),
    ],
)
async def test_host_header_is_used_only_if_allowed(users_file: Path, host: str, link: str | None) -> None:
    """A broker with users makes links of its address for another host; an open one refuses the request."""
    settings: dict[str, Any] = {"allowed_hosts": ("broker.example", "other.example:8443")}
    async with open_at(users_file=users_file, public_read=True, **settings) as client:
        assert await self_link(client, Host=host) == (link or ADDRESS)
    async with open_at(**settings) as client:
        assert (await client.get("/", headers={"Host": host})).status_code == (200 if link else 421)


async def test_website_whose_name_leads_to_loopback_neither_reads_nor_writes() -> None:
    """Whatever is asked, the response says how to allow the host; problems for a client that asks for them."""
    text = "this broker is open, and 'evil.example' is none of its hosts: ask it by localhost, or start it with --allowed-hosts HOST"
    async with open_at() as client:
        client.headers["Host"] = "evil.example"
        responses = [
            await client.post("/pacticipants", json={"name": "A"}),
            await client.get("/pacticipants"),
            await client.options("/pacticipants"),
            await client.get("/nowhere"),
        ]
        problem = await client.get("/", headers={"Accept": "application/problem+json"})
        client.headers["Host"] = "localhost"
        stored = (await client.get("/pacticipants")).json()["pacticipants"]

    assert [(item.status_code, item.json()) for item in responses] == [
        (421, {"errors": {"Host": [text]}})
    ] * 4
    assert (problem.status_code, problem.headers["content-type"]) == (
        421,
        "application/problem+json;charset=utf-8",
    )
    assert (problem.json()["status"], problem.json()["detail"]) == (421, text)
    assert stored == []


@pytest.mark.parametrize(("peer", "link"), [("10.1.0.9", "https://public.example"), ("10.9.8.7", ADDRESS)])
async def test_forwarded_headers_are_used_only_from_a_trusted_proxy(peer: str, link: str) -> None:
    """Anybody can send them."""
    async with open_at(peer, trusted_proxies=PROXIES) as client:
        assert await self_link(client, X_Forwarded_Proto="https", X_Forwarded_Host="public.example") == link


async def test_forwarded_host_does_not_open_the_broker() -> None:
    """The script of a website can send it, and comes from the address of a proxy on the same machine."""
    async with open_at("10.1.0.9", trusted_proxies=PROXIES) as client:
        response = await client.get("/", headers={"Host": "evil.example", "X-Forwarded-Host": "localhost"})

    assert response.status_code == 421


@pytest.mark.parametrize(
    ("headers", "link"),
    [
        ({}, "https://broker.example/pact"),
        ({"Host": "internal:9292"}, "http://internal:9292"),
        ({"Host": "evil.example"}, "https://broker.example/pact"),
        ({"X_Forwarded_Host": "internal:9292"}, "http://internal:9292"),
        ({"X_Forwarded_Host": "evil.example", "Host": "internal:9292"}, "http://internal:9292"),
    ],
)
async def test_one_of_the_base_urls_is_always_used(
    users_file: Path, headers: dict[str, str], link: str
) -> None:
    """That of the request if it is one of them, else the first; an open broker accepts their hosts."""
    settings: dict[str, Any] = {
        "base_urls": ("https://broker.example/pact", "http://internal:9292"),
        "trusted_proxies": PROXIES,
    }
    async with open_at("10.1.0.9", users_file=users_file, public_read=True, **settings) as client:
        assert await self_link(client, **headers) == link
    async with open_at("10.1.0.9", **settings) as client:
        hosts = {"Host": headers["Host"]} if "Host" in headers else {}
        refused = hosts.get("Host") == "evil.example"
        assert (await client.get("/", headers=hosts)).status_code == (421 if refused else 200)


async def test_links_below_the_path_of_the_base_url_are_complete() -> None:
    """Routes do not have the path: the proxy removes it."""
    async with open_at(base_urls=("https://broker.example/pact",)) as client:
        created = await client.post("/pacticipants", json={"name": "a/b"})
        listed = await client.get("/pacts/provider/a%2Fb/latest")
        page = await client.get("/environments", headers={"Accept": "text/html"})

    assert created.headers["location"] == "https://broker.example/pact/pacticipants/a%2Fb"
    assert (
        listed.json()["_links"]["self"]["href"] == "https://broker.example/pact/pacts/provider/a%2Fb/latest"
    )
    assert ("Matrix", "https://broker.example/pact/matrix") in Links(page.text).found


async def test_page_keeps_the_host_that_its_reader_uses(users_file: Path) -> None:
    """Its links and images have no host; a command has one, for it is run elsewhere."""
    async with open_at(users_file=users_file, public_read=True, allowed_hosts=("broker.example",)) as client:
        auth = ("rw", "secret")
        await client.put("/pacticipants/A/versions/1", json={}, auth=auth)
        headers = {"Accept": "text/html"}
        pages = [
            (await client.get("/", headers={**headers, "Host": host})).text
            for host in ("unknown.example", "broker.example")
        ]

    assert [("Matrix", "/matrix") in Links(page).found for page in pages] == [True, True]
    assert all(href.startswith(("/", "#")) for page in pages for _, href in Links(page).found)
    commands = [
        html.unescape(page).count(f"--broker-base-url {url}<")
        for page, url in zip(pages, (ADDRESS, "http://broker.example"), strict=True)
    ]
    assert commands == [2, 2]
