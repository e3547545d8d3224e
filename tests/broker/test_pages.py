"""The pages for browsers: content negotiation, decisions with reasons, filters as links, and text that is escaped."""

from __future__ import annotations

import base64
import hashlib
import html
import re
from html.parser import HTMLParser

import httpx
import pytest

from tests.broker.payloads import pact, path, publication
from tests.broker.webhook_receiver import webhook

MARKUP = "<script>alert(1)</script>"
HOOK = "/webhooks/696c5f93-1b7f-44bc-8d03-59440fcaa9a0"
PACT = path("pacts", "provider", "Hotel", "consumer", "Web", "version", "2")
PAGES = (
    "/", "/matrix", "/matrix?q[][pacticipant]=Web&latestby=cvpv", "/integrations", "/environments", "/webhooks", HOOK, PACT,
    f"{PACT}/diff/previous-distinct",
)  # fmt: skip


class Links(HTMLParser):
    """Collects the texts and addresses of all links of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, str]] = []
        self._href: str | None = None
        self._text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin a link."""
        if tag == "a":
            self._href, self._text = dict(attrs).get("href"), ""

    def handle_data(self, data: str) -> None:
        """Add to the text of the link."""
        self._text += data

    def handle_endtag(self, tag: str) -> None:
        """End a link."""
        if tag == "a" and self._href is not None:
            self.found.append((self._text.strip(), self._href))


async def read_page(broker: httpx.AsyncClient, href: str = "/", status: int = 200) -> str:
    """Return a page as a browser gets it."""
    response = await broker.get(href, headers={"Accept": "text/html,*/*"})
    assert (response.status_code, response.headers["content-type"]) == (status, "text/html; charset=utf-8")
    return response.text


async def publish(broker: httpx.AsyncClient, version: str, content: str = "x", consumer: str = "Web") -> None:
    """Publish a pact with Hotel on the branch main."""
    body = publication(version, pact(consumer, "Hotel", content), branch="main")
    assert (await broker.post("/contracts/publish", json=body)).status_code == 200


@pytest.fixture
async def shop(broker: httpx.AsyncClient) -> httpx.AsyncClient:
    """A client of a broker with two versions of Web, a version of Hotel in production, and a webhook."""
    await broker.put(
        HOOK, json=webhook("https://ci.example.org/hook", "contract_published", description="Build")
    )
    await publish(broker, "1", "first")
    await publish(broker, "2", "second")
    await broker.put("/pacticipants/Hotel/versions/7", json={})
    environments = (await broker.get("/environments")).json()["_embedded"]["environments"]
    [uuid] = [item["uuid"] for item in environments if item["name"] == "production"]
    await broker.post(f"/pacticipants/Hotel/versions/7/deployed-versions/environment/{uuid}", json={})
    return broker


async def publish_result(broker: httpx.AsyncClient, *, success: bool) -> str:
    """Publish a result of Hotel 7 for Web 2 and return its address."""
    document = (await broker.get(PACT)).json()
    identifier = document["interactions"][0]["_id"]
    mismatches = [{"attribute": "body", "identifier": "$.a", "description": f"Expected 1 but got {MARKUP}"}]
    result = {
        "success": success,
        "providerApplicationVersion": "7",
        "testResults": [
            {"interactionId": identifier, "success": success, "mismatches": [] if success else mismatches}
        ],
    }
    href = document["_links"]["pb:publish-verification-results"]["href"]
    location: str = (await broker.post(href, json=result)).headers["location"]
    return location


@pytest.mark.parametrize("href", PAGES)
async def test_address_has_a_page_and_json(shop: httpx.AsyncClient, href: str) -> None:
    """A browser gets HTML, the official clients get JSON, and a policy allows a page nothing from elsewhere."""
    page = await shop.get(href, headers={"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"})
    clients = [
        await shop.get(href, headers={"Accept": accept})
        for accept in ("application/hal+json, application/json", "*/*")
    ]

    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    [style] = re.findall(r"<style>(.*)</style>", page.text, re.DOTALL)
    style_hash = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{style_hash}'; img-src 'self' data:;"
    assert page.headers["content-security-policy"].startswith(policy)
    assert "Accept" in page.headers["vary"]
    assert not any("html" in client.headers.get("content-type", "") for client in clients)


@pytest.mark.parametrize("href", PAGES)
async def test_page_loads_nothing_from_elsewhere(shop: httpx.AsyncClient, href: str) -> None:
    """Style and icon are part of the page, images are the broker's own badges, and there is no script."""
    page = await read_page(shop, href)

    links = re.findall(r'<link[^>]* href="([^"]*)"', page)
    sources = re.findall(r"""(?:src|srcset|url\(|@import)\s*=?\s*["']?([^"'\s>)]*)""", page)
    assert [link.split(":")[0] for link in links] == ["data"]
    assert all(source.startswith("http://broker/") and source.endswith("/badge.svg") for source in sources)
    assert "<script" not in page


@pytest.mark.parametrize("href", PAGES)
async def test_every_link_leads_somewhere(shop: httpx.AsyncClient, href: str) -> None:
    """All links are to the broker itself and respond with 200."""
    hrefs = {link for _, link in Links(await read_page(shop, href)).found if not link.startswith("#")}

    assert len(hrefs) >= 5
    for link in hrefs:
        assert link.startswith("http://broker/")
        response = await shop.get(link, headers={"Accept": "text/html,*/*"})
        assert response.status_code == 200, link


async def test_first_page_shows_decision_reason_and_command(shop: httpx.AsyncClient) -> None:
    """The newest version has a decision for every environment, the reason and the command to run."""
    page = html.unescape(await read_page(shop))

    assert "<code>2</code> on main" in page
    assert page.count("? unknown") == 2
    assert (
        "The pact between Web (2) and Hotel has no verification result from any version of Hotel currently in production"
        in page
    )
    assert "There is no version of Hotel currently in test, which Web (2) has a pact with" in page
    command = "pact-broker can-i-deploy --pacticipant Web --version 2 --to-environment production --broker-base-url http://broker"
    assert f"<code>{command}</code>" in page


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

    assert "<code>2</code> on main" in page
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
    assert ("Next page", "http://broker/?q=ALPHA&page=2") in Links(pages[0]).found
    assert ("Previous page", "http://broker/?q=ALPHA&page=1") in Links(pages[1]).found
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
    assert "<code>2</code> on main" in await read_page(shop, f"/?page={page}")


async def test_matrix_has_rows_and_filters_as_links(shop: httpx.AsyncClient) -> None:
    """Each filter is a link that keeps the others, and the current value is marked."""
    await publish_result(shop, success=False)
    page = await read_page(shop, "/matrix?q[][pacticipant]=Web&latestby=cvpv&environment=production")

    links = dict(Links(page).found)
    kept = "q%5B%5D%5Bpacticipant%5D=Web&environment=production"
    assert (
        links["failed"]
        == "http://broker/matrix?q%5B%5D%5Bpacticipant%5D=Web&latestby=cvpv&environment=production&success%5B%5D=false"
    )
    assert links["every result"] == f"http://broker/matrix?{kept}"
    assert (
        links["in test"] == "http://broker/matrix?q%5B%5D%5Bpacticipant%5D=Web&latestby=cvpv&environment=test"
    )
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


@pytest.mark.parametrize("href", [f"{PACT}0", "/environments/none", "/webhooks/none"])
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
