"""Malformed names and bodies on every route get a 4xx response with an error that names the field, never 5xx."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from broker.domain.selectors import KEYS
from tests.broker.conftest import broker_client
from tests.broker.payloads import contract, pact, path, publication

Check = Callable[[httpx.AsyncClient], Coroutine[Any, Any, None]]
MERGE_PATCH = "application/merge-patch+json"
VERSION = "/pacticipants/A/versions/1"
WRITE_ROUTES: dict[str, tuple[str, str, dict[str, Any]]] = {
    "publish": (
        "POST",
        "/contracts/publish",
        publication("2", pact("A", "B", "x"), branch="main", tags=["dev"]),
    ),
    "create pacticipant": ("POST", "/pacticipants", {"name": "C", "mainBranch": "main", "displayName": "C"}),
    "replace pacticipant": ("PUT", "/pacticipants/A", {"repositoryUrl": "http://x", "repositoryName": "x"}),
    "patch pacticipant": ("PATCH", "/pacticipants/A", {"repositoryNamespace": "x", "displayName": "A"}),
    "put version": ("PUT", VERSION, {"buildUrl": "http://x", "tags": [{"name": "dev"}]}),
    "patch version": ("PATCH", VERSION, {"buildUrl": "http://x", "tags": [{"name": "dev"}]}),
    "create environment": (
        "POST",
        "/environments",
        {"name": "e", "displayName": "E", "production": True, "contacts": [{"name": "x"}]},
    ),
    "record deployment": (
        "POST",
        f"{VERSION}/deployed-versions/environment/ENVIRONMENT",
        {"applicationInstance": "x", "target": "x"},
    ),
    "end deployment": ("PATCH", "/deployed-versions/DEPLOYMENT", {"currentlyDeployed": False}),
    "publish result": (
        "POST",
        "RESULTS",
        {
            "success": True,
            "providerApplicationVersion": "1",
            "buildUrl": "http://x",
            "verifiedBy": {},
            "testResults": [],
        },
    ),
    "list pacts to verify": (
        "POST",
        "/pacts/provider/B/for-verification",
        {
            "providerVersionBranch": "main",
            "providerVersionTags": ["dev"],
            "includePendingStatus": True,
            "includeWipPactsSince": "2026-01-01",
            "consumerVersionSelectors": [{"latest": True}],
        },
    ),
}
FIELDS = [(route, field) for route, (_, _, body) in WRITE_ROUTES.items() for field in body]
WRONG_EVERYWHERE = [7, [7], [[]], "\ud800", ["\ud800"]]
"""Values that no field of any route accepts."""
ANY_JSON = st.recursive(
    # RFC 8259 has neither NaN nor infinity; a test of their own sends them
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=5),
    lambda children: (
        st.lists(children, max_size=3) | st.dictionaries(st.text(max_size=5), children, max_size=3)
    ),
    max_leaves=6,
)


@asynccontextmanager
async def prepared_broker() -> AsyncIterator[httpx.AsyncClient]:
    """Yield a client of a broker with a pact of A 1 with B."""
    async with broker_client() as client:
        await client.post("/contracts/publish", json=publication("1", pact("A", "B", "x")))
        yield client


def with_broker(check: Check) -> None:
    """Run a check against a broker of its own."""

    async def run() -> None:
        async with prepared_broker() as client:
            await check(client)

    asyncio.run(run())


@pytest.fixture(scope="module")
def with_shared_broker() -> Iterator[Callable[[Check], None]]:
    """Return a function that runs checks against one broker, whose requests are refused and change nothing."""
    with asyncio.Runner() as runner:
        stack = AsyncExitStack()
        client = runner.run(stack.enter_async_context(prepared_broker()))
        before = runner.run(client.get("/pacticipants")).json()
        yield lambda check: runner.run(check(client))
        after = runner.run(client.get("/pacticipants")).json()
        runner.run(stack.aclose())
    assert after == before


async def environment_uuid(client: httpx.AsyncClient) -> str:
    """Return the UUID of an environment."""
    uuid: str = (await client.get("/environments")).json()["_embedded"]["environments"][0]["uuid"]
    return uuid


async def send(client: httpx.AsyncClient, route: str, changes: dict[str, Any]) -> httpx.Response:
    """Send a valid request of a route with some fields changed."""
    method, url_path, body = WRITE_ROUTES[route]
    if "ENVIRONMENT" in url_path:
        url_path = url_path.replace("ENVIRONMENT", await environment_uuid(client))
    if "DEPLOYMENT" in url_path:
        deployments = f"{VERSION}/deployed-versions/environment/{await environment_uuid(client)}"
        recorded = await client.post(deployments, json={})
        url_path = url_path.replace("DEPLOYMENT", recorded.json()["uuid"])
    if url_path == "RESULTS":
        document = (await client.get("/pacts/provider/B/consumer/A/latest")).json()
        url_path = document["_links"]["pb:publish-verification-results"]["href"]
    headers = {"Content-Type": MERGE_PATCH if method == "PATCH" else "application/json"}
    return await client.request(method, url_path, content=json.dumps(body | changes), headers=headers)


@pytest.mark.parametrize("route", WRITE_ROUTES)
def test_valid_request_is_accepted(route: str) -> None:
    """The unchanged request of every route succeeds, so that the other tests see errors of the changed field only."""

    async def check(client: httpx.AsyncClient) -> None:
        assert (await send(client, route, {})).is_success

    with_broker(check)


@pytest.mark.parametrize(("route", "field"), FIELDS)
def test_wrong_type_returns_400_naming_the_field(
    with_shared_broker: Callable[[Check], None], route: str, field: str
) -> None:
    """Every field of every write route rejects values of a wrong type by its name."""

    async def check(client: httpx.AsyncClient) -> None:
        for value in WRONG_EVERYWHERE:
            if field == "testResults" and isinstance(value, list) and value != ["\ud800"]:
                continue  # old clients send any list or object here
            if field in {"applicationInstance", "target"} and value == 7:
                continue  # a number is read as its text
            response = await send(client, route, {field: value})
            assert response.status_code == 400, value
            assert list(response.json()["errors"]) == [field], value

    with_shared_broker(check)


@settings(max_examples=60)
@given(data=st.data())
def test_any_json_in_any_field_is_never_a_server_error(data: st.DataObject) -> None:
    """Arbitrary JSON in a field is accepted or gets a 4xx response with a documented error body."""
    route, field = data.draw(st.sampled_from(FIELDS))
    value = data.draw(
        ANY_JSON | st.lists(st.dictionaries(st.sampled_from(SELECTOR_KEYS), ANY_JSON), max_size=2)
    )

    async def check(client: httpx.AsyncClient) -> None:
        response = await send(client, route, {field: value})
        assert response.status_code < 500
        if response.is_error:
            assert {"error", "errors"} & response.json().keys()

    with_broker(check)


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("value", [7, [], {}, "", " ", "a\0b"], ids=repr)
def test_wrong_type_in_a_selector_returns_400_naming_the_selector(
    with_shared_broker: Callable[[Check], None], key: str, value: Any
) -> None:
    """Every field of a consumer version selector rejects values of a wrong type with its index."""

    async def check(client: httpx.AsyncClient) -> None:
        response = await send(client, "list pacts to verify", {"consumerVersionSelectors": [{key: value}]})
        assert response.status_code == 400
        messages = response.json()["errors"]["consumerVersionSelectors"]
        assert any(key in message and "(at index 0)" in message for message in messages)

    with_shared_broker(check)


SELECTOR_KEYS = ["consumer", "tag", "branch", "environment", "latest", "deployed", "mainBranch", "name"]


@settings(max_examples=40)
@given(key=st.sampled_from(sorted(contract(pact("A", "B", "x")))), value=ANY_JSON)
def test_any_json_in_a_contract_is_never_a_server_error(key: str, value: Any) -> None:
    """Arbitrary JSON in a field of a contract is accepted or gets a 400 response naming the contract."""

    async def check(client: httpx.AsyncClient) -> None:
        item = contract(pact("A", "B", "x")) | {key: value, "onConflict": value}
        response = await send(client, "publish", {"contracts": [item]})
        assert response.status_code in {200, 400, 409}
        if response.is_error:
            assert list(response.json()["errors"]) == ["contracts"]

    with_broker(check)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("a\0b", "cannot contain control characters"),
        ("a\tb", "cannot contain control characters"),
        ("a\nb", "cannot contain multiple lines"),
        ("a\ud800b", "is not valid Unicode"),
    ],
    ids=["NUL", "tab", "newline", "surrogate"],
)
async def test_unusable_name_returns_400_naming_the_parameter(
    broker: httpx.AsyncClient, name: str, message: str
) -> None:
    """A name with control characters or half a surrogate pair is rejected in a path and in a body."""
    encoded = "".join(f"%{byte:02X}" for byte in name.encode("utf-8", "surrogatepass"))

    in_path = await broker.put(f"/pacticipants/A/branches/{encoded}/versions/1", json={})
    in_query_of_read = await broker.get(f"/pacticipants/{encoded}")
    in_body = await broker.post("/pacticipants", content=json.dumps({"name": name}), headers={"Content-Type": "application/json"})  # fmt: skip

    assert (in_path.status_code, in_path.json()) == (400, {"errors": {"branch": [message]}})
    assert (in_query_of_read.status_code, in_query_of_read.json()) == (
        400,
        {"errors": {"pacticipant": [message]}},
    )
    assert (in_body.status_code, in_body.json()) == (400, {"errors": {"name": [message]}})


async def test_version_number_outside_latin_1_is_readable(broker: httpx.AsyncClient) -> None:
    """The header with the version number is percent-encoded, and the self link keeps encoded slashes."""
    number = "ü/€\N{GRINNING FACE}"
    await broker.post("/contracts/publish", json=publication(number, pact("A/ü", "B/ö", "x")))

    latest = await broker.get(path("pacts", "provider", "B/ö", "consumer", "A/ü", "latest"))
    of_provider = await broker.get(path("pacts", "provider", "B/ö", "latest"))

    assert latest.headers["x-pact-consumer-version"] == "%C3%BC/%E2%82%AC%F0%9F%98%80"
    assert latest.json()["_links"]["pb:consumer-version"]["name"] == number
    assert of_provider.json()["_links"]["self"]["href"] == "http://broker/pacts/provider/B%2F%C3%B6/latest"


async def test_version_number_with_outer_spaces_keeps_them_in_the_header(broker: httpx.AsyncClient) -> None:
    """A client removes spaces around a header's value, and would read another version number."""
    await broker.post("/contracts/publish", json=publication(" 1 0  ", pact("A", "B", "x")))

    response = await broker.get("/pacts/provider/B/consumer/A/latest")

    assert response.headers["x-pact-consumer-version"] == "%201 0%20%20"


@pytest.mark.parametrize("url_path", ["/", "/pacticipants", "/environments", "/pacticipants/none", "/none"])
async def test_head_equals_get_without_body(broker: httpx.AsyncClient, url_path: str) -> None:
    """HEAD has the status and headers of GET, and no body."""
    read, head = await broker.get(url_path), await broker.head(url_path)

    assert (head.status_code, dict(head.headers), head.content) == (read.status_code, dict(read.headers), b"")
