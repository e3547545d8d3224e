"""Any request to any route: never a 5xx response, and every list works afterwards."""

from __future__ import annotations

import asyncio
import json
from typing import Any
from urllib.parse import quote, unquote

from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.routing import Route
from starlette.types import ASGIApp, Message

from broker.app import RESOURCES, create_app
from broker.database import Database
from tests.broker.payloads import pact, path, publication
from tests.broker.test_malformed_input import ANY_JSON, WRITE_ROUTES

LISTS = (
    "/", "/pacticipants", "/environments", "/pacts/latest", path("pacticipants", "A", "versions"),
    path("pacticipants", "A", "branches"), "/pacts/provider/B/latest", "/pacts/provider/B/for-verification",
    "/matrix?q[][pacticipant]=A&latestby=cvp&latest=true", "/pacts/provider/B/consumer/A/latest",
)  # fmt: skip
KNOWN_NAMES = st.sampled_from(["A", "B", "1", "main", "dev", "latest", "test", "production"])
SEGMENTS = st.one_of(
    KNOWN_NAMES,
    st.sampled_from(["%FF", "%00", "%0A", "%2F", "%ED%A0%80", "%EE%80%80", "..", "%2e%2e", "%7Btag%7D", "9" * 5000, "é", "%", ";"]),
    st.text(max_size=8).map(lambda text: quote(text.encode("utf-8", "surrogatepass"), safe="")),
    st.binary(max_size=8).map(lambda raw: quote(raw, safe="")),
)  # fmt: skip
KEYS = st.sampled_from([
    "q[][pacticipant]", "q[][version]", "q[][branch]", "q[][latest]", "ignore[][pacticipant]", "environment", "limit",
    "page", "size", "name", "pacticipant", "version", "to", "latestby", "success[]", "rules", "q", "days", "tag",
])  # fmt: skip
QUERIES = st.lists(st.tuples(KEYS | st.text(max_size=5), SEGMENTS), max_size=4).map(
    lambda pairs: "&".join(f"{quote(key, safe='[]')}={value}" for key, value in pairs)
)
FIELDS = sorted({field for _, _, body in WRITE_ROUTES.values() for field in body})
BODIES = st.one_of(
    st.none(),
    st.binary(max_size=20),
    ANY_JSON.map(lambda value: json.dumps(value).encode()),
    st.dictionaries(st.sampled_from(FIELDS), ANY_JSON | KNOWN_NAMES, max_size=4).map(
        lambda value: json.dumps(value).encode()
    ),
    st.sampled_from([body for _, _, body in WRITE_ROUTES.values()]).map(lambda value: json.dumps(value).encode()),
    st.sampled_from([b'{"name": "\\ud83d"}', b'{"a": 1E400}', b'{"\\ud83d": 1}', b"[" * 3000, b'{"n": ' + b"9" * 5000 + b"}"]),
)  # fmt: skip
TYPES = st.sampled_from(["application/json", "application/merge-patch+json", "text/plain", ""])


ROUTES = sorted(
    (method, route.path)
    for resource in RESOURCES
    for route in resource.router.routes
    if isinstance(route, Route)
    for method in route.methods or ()
)
# one for all examples, because it takes longer to create than to send a request
DATABASE = Database(":memory:")
APP = create_app(DATABASE)


@st.composite
def requests(draw: st.DrawFn) -> tuple[str, str, bytes | None, dict[str, str]]:
    """Return the method, URL, body and headers of a request to some route, sometimes with another method."""
    method, template = draw(st.sampled_from(ROUTES))
    segments = [draw(SEGMENTS) if segment.startswith("{") else segment for segment in template.split("/")]
    method = draw(st.sampled_from([method, method, method, "HEAD", "OPTIONS", "DELETE"]))
    query = draw(st.just("") | QUERIES)
    headers = {
        "Content-Type": draw(TYPES),
        "Accept": draw(st.sampled_from(["application/hal+json", "text/html", "*/*"])),
    }
    return method, "/".join(segments) + (f"?{query}" if query else ""), draw(BODIES), headers


@settings(max_examples=60)
@given(st.lists(requests(), min_size=1, max_size=10))
def test_any_request_is_answered_and_every_list_works_afterwards(requests: list[Any]) -> None:
    """Errors have a body that the official clients read, or are a page for browsers; nothing that is stored breaks a later answer."""

    async def check() -> None:
        DATABASE.execute("DELETE FROM pacticipants")
        body = json.dumps(publication("1", pact("A", "B", "x"), branch="main")).encode()
        await send(APP, "POST", "/contracts/publish", body, {"Content-Type": "application/json"})
        for method, url, content, headers in requests:
            status, answer = await send(APP, method, url, content, headers)
            assert status < 500, (method, url, content)
            if status == 400 and method == "GET" and headers["Accept"] == "text/html":
                assert b"<h1>This address is not valid</h1>" in answer, (url, content)
            elif status == 400 and method != "HEAD":
                assert {"error", "errors"} & json.loads(answer).keys(), (method, url, content)
        for url in LISTS:
            status, _ = await send(APP, "GET", url, None, {})
            assert status < 500, url

    asyncio.run(check())


async def test_query_of_bytes_that_are_no_text_is_refused() -> None:
    """Replaced by other characters, they would be another question."""
    DATABASE.execute("DELETE FROM pacticipants")
    body = json.dumps(publication("1", pact("A", "B", "x"))).encode()
    await send(APP, "POST", "/contracts/publish", body, {"Content-Type": "application/json"})

    status, answer = await send(APP, "GET", "/pacts/provider/B/latest?page=\xff\xfe", None, {})

    assert (status, json.loads(answer)) == (400, {"errors": {"": ["the query is not valid Unicode"]}})


async def send(
    app: ASGIApp, method: str, url: str, content: bytes | None, headers: dict[str, str]
) -> tuple[int, bytes]:
    """Return the status and the body of a request whose URL is used as it is; HTTP clients would normalize it."""
    path, _, query = url.partition("?")
    scope = {
        "type": "http", "method": method, "scheme": "http", "path": unquote(path), "raw_path": path.encode(),
        "query_string": query.encode("latin-1"), "root_path": "", "server": ("broker", 80), "client": ("127.0.0.1", 1),
        "headers": [(key.lower().encode(), value.encode()) for key, value in headers.items()],
    }  # fmt: skip
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": content or b""}

    async def collect(message: Message) -> None:
        sent.append(message)

    await app(scope, receive, collect)
    return sent[0]["status"], b"".join(message.get("body", b"") for message in sent)
