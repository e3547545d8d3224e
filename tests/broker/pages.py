"""Steps of the tests of pages: cause something, and read pages and their links."""

from __future__ import annotations

from html.parser import HTMLParser

import httpx

from tests.broker.payloads import pact, path, publication

MARKUP = "<script>alert(1)</script>"
HOOK = "/webhooks/696c5f93-1b7f-44bc-8d03-59440fcaa9a0"
PACT = path("pacts", "provider", "Hotel", "consumer", "Web", "version", "2")


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
