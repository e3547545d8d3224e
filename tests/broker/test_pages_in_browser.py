"""The pages in headless Chromium: nothing is cut off on a desktop or a phone, and all is reached by keyboard."""

from __future__ import annotations

import asyncio
from pathlib import Path

import httpx
import pytest

from tests.broker.conftest import broker_client
from tests.broker.payloads import pact, path, publication
from tests.broker.webhook_receiver import webhook
from tests.browser import Page

HOOK = "/webhooks/696c5f93-1b7f-44bc-8d03-59440fcaa9a0"
LONG = "a-long-name-" * 6
PACT = path("pacts", "provider", LONG, "consumer", "Web", "version", "1")
MATRIX = "/matrix?q[][pacticipant]=Web&latestby=cvpv"

CONTRAST = """(() => {
  const channel = value => { value /= 255; return value <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4; };
  const luminance = color => { const [r, g, b] = color.match(/[0-9.]+/g).map(Number); return 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b); };
  const background = luminance(matchMedia('(prefers-color-scheme: dark)').matches ? 'rgb(18, 18, 18)' : 'rgb(255, 255, 255)');
  return Math.min(...[...document.querySelectorAll('a, p, td, .verdict, ins, del')].map(element => {
    const text = luminance(getComputedStyle(element).color);
    return (Math.max(text, background) + 0.05) / (Math.min(text, background) + 0.05);
  }));
})()"""
"""The lowest contrast of a text to the page, as WCAG 2 defines it."""

SMALLEST_PROBLEMS = """[
  ...[...document.querySelectorAll('input:not([type=hidden])')].filter(item => !item.labels.length).map(item => 'input without a label'),
  ...[...document.querySelectorAll('img')].filter(item => !item.hasAttribute('alt')).map(item => 'image without a text'),
  ...[...document.querySelectorAll('a')].filter(item => !item.textContent.trim() && !item.ariaLabel).map(item => 'link without a text'),
  ...(document.querySelectorAll('h1').length === 1 ? [] : ['not one first heading']),
  ...(document.querySelectorAll('main').length === 1 ? [] : ['not one main part']),
]"""


async def write_shop(broker: httpx.AsyncClient) -> None:
    """Publish pacts with long names, a failed result and a webhook."""
    await broker.put(
        HOOK, json=webhook(f"https://ci.example.org/{LONG}", "contract_published", description=LONG)
    )
    await broker.post("/contracts/publish", json=publication("0", pact("Web", LONG, "old")))
    published = pact("Web", LONG, LONG)
    published["interactions"][0]["providerStates"] = [{"name": LONG, "params": {LONG: LONG}}]
    await broker.post("/contracts/publish", json=publication("1", published, branch="main"))
    document = (await broker.get(PACT)).json()
    test_results = [
        {
            "interactionId": document["interactions"][0]["_id"],
            "success": False,
            "mismatches": [{"attribute": "body", "description": LONG}],
        }
    ]
    result = {"success": False, "providerApplicationVersion": LONG, "testResults": test_results}
    await broker.post(document["_links"]["pb:publish-verification-results"]["href"], json=result)


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """A file with each kind of page; the first one is the first page."""
    folder = tmp_path_factory.mktemp("pages")

    async def save_all() -> list[Path]:
        async with broker_client() as broker:
            await write_shop(broker)
            hrefs = await hrefs_of_pages(broker)
            return [await save_page(broker, href, folder, number) for number, href in enumerate(hrefs)]

    return asyncio.run(save_all())


async def hrefs_of_pages(broker: httpx.AsyncClient) -> tuple[str, ...]:
    """Return a link to each kind of page."""
    document = (await broker.get(PACT)).json()
    result = (await broker.get(document["_links"]["pb:latest-verification-results"]["href"])).json()
    return (
        "/", "/pacticipants", "/pacticipants/Web", "/matrix", MATRIX, "/integrations", "/environments", "/webhooks", HOOK, PACT, f"{PACT}/diff/previous-distinct",
        result["_links"]["self"]["href"], path("pacts", "provider", LONG, "provider-states", "branch", "main"),
    )  # fmt: skip


async def save_page(broker: httpx.AsyncClient, href: str, folder: Path, number: int) -> Path:
    """Store a page in a folder and return the file."""
    file = folder / f"{number}.html"
    file.write_text((await broker.get(href, headers={"Accept": "text/html"})).text)
    return file


@pytest.mark.parametrize(("width", "color_scheme"), [(1200, "light"), (390, "dark")])
def test_pages_fit_and_can_be_read(pages: list[Path], browser: Page, width: int, color_scheme: str) -> None:
    """On a desktop in light and on a phone in dark: no page is wider than the window, and every text has contrast."""
    for file in pages:
        browser.open(file, width, color_scheme, is_mobile=width < 500)

        assert browser.evaluate("document.documentElement.scrollWidth") <= width, file.read_text()
        assert browser.evaluate(CONTRAST) >= 4.5, file.read_text()
        assert browser.evaluate(SMALLEST_PROBLEMS) == [], file.read_text()


@pytest.mark.parametrize("width", [1200, 390])
async def test_first_page_has_room_for_the_commands_of_many_environments(
    broker: httpx.AsyncClient, browser: Page, tmp_path: Path, width: int
) -> None:
    """Ten columns would have the width of a word each; every status has the name of its environment beside it."""
    await write_shop(broker)
    for number in range(8):
        await broker.post("/environments", json={"name": f"stage-{number}", "production": False})
    file = await save_page(broker, "/", tmp_path, 0)

    browser.open(file, width, "light", is_mobile=width < 500)

    widths = "Math.min(...[...document.querySelectorAll('td')].map(item => item.offsetWidth))"
    label = "getComputedStyle(document.querySelector('td'), '::before').content"
    assert browser.evaluate(widths) >= 200
    assert browser.evaluate("document.documentElement.scrollWidth") <= width
    assert browser.evaluate("document.querySelectorAll('tbody tr:first-child td').length") == 10
    assert browser.evaluate(label) == '"Production"'


def test_page_is_used_by_keyboard(pages: list[Path], browser: Page) -> None:
    """The first key leads to the content, and every link, field and long text is reached."""
    browser.open(pages[0], 1200, "light")

    browser.press("Tab")
    first = browser.evaluate("document.activeElement.textContent")
    is_visible = browser.evaluate("document.activeElement.getBoundingClientRect().left >= 0")
    reached = 1
    while browser.evaluate("document.activeElement !== document.body") and reached < 100:
        browser.press("Tab")
        reached += 1

    assert (first, is_visible) == ("Skip to the content", True)
    assert reached - 1 == browser.evaluate(
        "document.querySelectorAll('a[href], input, button, [tabindex=\"0\"]').length"
    )
