"""The pages for browsers: content negotiation, links, what each page shows, and text that is escaped."""

from __future__ import annotations

import base64
import hashlib
import html
import re

import httpx
import pytest

from tests.broker.pages import HOOK, MARKUP, PACT, Links, publish, publish_result, read_page
from tests.broker.webhook_receiver import webhook

PAGES = (
    "/", "/pacticipants", "/pacticipants/Web", "/matrix", "/matrix?q[][pacticipant]=Web&latestby=cvpv", "/integrations", "/environments", "/webhooks", HOOK, PACT,
    f"{PACT}/diff/previous-distinct", "/pacts/provider/Hotel/provider-states",
)  # fmt: skip


async def test_address_has_a_page_and_json(shop: httpx.AsyncClient) -> None:
    """A browser gets HTML, the official clients get JSON, and a policy allows a page nothing from elsewhere."""
    for href in PAGES:
        page = await shop.get(href, headers={"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"})
        clients = [
            await shop.get(href, headers={"Accept": accept})
            for accept in ("application/hal+json, application/json", "*/*")
        ]

        [style] = re.findall(r"<style>(.*)</style>", page.text, re.DOTALL)
        style_hash = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
        policy = f"default-src 'none'; style-src 'sha256-{style_hash}'; img-src 'self' data:;"
        assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8"), href
        assert page.headers["content-security-policy"].startswith(policy), href
        assert "Accept" in page.headers["vary"], href
        assert not any("html" in client.headers.get("content-type", "") for client in clients), href


async def test_page_loads_nothing_from_elsewhere(shop: httpx.AsyncClient) -> None:
    """Style and icon are part of the page, images are the broker's own badges, and there is no script."""
    for href in PAGES:
        page = await read_page(shop, href)

        links = re.findall(r'<link[^>]* href="([^"]*)"', page)
        sources = re.findall(r"""(?:src|srcset|url\(|@import)\s*=?\s*["']?([^"'\s>)]*)""", page)
        assert [link.split(":")[0] for link in links] == ["data"], href
        assert all(re.match("/[^/]", item) and item.endswith("/badge.svg") for item in sources), href
        assert "<script" not in page, href


async def test_every_link_leads_somewhere(shop: httpx.AsyncClient) -> None:
    """All links are to the broker itself and respond with 200."""
    pages = [Links(await read_page(shop, href)).found for href in PAGES]
    hrefs = {link for found in pages for _, link in found if not link.startswith("#")}

    assert all(len(found) >= 5 for found in pages)
    for link in hrefs:
        assert re.match("/(?!/)", link)
        response = await shop.get(link, headers={"Accept": "text/html,*/*"})
        assert response.status_code == 200, link


async def test_matrix_has_rows_and_filters_as_links(shop: httpx.AsyncClient) -> None:
    """Each filter is a link that keeps the others, and the current value is marked."""
    await publish_result(shop, success=False)
    page = await read_page(shop, "/matrix?q[][pacticipant]=Web&latestby=cvpv&environment=production")

    links = dict(Links(page).found)
    kept = "q%5B%5D%5Bpacticipant%5D=Web&environment=production"
    assert (
        links["failed"]
        == "/matrix?q%5B%5D%5Bpacticipant%5D=Web&latestby=cvpv&environment=production&success%5B%5D=false"
    )
    assert links["every result"] == f"/matrix?{kept}"
    assert links["in test"] == "/matrix?q%5B%5D%5Bpacticipant%5D=Web&latestby=cvpv&environment=test"
    assert re.findall(r'aria-current="true">([^<]*)', page) == [
        "all",
        "newest for each two versions",
        "in production",
    ]
    assert (page.count("? not verified"), page.count("✗ failed")) == (1, 1)
    only_failed = await read_page(shop, links["failed"])
    assert (only_failed.count("? not verified"), only_failed.count("✗ failed")) == (0, 1)


async def test_invalid_query_is_explained(shop: httpx.AsyncClient) -> None:
    """The page has the reason and the status of the JSON."""
    page = await read_page(shop, "/matrix?q[][pacticipant]=Nobody", status=400)

    assert "Pacticipant Nobody not found" in page


async def test_diff_shows_changed_lines(shop: httpx.AsyncClient) -> None:
    """The pact before had another description."""
    page = html.unescape(await read_page(shop, f"{PACT}/diff/previous-distinct"))

    assert re.findall(r"<del>-\s*(.*?),?</del>", page) == ['"description": "first"', '"path": "/first"']
    assert re.findall(r"<ins>\+\s*(.*?),?</ins>", page) == ['"description": "second"', '"path": "/second"']


async def test_first_pact_has_no_diff(shop: httpx.AsyncClient) -> None:
    """The page says that there is nothing to compare with."""
    page = await read_page(shop, PACT.replace("/2", "/1") + "/diff/previous-distinct")

    assert "has a pact with other content" in page


async def test_failed_result_has_mismatch_and_expectation(shop: httpx.AsyncClient) -> None:
    """Beside what differed is the interaction that was expected."""
    page = await read_page(shop, await publish_result(shop, success=False))

    assert "0 of 1 interactions succeeded" in page
    assert "body $.a: Expected 1 but got &lt;script&gt;" in page
    assert '<pre tabindex="0">GET /second</pre>' in page


async def test_pacticipants_are_listed_searched_and_paged(
    shop: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each with its main branch, newest version and labels, also one without a version; by name."""
    await shop.put("/pacticipants/Web/labels/ios")
    await shop.post("/pacticipants", json={"name": "Web & more"})

    page = await read_page(shop, "/pacticipants")
    found = await read_page(shop, "/pacticipants?q=WEB")
    nothing = await read_page(shop, "/pacticipants?q=nobody")
    monkeypatch.setattr("broker.pages.pacticipants.PACTICIPANTS_ON_A_PAGE", 1)
    second = await read_page(shop, "/pacticipants?q=WEB&page=2")

    rows = [
        [
            re.sub(r"<[^>]*>|[0-9-]+ [0-9:]+ UTC", "", cell)
            for cell in re.findall(r"<td [^>]*>(.*?)</td>", row)
        ]
        for row in re.findall(r"<tr>\n(.*?)</tr>", page, re.DOTALL)
    ]
    assert rows == [
        ["Hotel", "none", "7", "none"],
        ["Web", "main", "2", "ios"],
        ["Web &amp; more", "none", "none", "none"],
    ]
    assert ("Hotel", "/pacticipants/Hotel") in Links(page).found
    assert ("Hotel", "/pacticipants/Hotel") not in Links(found).found
    assert "No pacticipant has <code>nobody</code> in its name" in nothing
    assert ("Web & more", "/pacticipants/Web%20%26%20more") in Links(second).found
    assert ("Previous page", "/pacticipants?q=WEB&page=1") in Links(second).found


async def test_pacticipant_has_its_integrations_and_versions(shop: httpx.AsyncClient) -> None:
    """Both sides of each pact, and versions with branches, tags, environments and pacts, newest first."""
    await shop.put("/pacticipants/Web/versions/1/tags/dev")
    await shop.put("/pacticipants/Web/labels/ios")

    web = await read_page(shop, "/pacticipants/Web")
    hotel = await read_page(shop, "/pacticipants/Hotel")

    cells = [re.sub(r"<[^>]*>|\s+", " ", cell).split() for cell in re.findall(r"<td [^>]*>(.*?)</td>", web)]
    assert [cell for index, cell in enumerate(cells) if index % 5] == [
        ["main"], ["none"], ["none"], ["Hotel"],
        ["main"], ["dev"], ["none"], ["Hotel"],
    ]  # fmt: skip
    assert [cells[0][0], cells[5][0]] == ["2", "1"]
    assert "Labels: ios" in web
    assert 'aria-label="Providers that it uses">\n<h2>Providers that it uses</h2>\n<ul>' in web
    assert 'aria-label="Consumers that use it">\n<h2>Consumers that use it</h2>\n<ul>' in hotel
    assert '<td data-label="Environments">production</td>' in hotel


async def test_network_links_pacticipants(shop: httpx.AsyncClient) -> None:
    """The drawing has a box for each pacticipant, and the table the same as text."""
    page = await read_page(shop, "/integrations")

    assert re.findall(r'aria-label="([^"]*)"><rect', page) == ["Web", "Hotel"]
    assert '<path class="line unknown"' in page
    assert "<title>Web to Hotel</title>" in page


async def test_environment_has_what_is_deployed(shop: httpx.AsyncClient) -> None:
    """Each environment lists versions with how they came there."""
    page = await read_page(shop, "/environments")

    [production] = re.findall(r"Production</a>.*?</section>", page, re.DOTALL)
    assert "Hotel" in production
    assert ">deployed<" in production
    assert "Nothing is recorded here" in page


async def test_long_pages_are_cut(shop: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is in an environment, and webhooks; an environment among others links to its own further pages."""
    monkeypatch.setattr("broker.pages.environments.VERSIONS_ON_A_PAGE", 1)
    monkeypatch.setattr("broker.pages.webhooks.WEBHOOKS_ON_A_PAGE", 1)
    await shop.post("/webhooks", json=webhook("https://b.example.org/", "contract_published"))
    environments = (await shop.get("/environments?name=production")).json()["_embedded"]["environments"]
    uuid = environments[0]["uuid"]
    await shop.post(f"/pacticipants/Web/versions/1/released-versions/environment/{uuid}", json={})

    first, second = await read_page(shop, "/environments"), f"/environments/{uuid}?page=2"
    webhooks = [await read_page(shop, f"/webhooks?page={number}") for number in (1, 2)]

    names = [
        re.findall(r'data-label="Pacticipant"><a [^>]*>([^<]*)', page)
        for page in (first, await read_page(shop, second))
    ]
    assert names == [["Hotel"], ["Web"]]
    assert ("Next page", second) in Links(first).found
    assert [page.count('data-label="Webhook"') for page in webhooks] == [1, 1]
    assert ("Next page", "/webhooks?page=2") in Links(webhooks[0]).found


async def test_webhook_has_its_history_and_no_secret(shop: httpx.AsyncClient) -> None:
    """Two publications triggered it; its header is masked."""
    request = {"headers": {"Authorization": "Bearer 4711"}, "body": MARKUP}
    await shop.put(HOOK, json=webhook("https://ci.example.org/hook", "contract_published", request=request))

    page = await read_page(shop, HOOK)

    assert page.count("? waiting") == 2
    assert "authorization: **********" in page
    assert "4711" not in page
    assert MARKUP not in page


@pytest.mark.parametrize(
    "href", ["/", "/matrix", "/integrations", "/matrix?q[][pacticipant]=<script>alert(1)</script>"]
)
async def test_names_are_escaped(broker: httpx.AsyncClient, href: str) -> None:
    """A name with markup is text on every page."""
    await publish(broker, MARKUP, MARKUP, consumer=MARKUP)

    page = await read_page(broker, href)

    assert "<script" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


@pytest.mark.parametrize("href", [f"{PACT}0", "/environments/none", "/webhooks/none", "/pacticipants/none"])
async def test_missing_page_is_not_found(shop: httpx.AsyncClient, href: str) -> None:
    """An unknown address is 404 for a browser too."""
    assert (await shop.get(href, headers={"Accept": "text/html"})).status_code == 404


async def test_write_to_the_address_of_a_page_is_a_write(shop: httpx.AsyncClient) -> None:
    """A client that accepts HTML too can still send POST and DELETE."""
    headers = {"Accept": "text/html,application/json"}

    created = await shop.post(
        "/webhooks", json=webhook("https://ci.example.org/", "contract_published"), headers=headers
    )

    assert created.status_code == 201
    assert (await shop.delete(HOOK, headers=headers)).status_code == 204


@pytest.mark.parametrize(
    ("href", "status", "text"),
    [
        ("/pacticipants/Nobody", 404, "No pacticipant with name 'Nobody' found"),
        ("/nowhere", 404, "The requested document was not found on this server."),
        ("/pacts/provider/Hotel/consumer/Web/version/99", 404, "The requested document was not found on this server."),
        ("/environments?nmae=test", 400, "nmae: there is no parameter 'nmae': did you mean 'name'?"),
        (f"/pacticipants/{'x' * 256}", 400, "pacticipant: must have at most 255 characters"),
    ],
)  # fmt: skip
async def test_browser_gets_an_error_as_a_page(
    shop: httpx.AsyncClient, href: str, status: int, text: str
) -> None:
    """With a way back; clients get JSON."""
    page = await read_page(shop, href, status)
    client = await shop.get(href)

    assert f"<li>{html.escape(text, quote=True).replace('&#x27;', '&#39;')}</li>" in page
    assert ("All pacticipants", "/pacticipants") in Links(page).found
    assert (client.status_code, "json" in client.headers["content-type"]) == (status, True)


async def test_error_page_shows_names_as_text(shop: httpx.AsyncClient) -> None:
    """A name in an address is no markup."""
    response = await shop.get(
        "/pacticipants/%3Cscript%3Ealert(1)%3C%2Fscript%3E", headers={"Accept": "text/html"}
    )

    assert (response.status_code, MARKUP in response.text) == (404, False)
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in response.text
    assert response.headers["content-security-policy"].startswith("default-src 'none';")
