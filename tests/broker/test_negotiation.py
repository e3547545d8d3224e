"""Content negotiation and methods of the broker."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.broker.payloads import pact, publication

PROBLEM = "application/problem+json"
PACT = "/pacts/provider/Bar/consumer/Foo/version/1"


def accepting(*media_types: str) -> dict[str, str]:
    """Return an Accept header."""
    return {"Accept": ", ".join(media_types)}


async def publish(
    broker: httpx.AsyncClient, version: str = "1", content: str = "x", **fields: Any
) -> httpx.Response:
    """Publish a pact between Foo and Bar."""
    body = publication(version, pact("Foo", "Bar", content), **fields)
    response = await broker.post("/contracts/publish", json=body)
    response.raise_for_status()
    return response


async def test_validation_errors_as_problem(broker: httpx.AsyncClient) -> None:
    """Each error has a pointer to its field; a missing one has a type of its own."""
    response = await broker.post("/environments", json={"name": " "}, headers=accepting(PROBLEM))

    assert (response.status_code, response.headers["content-type"]) == (400, f"{PROBLEM};charset=utf-8")
    body = response.json()
    assert {key: body[key] for key in ("title", "type", "status", "instance")} == {
        "title": "Validation errors",
        "type": "http://broker/problems/validation-error",
        "status": 400,
        "instance": "/",
    }
    assert [(error["pointer"], error["type"].rpartition("/")[2]) for error in body["errors"]] == [
        ("/name", "invalid-body-property-value"),
        ("/name", "invalid-body-property-value"),
        ("/production", "missing-body-property"),
    ]


async def test_pointers_name_index_and_nested_field(broker: httpx.AsyncClient) -> None:
    """`(at index 0)` and dotted names become pointers."""
    await publish(broker)
    selectors = {"consumerVersionSelectors": [{"latest": True}, {"environment": "none"}]}

    first = await broker.post(
        "/pacts/provider/Bar/for-verification", json=selectors, headers=accepting(PROBLEM)
    )
    second = await broker.put(PACT, json=pact("Other", "Bar", "x"), headers=accepting(PROBLEM))

    assert [error["pointer"] for error in first.json()["errors"]] == ["/consumerVersionSelectors/1"]
    assert [error["pointer"] for error in second.json()["errors"]] == ["/consumer/name"]


async def test_errors_about_no_field_have_no_pointer(broker: httpx.AsyncClient) -> None:
    """A matrix query has no body."""
    response = await broker.get("/matrix?q[][pacticipant]=Nobody", headers=accepting(PROBLEM))

    assert [set(error) for error in response.json()["errors"]] == [{"type", "title", "detail"}]


@pytest.mark.parametrize("path", ["/nope", "/pacticipants/Nobody", "/pacticipants/Foo/versions/9"])
async def test_not_found_as_problem(broker: httpx.AsyncClient, path: str) -> None:
    """The text is there also if the client accepts nothing else, where the official broker sends an empty 406."""
    await publish(broker)

    response = await broker.get(path, headers=accepting(PROBLEM))

    assert (response.status_code, response.headers["content-type"]) == (404, f"{PROBLEM};charset=utf-8")
    body = response.json()
    assert (body["status"], body["title"], bool(body["detail"])) == (404, "Not found", True)


async def test_conflict_as_problem(broker: httpx.AsyncClient) -> None:
    """The reason of a conflict is not lost."""
    await publish(broker)

    body = publication("1", pact("Foo", "Bar", "y"))
    responses = [
        await broker.post("/contracts/publish", json=body, headers=accepting(PROBLEM)),
        await broker.put(PACT, json=pact("Foo", "Bar", "y"), headers=accepting(PROBLEM)),
    ]

    assert [(item.status_code, "different content" in item.json()["detail"]) for item in responses] == [
        (409, True)
    ] * 2


async def test_irreversible_change_as_problem(broker: httpx.AsyncClient) -> None:
    """A deployment cannot be reopened."""
    await publish(broker)
    environment = (await broker.get("/environments?name=test")).json()["_embedded"]["environments"][0]["uuid"]
    deployed = await broker.post(
        f"/pacticipants/Foo/versions/1/deployed-versions/environment/{environment}", json={}
    )

    response = await broker.patch(
        deployed.json()["_links"]["self"]["href"],
        content=b'{"currentlyDeployed": true}',
        headers={"Content-Type": "application/merge-patch+json", **accepting(PROBLEM)},
    )

    assert (response.status_code, response.json()["errors"][0]["pointer"]) == (422, "/currentlyDeployed")


async def test_wildcard_does_not_ask_for_problem(broker: httpx.AsyncClient) -> None:
    """The official CLI reads errors in the default format only."""
    response = await broker.get("/pacticipants/Nobody", headers=accepting("*/*"))

    assert response.json() == {"error": "No pacticipant with name 'Nobody' found"}


@pytest.mark.parametrize(
    ("accept", "status"),
    [
        ("application/hal+json", 200),
        ("application/json", 200),
        ("application/*;q=0.1", 200),
        ("text/plain, */*;q=0.1", 200),
        ("application/problem+json", 406),
        ("image/png", 406),
        ("application/hal+json;q=0, application/json;q=0", 406),
    ],
)
async def test_acceptable_types_of_json_resource(broker: httpx.AsyncClient, accept: str, status: int) -> None:
    """A client that accepts no JSON gets an empty 406."""
    response = await broker.get("/pacticipants", headers={"Accept": accept})

    assert (response.status_code, bool(response.content)) == (status, status == 200)


async def test_json_is_accepted_for_the_index(broker: httpx.AsyncClient) -> None:
    """The official broker answers 406."""
    response = await broker.get("/", headers=accepting("application/json"))

    assert (response.status_code, "pb:publish-contracts" in response.json()["_links"]) == (200, True)


async def test_change_is_reported_whatever_the_client_accepts(broker: httpx.AsyncClient) -> None:
    """A 406 after the change would look like a failure."""
    response = await broker.put(
        "/pacticipants/Foo/versions/1/tags/x", json={}, headers=accepting("image/png")
    )

    assert response.status_code == 201


async def test_pact_in_three_types(broker: httpx.AsyncClient) -> None:
    """As HAL, as plain JSON with the same content, and with the pact as a member of its own."""
    await publish(broker, tags=["dev"])
    types = ("application/hal+json", "application/json", "application/vnd.pactbrokerextended.v1+json")

    hal, plain, extended = [await broker.get(PACT, headers=accepting(media_type)) for media_type in types]

    sent = [response.headers["content-type"].partition(";")[0] for response in (hal, plain, extended)]
    assert tuple(sent) == types
    assert plain.json() == hal.json()
    body = extended.json()
    assert set(body) == {"createdAt", "contract", "_embedded", "_links"}
    assert body["contract"]["interactions"] == hal.json()["interactions"]
    assert body["_embedded"] == {"tags": [{"name": "dev"}]}


async def test_matrix_as_text(broker: httpx.AsyncClient) -> None:
    """A table with the decision and the reason below."""
    await publish(broker)
    result = {"success": True, "providerApplicationVersion": "2"}
    links = (await broker.get(PACT)).json()["_links"]
    await broker.post(links["pb:publish-verification-results"]["href"], json=result)

    response = await broker.get(
        "/matrix?q[][pacticipant]=Foo&q[][version]=1&q[][pacticipant]=Bar&latestby=cvpv",
        headers=accepting("text/plain"),
    )

    assert response.headers["content-type"] == "text/plain; charset=utf-8"
    lines = response.text.splitlines()
    assert lines[0] == "CONSUMER | C_VERSION | REVISION | PROVIDER | P_VERSION | NUMBER | SUCCESS"
    assert [cell.strip() for cell in lines[2].split("|")] == ["Foo", "1", "1", "Bar", "2", "1", "true"]
    assert lines[4] == "Deployable: true"


@pytest.mark.parametrize(
    ("path", "methods"),
    [
        ("/", "GET, HEAD, OPTIONS"),
        ("/contracts/publish", "POST, OPTIONS"),
        ("/pacticipants/a%2Fb", "GET, HEAD, PUT, PATCH, DELETE, OPTIONS"),
        ("/pacts/provider/a/consumer/b/version/1", "GET, HEAD, PUT, PATCH, DELETE, OPTIONS"),
    ],
)
async def test_methods_of_a_path(broker: httpx.AsyncClient, path: str, methods: str) -> None:
    """OPTIONS is 200 without a body, and 405 names the same methods; the official broker has no HEAD."""
    options = await broker.options(path)
    rejected = await broker.request("TRACE", path)

    assert (options.status_code, options.content) == (200, b"")
    assert options.headers["allow"] == options.headers["access-control-allow-methods"] == methods
    assert (rejected.status_code, rejected.headers["allow"]) == (405, methods)


async def test_options_of_unknown_path_is_not_found(broker: httpx.AsyncClient) -> None:
    """Only existing paths have methods."""
    assert (await broker.options("/nope")).status_code == 404


async def test_head_is_get_without_body(broker: httpx.AsyncClient) -> None:
    """The headers are those of GET."""
    head, get = await broker.head("/pacticipants"), await broker.get("/pacticipants")

    assert (head.status_code, head.content) == (200, b"")
    assert head.headers == get.headers


async def test_former_query_of_pacts_for_verification(broker: httpx.AsyncClient) -> None:
    """The GET form selects by query, and its first notice says that it is deprecated."""
    await publish(broker, tags=["dev"])
    await publish(broker, "2", "y")
    query = "consumer_version_selectors[][tag]=dev&consumer_version_selectors[][latest]=true&include_pending_status=false"

    response = await broker.get(f"/pacts/provider/Bar/for-verification?{query}")

    (item,) = response.json()["_embedded"]["pacts"]
    assert item["_links"]["self"]["name"] == "Pact between Foo (1) and Bar"
    notices = item["verificationProperties"]["notices"]
    assert ["deprecated" in notice["text"] for notice in notices] == [True, False]


async def test_display_name_is_derived_after_it_was_blanked(broker: httpx.AsyncClient) -> None:
    """PUT blanks what it does not name; the official CLI needs a display name."""
    await broker.post(
        "/pacticipants", json={"name": "bar-serviceApi", "displayName": "B", "mainBranch": "trunk"}
    )

    body = (await broker.put("/pacticipants/bar-serviceApi", json={"name": "bar-serviceApi"})).json()

    assert body["displayName"] == "Bar Service Api"
    assert "mainBranch" not in body
