"""Invalid requests get a 4xx response with a message that names what is wrong, and change nothing."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.broker.payloads import contract, pact, path, publication

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


async def publish(broker: httpx.AsyncClient, *documents: dict[str, Any], version: str = "1") -> None:
    """Publish pacts of a consumer version, successfully."""
    response = await broker.post("/contracts/publish", json=publication(version, *documents))
    assert response.status_code == 200


async def test_form_body_returns_415(broker: httpx.AsyncClient) -> None:
    """A content type other than JSON is 415."""
    response = await broker.post("/pacticipants", content=b"name=A", headers=FORM)

    assert response.status_code == 415


@pytest.mark.parametrize("raw", [b"{", b"\xff", b"[" * 100_000])
async def test_invalid_json_returns_400(broker: httpx.AsyncClient, raw: bytes) -> None:
    """A body that is not valid JSON is 400, also if it is nested too deeply for the parser."""
    response = await broker.post(
        "/contracts/publish", content=raw, headers={"Content-Type": "application/json"}
    )

    assert response.status_code == 400
    assert response.json()["error"].startswith("the body is not JSON: ")


@pytest.mark.parametrize(
    "url_path", ["/contracts/publish", "/pacts/provider/B/for-verification", "/pacticipants", "/environments"]
)
async def test_json_list_instead_of_object_returns_400(broker: httpx.AsyncClient, url_path: str) -> None:
    """A list where an object is expected is 400 with the reason."""
    await publish(broker, pact("A", "B", "x"))

    response = await broker.post(url_path, json=[])

    assert (response.status_code, response.json()) == (
        400,
        {"errors": {"": ["the body must be a JSON object, not a list"]}},
    )


@pytest.mark.parametrize(
    ("body", "kind"),
    [("null", "null"), ('"x"', "string"), ("true", "boolean"), ("1", "number"), ("1.50", "number")],
)
async def test_json_value_instead_of_object_is_named_as_in_json(
    broker: httpx.AsyncClient, body: str, kind: str
) -> None:
    """Not by the names of the programming language."""
    headers = {"Content-Type": "application/json"}

    response = await broker.post("/pacticipants", content=body, headers=headers)

    assert (response.status_code, response.json()) == (
        400,
        {"errors": {"": [f"the body must be a JSON object, not a {kind}"]}},
    )


@pytest.mark.parametrize(
    ("change", "errors"),
    [
        ({"contracts": []}, {"contracts": ["must be a list with at least one contract"]}),
        ({"contracts": None}, {"contracts": ["is missing"]}),
        ({"contracts": [1]}, {"contracts": ["a contract must be an object (at index 0)"]}),
        ({"pacticipantName": None}, {"pacticipantName": ["is missing"]}),
        ({"pacticipantVersionNumber": 1}, {"pacticipantVersionNumber": ["must be a string"]}),
        (
            {"pacticipantVersionNumber": "1\n2"},
            {"pacticipantVersionNumber": ["cannot contain multiple lines"]},
        ),
        ({"branch": " "}, {"branch": ["can't be blank"]}),
        ({"tags": ["dev", " "]}, {"tags": ["can't be blank (at index 1)"]}),
        ({"tags": "dev"}, {"tags": ["must be a list of strings"]}),
    ],
)
async def test_invalid_publication_names_the_field(
    broker: httpx.AsyncClient, change: dict[str, Any], errors: dict[str, list[str]]
) -> None:
    """The error names the invalid field and what is expected."""
    response = await broker.post("/contracts/publish", json=publication("1", pact("A", "B", "x")) | change)

    assert (response.status_code, response.json()) == (400, {"errors": errors})


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"content": "%%%"}, "content must be the base64 of a JSON document"),
        ({"content": "WzFd"}, "content must be a JSON object"),
        ({"content": None}, "content is missing"),
        ({"specification": "openapi"}, "specification must be 'pact'"),
        ({"contentType": "text/plain"}, "contentType must be 'application/json'"),
        ({"onConflict": "replace"}, "onConflict must be 'overwrite' or 'merge'"),
        ({"providerName": "C"}, "providerName must be the name in the pact, 'B'"),
        ({"providerName": " "}, "providerName can't be blank"),
    ],
)
async def test_one_invalid_contract_rejects_the_publication(
    broker: httpx.AsyncClient, change: dict[str, Any], text: str
) -> None:
    """With one valid and one invalid contract the error has the index, and nothing is stored."""
    body = publication("1", pact("A", "Good", "x"))
    body["contracts"].append(contract(pact("A", "B", "x")) | change)

    response = await broker.post("/contracts/publish", json=body)

    assert response.status_code == 400
    assert f"{text} (at index 1)" in response.json()["errors"]["contracts"]
    assert (await broker.get("/pacticipants")).json()["pacticipants"] == []


async def test_different_content_for_a_version_is_a_conflict(broker: httpx.AsyncClient) -> None:
    """Changing a version's pact is 409, and the branch and tag of the request are not added."""
    await publish(broker, pact("A", "B", "old"))

    body = publication("1", pact("A", "B", "new"), branch="feat/x", tags=["dev"])
    response = await broker.post("/contracts/publish", json=body)

    assert response.status_code == 409
    assert response.json()["errors"]["contracts"] == [
        (
            "Version 1 of A already has a pact with B with different content. "
            "The pacts of a version never change: publish under a new version number"
        )
    ]
    version = (await broker.get("/pacticipants/A/versions/1")).json()["_embedded"]
    assert version == {"branchVersions": [], "tags": []}


@pytest.mark.parametrize("name", ["hotel", "Hotels", "Hotel Service", "hotel-provider"])
async def test_similar_pacticipant_name_is_a_conflict(broker: httpx.AsyncClient, name: str) -> None:
    """A misspelled name would create a second pacticipant, so it is 409."""
    await publish(broker, pact("Web", "Hotel", "x"))

    response = await broker.post("/contracts/publish", json=publication("1", pact("App", name, "x")))

    assert response.status_code == 409
    assert f"'{name}' is very similar to the known pacticipant 'Hotel'" in response.text


async def test_version_tags_must_be_a_list(broker: httpx.AsyncClient) -> None:
    """PUT of a version with a string as its tags is 400."""
    response = await broker.put("/pacticipants/A/versions/1", json={"tags": "x"})

    assert (response.status_code, response.json()) == (
        400,
        {"errors": {"tags": ["must be a list of objects with a name"]}},
    )


async def test_blank_branch_returns_400(broker: httpx.AsyncClient) -> None:
    """A blank branch is 400, and no version is created."""
    response = await broker.put("/pacticipants/A/branches/%20/versions/6", json={})

    assert (response.status_code, response.json()) == (400, {"errors": {"branch": ["can't be blank"]}})
    assert (await broker.get("/pacticipants/A")).status_code == 404


@pytest.mark.parametrize(
    ("query", "error"),
    [
        ("", "no pacticipant is given: ask with q[][pacticipant]=NAME&q[][version]=NUMBER"),
        ("q[][pacticipant]=A&latestby=zzz", "latestby must be one of cvpv, cvp, cp, not 'zzz'"),
        ("q[][pacticipant]=A&limit=0", "limit must be an integer of at least 1"),
        ("q[][pacticipant]=Unknown", "Pacticipant Unknown not found"),
        (
            "q[][pacticipant]=A&q[][brnch]=main",
            "there is no parameter 'q[][brnch]': did you mean 'q[][branch]'?",
        ),
        (
            "q[][pacticipant]=A&q[][version]=1&q[][latest]=true",
            "a selector can have a version or latest=true, not both",
        ),
        (
            "q[][pacticipant]=A&environment=moon",
            "Environment with name 'moon' does not exist: existing environments are production, test",
        ),
        (
            "q[][pacticipant]=A&environment=test&tag=prod",
            "only one of tag, environment and mainBranch can be given, not tag and environment",
        ),
        (
            "q[][pacticipant]=A&environment=test&latest=true",
            "latest=true cannot be combined with an environment",
        ),
        (
            "q[][pacticipant]=A&ignore[][version]=1",
            "an ignore without a pacticipant: write ignore[][pacticipant]=NAME",
        ),
        ("q[][pacticipant]=A&success=maybe", "success must be true, false or empty"),
    ],
)
async def test_invalid_matrix_query_names_the_error(
    broker: httpx.AsyncClient, query: str, error: str
) -> None:
    """An invalid query is 400 with the reason; it is never evaluated as another query."""
    await publish(broker, pact("A", "B", "x"))

    response = await broker.get(f"/matrix?{query}")

    assert (response.status_code, response.json()) == (400, {"errors": [error]})


async def test_can_i_deploy_without_parameters_names_them(broker: httpx.AsyncClient) -> None:
    """The short form of the query names its missing parameters."""
    response = await broker.get("/can-i-deploy")

    assert (response.status_code, response.json()) == (
        400,
        {
            "errors": {
                "pacticipant": ["is missing"],
                "version": ["is missing"],
                "": ["either an environment or a tag (to) must be given"],
            }
        },
    )


@pytest.mark.parametrize(
    ("change", "errors"),
    [
        ({"success": "yes"}, {"success": ["must be true or false"]}),
        ({"providerApplicationVersion": ""}, {"providerApplicationVersion": ["can't be blank"]}),
        ({"buildUrl": 1}, {"buildUrl": ["must be a string"]}),
    ],
)
async def test_invalid_verification_result_names_the_field(
    broker: httpx.AsyncClient, change: dict[str, Any], errors: dict[str, list[str]]
) -> None:
    """An invalid result is 400, and is not stored."""
    await publish(broker, pact("A", "B", "x"))
    read = (await broker.get("/pacts/provider/B/consumer/A/latest")).json()
    link = read["_links"]["pb:publish-verification-results"]["href"]

    response = await broker.post(link, json={"success": True, "providerApplicationVersion": "1"} | change)

    assert (response.status_code, response.json()) == (400, {"errors": errors})
    results = await broker.get("/pacts/provider/B/consumer/A/latest/verification-results/latest")
    assert results.status_code == 404


@pytest.mark.parametrize(
    ("url_path", "error"),
    [
        ("/pacts/provider/None/for-verification", "No provider with name 'None' found"),
        ("/pacts/provider/B/consumer/None/latest", "No consumer with name 'None' found"),
        ("/pacticipants/None/versions/1", "No pacticipant with name 'None' found"),
        ("/pacticipants/A/versions/none", "The requested document was not found on this server."),
        ("/no/such/page", "The requested document was not found on this server."),
    ],
)
async def test_missing_resource_returns_404_with_message(
    broker: httpx.AsyncClient, url_path: str, error: str
) -> None:
    """The 404 message names an unknown pacticipant; all else has the official broker's text."""
    await publish(broker, pact("A", "B", "x"))

    response = await broker.get(url_path)

    assert (response.status_code, response.json()) == (404, {"error": error})


async def test_unsupported_method_returns_405(broker: httpx.AsyncClient) -> None:
    """405 has the supported methods in `Allow`."""
    response = await broker.delete("/environments")

    assert (response.status_code, response.headers["allow"]) == (405, "GET, HEAD, POST, OPTIONS")


@pytest.mark.parametrize("name", ["feat/x y", "a'b", "100%", "ünï", "a+b", "?#"])
async def test_names_may_contain_any_character(broker: httpx.AsyncClient, name: str) -> None:
    """A name with special characters can be written, read and deleted."""
    url_path = path("pacticipants", name, "versions", name, "tags", name)

    created = await broker.put(url_path, json={})
    read = await broker.get(url_path)
    deleted = await broker.delete(url_path)

    assert (created.status_code, read.json()["name"], deleted.status_code) == (201, name, 204)


async def test_location_of_created_pacticipant_is_readable(broker: httpx.AsyncClient) -> None:
    """The Location of a created pacticipant returns it."""
    created = await broker.post("/pacticipants", json={"name": "a/b"})

    assert (await broker.get(created.headers["location"])).json()["name"] == "a/b"


async def test_latest_result_by_tag_belongs_to_the_tagged_pact(broker: httpx.AsyncClient) -> None:
    """The latest result of the latest pact with a tag is not that of a newer pact."""
    await publish(broker, pact("A", "B", "old"), version="1")
    await broker.put("/pacticipants/A/versions/1/tags/prod", json={})
    await publish(broker, pact("A", "B", "new"), version="2")
    newest = (await broker.get("/pacts/provider/B/consumer/A/latest")).json()
    link = newest["_links"]["pb:publish-verification-results"]["href"]
    await broker.post(link, json={"success": True, "providerApplicationVersion": "1"})

    tagged = await broker.get("/pacts/provider/B/consumer/A/latest/prod/verification-results/latest")

    assert tagged.status_code == 404
