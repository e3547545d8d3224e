"""Names are readable by every link or refused with the reason; lengths, lists, pages and bodies are bounded."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from broker import web as broker_web
from tests.broker.conftest import broker_client
from tests.broker.payloads import pact, path, publication

NAMES = ["1.0-€", "v-ż", "a\ue000b", "\N{GRINNING FACE}", "a/b", "%FF", "%2F", "a%00b", "latest", "{x", "x}", "a.b", "...", "a;b=c", "<b>&'\"", "\u200b"]  # fmt: skip
READ_ONLY_RELS = {"pb:publish-verification-results"}


def links_in(body: Any) -> Iterator[str]:
    """Yield every link in a body that is no template."""
    if isinstance(body, dict):
        if isinstance(body.get("href"), str) and not body.get("templated"):
            yield body["href"]
        for key, value in body.items():
            if key not in READ_ONLY_RELS:
                yield from links_in(value)
    elif isinstance(body, list):
        for item in body:
            yield from links_in(item)


@pytest.fixture(scope="module")
def statuses_of_plain_name() -> Counter[int]:
    """How often each status is the answer to a link of a name without special characters."""

    async def follow() -> Counter[int]:
        async with broker_client() as client:
            return await follow_links(client, "plain")

    return asyncio.run(follow())


@pytest.mark.parametrize("name", NAMES)
async def test_name_is_readable_by_every_link(
    broker: httpx.AsyncClient, statuses_of_plain_name: Counter[int], name: str
) -> None:
    """Each link of a plain name leads to something or, such as that to the previous pact, to nothing; so do those of any name."""
    of_name = await follow_links(broker, name)

    assert of_name == statuses_of_plain_name
    assert of_name[200] > 10
    assert of_name.keys() <= {200, 404, 406}


async def follow_links(broker: httpx.AsyncClient, name: str) -> Counter[int]:
    """Publish and verify a pact whose names all contain a name, and return how often each status is the answer to a link."""
    consumer, provider = f"C{name}", f"P{name}"
    body = publication(name, pact(consumer, provider, "x"), branch=name, tags=[name])
    assert (await broker.post("/contracts/publish", json=body)).status_code == 200
    latest = await broker.get(path("pacts", "provider", provider, "consumer", consumer, "latest"))
    result = {"success": True, "providerApplicationVersion": name}
    await broker.post(latest.json()["_links"]["pb:publish-verification-results"]["href"], json=result)

    waiting = [path("pacticipants", consumer), path("pacticipants", consumer, "versions", name)]
    waiting.append(path("pacts", "provider", provider, "consumer", consumer, "latest"))
    seen, statuses = set(waiting), Counter[int]()
    while waiting:
        response = await broker.get(waiting.pop())
        statuses[response.status_code] += 1
        for href in links_in(response.json()) if response.status_code == 200 else ():
            link = href.removeprefix("http://broker")
            # lists have the pacts of other names too; recording a deployment is a POST
            if link not in seen and quote(name, safe="") in link and "/environment/" not in link:
                seen.add(link)
                waiting.append(link)
    return statuses


@pytest.mark.parametrize(
    ("name", "message"),
    [
        (".", "cannot be '.' or '..', which have a meaning of their own in a URL"),
        ("..", "cannot be '.' or '..', which have a meaning of their own in a URL"),
        ("{tag}", "cannot be in braces, which mark what clients fill in"),
        ("n" * 256, "must have at most 255 characters"),
        ("a\nb", "cannot contain multiple lines"),
        ("a\0b", "cannot contain control characters"),
        ("a\x85b", "cannot contain control characters"),
        (" ", "can't be blank"),
    ],
    ids=["dot", "dots", "template", "long", "newline", "NUL", "NEL", "blank"],
)
async def test_name_that_no_link_can_have_is_refused(
    broker: httpx.AsyncClient, name: str, message: str
) -> None:
    """In every field that names something, with the reason; nothing is stored."""
    document = pact("A", "B", "x")
    fields = {
        "pacticipantName": publication("1", pact(name, "B", "x")),
        "pacticipantVersionNumber": publication(name, document),
        "branch": publication("1", document, branch=name),
        "tags": publication("1", document, tags=[name]),
        "contracts": publication("1", pact("A", name, "x")),
    }

    errors = {}
    for field, body in fields.items():
        response = await broker.post("/contracts/publish", json=body)
        assert response.status_code == 400
        errors[field] = response.json()["errors"][field][0]

    assert errors == {
        "pacticipantName": message,
        "pacticipantVersionNumber": message,
        "branch": message,
        "tags": f"{message} (at index 0)",
        "contracts": f"providerName {message} (at index 0)",
    }
    assert (await broker.get("/pacticipants")).json()["pacticipants"] == []


@pytest.mark.parametrize("name", ["%20", "%7Bversion%7D", "n" * 256])
async def test_name_in_a_path_follows_the_same_rules(broker: httpx.AsyncClient, name: str) -> None:
    """A PUT creates what its path names."""
    for url_path in (f"/pacticipants/{name}/versions/1", f"/pacticipants/A/versions/{name}"):
        assert (await broker.put(url_path, json={})).status_code == 400

    assert (await broker.get("/pacticipants")).json()["pacticipants"] == []


@pytest.mark.parametrize("field", ["interactions", "messages"])
@pytest.mark.parametrize("value", ["x", {}, None, 7, [1], [[]], [None]], ids=repr)
async def test_interactions_that_are_no_list_of_objects_are_refused(
    broker: httpx.AsyncClient, field: str, value: Any
) -> None:
    """A pact that no verifier can read is not published."""
    document = pact("A", "B", "x") | {field: value}

    response = await broker.post("/contracts/publish", json=publication("1", document))

    assert (response.status_code, response.json()["errors"]) == (
        400,
        {"contracts": [f"content {field} must be a list of objects (at index 0)"]},
    )


@pytest.mark.parametrize(
    ("method", "url_path", "body", "field"),
    [
        ("POST", "/contracts/publish", publication("1", pact("A", "B", "x"), tags=["t"] * 101), "tags"),
        ("POST", "/contracts/publish", publication("1", *[pact("A", "B", "x")] * 101), "contracts"),
        ("PUT", "/pacticipants/A/versions/1", {"tags": [{"name": "t"}] * 101}, "tags"),
        ("POST", "/environments", {"name": "e", "production": True, "contacts": [{"name": "x"}] * 101}, "contacts"),
        ("POST", "/pacts/provider/P/for-verification", {"consumerVersionSelectors": [{"latest": True}] * 101}, "consumerVersionSelectors"),
        ("POST", "/pacts/provider/P/for-verification", {"providerVersionTags": ["t"] * 101}, "providerVersionTags"),
    ],
)  # fmt: skip
async def test_long_list_is_refused(
    broker: httpx.AsyncClient, method: str, url_path: str, body: dict[str, Any], field: str
) -> None:
    """Each item costs queries, so that an unbounded list would hold all other requests."""
    await broker.post("/pacticipants", json={"name": "P"})

    response = await broker.request(method, url_path, json=body)

    assert (response.status_code, response.json()["errors"]) == (
        400,
        {field: ["must have at most 100 items"]},
    )


async def test_many_selectors_in_a_matrix_query_are_refused(broker: httpx.AsyncClient) -> None:
    """As for a list in a body."""
    query = "&".join(f"q[][pacticipant]=P{number}" for number in range(101))

    response = await broker.get(f"/matrix?{query}")

    assert (response.status_code, response.json()["errors"]) == (
        400,
        ["a query can have at most 100 selectors"],
    )


@pytest.mark.parametrize(
    "url_path", ["/pacticipants", "/pacticipants/A/versions", "/pacticipants/A/branches"]
)
async def test_page_of_more_than_1000_items_is_refused(broker: httpx.AsyncClient, url_path: str) -> None:
    """The largest page is allowed."""
    await broker.post("/pacticipants", json={"name": "A"})

    largest = await broker.get(f"{url_path}?size=1000")
    larger = await broker.get(f"{url_path}?size=1001")

    assert largest.status_code == 200
    assert (larger.status_code, larger.json()["errors"]) == (400, {"size": ["must be at most 1000"]})


async def test_body_that_is_too_long_is_refused(
    broker: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The body is counted while it arrives."""
    monkeypatch.setattr(broker_web, "MAX_BODY_BYTES", 1000)

    response = await broker.post("/pacticipants", json={"name": "A", "displayName": "x" * 1000})

    assert (response.status_code, response.json()) == (
        413,
        {"errors": {"": ["the body must have at most 1000 bytes"]}},
    )


async def test_text_that_is_too_long_is_refused(broker: httpx.AsyncClient) -> None:
    """A URL may be longer than a name."""
    long_url = await broker.post("/pacticipants", json={"name": "A", "repositoryUrl": "u" * 2001})
    long_title = await broker.post("/pacticipants", json={"name": "A", "displayName": "d" * 256})
    allowed = await broker.post("/pacticipants", json={"name": "A", "repositoryUrl": "u" * 2000})

    assert long_url.json() == {"errors": {"repositoryUrl": ["must have at most 2000 characters"]}}
    assert long_title.json() == {"errors": {"displayName": ["must have at most 255 characters"]}}
    assert allowed.status_code == 201


@pytest.mark.parametrize("field", ["applicationInstance", "target"])
async def test_instance_that_is_a_number_becomes_text(broker: httpx.AsyncClient, field: str) -> None:
    """As at the official broker; true is no number."""
    environment = (await broker.get("/environments")).json()["_embedded"]["environments"][0]["uuid"]
    await broker.put("/pacticipants/A/versions/1", json={})
    path = f"/pacticipants/A/versions/1/deployed-versions/environment/{environment}"

    recorded = []
    for number in ("5", "0", "1.50"):
        content = f'{{"{field}": {number}}}'
        response = await broker.post(path, content=content, headers={"Content-Type": "application/json"})
        recorded.append((response.status_code, response.json()["applicationInstance"]))
    refused = await broker.post(path, json={field: True})

    assert recorded == [(201, "5"), (201, "0"), (201, "1.50")]
    assert (refused.status_code, refused.json()["errors"]) == (400, {field: ["must be a string"]})
