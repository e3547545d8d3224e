"""A client's mistake gets a 4xx that says what would be right, and leaves nothing behind."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.broker.payloads import contract, pact, path, publication

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


async def publish(broker: httpx.AsyncClient, *documents: dict[str, Any], version: str = "1") -> None:
    """Publish pacts of a consumer version, successfully."""
    answer = await broker.post("/contracts/publish", json=publication(version, *documents))
    assert answer.status_code == 200


async def test_a_form_is_no_json(broker: httpx.AsyncClient) -> None:
    """Another content type than JSON is 415."""
    answer = await broker.post("/pacticipants", content=b"name=A", headers=FORM)

    assert answer.status_code == 415


@pytest.mark.parametrize("raw", [b"{", b"\xff", b"[" * 100_000])
async def test_what_is_no_json_is_refused(broker: httpx.AsyncClient, raw: bytes) -> None:
    """A body that does not parse is 400, however deep it is nested."""
    answer = await broker.post(
        "/contracts/publish", content=raw, headers={"Content-Type": "application/json"}
    )

    assert answer.status_code == 400
    assert answer.json()["error"].startswith("the body is not JSON: ")


@pytest.mark.parametrize(
    "where", ["/contracts/publish", "/pacts/provider/B/for-verification", "/pacticipants", "/environments"]
)
async def test_a_list_is_no_object(broker: httpx.AsyncClient, where: str) -> None:
    """A JSON list where an object is due is 400, and the text says so."""
    await publish(broker, pact("A", "B", "x"))

    answer = await broker.post(where, json=[])

    assert (answer.status_code, answer.json()) == (
        400,
        {"errors": {"": ["the body should be a JSON object, it is a list"]}},
    )


@pytest.mark.parametrize(
    ("change", "errors"),
    [
        ({"contracts": []}, {"contracts": ["should be a list with at least one contract"]}),
        ({"contracts": None}, {"contracts": ["is missing"]}),
        ({"contracts": [1]}, {"contracts": ["a contract should be an object (at index 0)"]}),
        ({"pacticipantName": None}, {"pacticipantName": ["is missing"]}),
        ({"pacticipantVersionNumber": 1}, {"pacticipantVersionNumber": ["must be a string"]}),
        (
            {"pacticipantVersionNumber": "1\n2"},
            {"pacticipantVersionNumber": ["cannot contain multiple lines"]},
        ),
        ({"branch": " "}, {"branch": ["can't be blank"]}),
        ({"tags": ["dev", " "]}, {"tags": ["can't be blank (at index 1)"]}),
        ({"tags": "dev"}, {"tags": ["should be a list of texts"]}),
    ],
)
async def test_a_publication_names_the_wrong_field(
    broker: httpx.AsyncClient, change: dict[str, Any], errors: dict[str, list[str]]
) -> None:
    """Each field that is wrong is named, with what would be right."""
    answer = await broker.post("/contracts/publish", json=publication("1", pact("A", "B", "x")) | change)

    assert (answer.status_code, answer.json()) == (400, {"errors": errors})


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"content": "%%%"}, "content should be the base64 of a JSON document"),
        ({"content": "WzFd"}, "content should be a JSON object"),
        ({"content": None}, "content is missing"),
        ({"specification": "openapi"}, "specification should be 'pact'"),
        ({"contentType": "text/plain"}, "contentType should be 'application/json'"),
        ({"onConflict": "replace"}, "onConflict should be 'overwrite' or 'merge'"),
        ({"providerName": "C"}, "providerName should be the pact's own, 'B'"),
        ({"providerName": " "}, "providerName can't be blank"),
    ],
)
async def test_one_bad_contract_keeps_out_all(
    broker: httpx.AsyncClient, change: dict[str, Any], text: str
) -> None:
    """A bad contract beside a good one: the error has its index, and nothing is stored."""
    body = publication("1", pact("A", "Good", "x"))
    body["contracts"].append(contract(pact("A", "B", "x")) | change)

    answer = await broker.post("/contracts/publish", json=body)

    assert answer.status_code == 400
    assert f"{text} (at index 1)" in answer.json()["errors"]["contracts"]
    assert (await broker.get("/pacticipants")).json()["pacticipants"] == []


async def test_other_content_for_a_version_is_a_conflict(broker: httpx.AsyncClient) -> None:
    """A version's pact never changes: 409 with the reason, and the branch and tag of the request are not added."""
    await publish(broker, pact("A", "B", "old"))

    body = publication("1", pact("A", "B", "new"), branch="feat/x", tags=["dev"])
    answer = await broker.post("/contracts/publish", json=body)

    assert answer.status_code == 409
    assert answer.json()["errors"]["contracts"] == [
        (
            "Version 1 of A has a pact with B already, and its content is another. "
            "The pacts of a version never change: publish under a new version number"
        )
    ]
    version = (await broker.get("/pacticipants/A/versions/1")).json()["_embedded"]
    assert version == {"branchVersions": [], "tags": []}


@pytest.mark.parametrize("name", ["hotel", "Hotels", "Hotel Service", "hotel-provider"])
async def test_a_name_like_a_known_one_is_a_conflict(broker: httpx.AsyncClient, name: str) -> None:
    """A typing error in a name would make a second pacticipant, so it is refused."""
    await publish(broker, pact("Web", "Hotel", "x"))

    answer = await broker.post("/contracts/publish", json=publication("1", pact("App", name, "x")))

    assert answer.status_code == 409
    assert f"'{name}' is very similar to the known pacticipant 'Hotel'" in answer.text


async def test_tags_of_a_version_are_a_list(broker: httpx.AsyncClient) -> None:
    """PUT of a version with a text for its tags is 400."""
    answer = await broker.put("/pacticipants/A/versions/1", json={"tags": "x"})

    assert (answer.status_code, answer.json()) == (
        400,
        {"errors": {"tags": ["should be a list of objects with a name"]}},
    )


async def test_a_branch_has_a_name(broker: httpx.AsyncClient) -> None:
    """A blank branch is 400, and makes no version."""
    answer = await broker.put("/pacticipants/A/branches/%20/versions/6", json={})

    assert (answer.status_code, answer.json()) == (400, {"errors": {"branch": ["can't be blank"]}})
    assert (await broker.get("/pacticipants/A")).status_code == 404


@pytest.mark.parametrize(
    ("query", "error"),
    [
        ("", "no pacticipant is given: ask with q[][pacticipant]=NAME&q[][version]=NUMBER"),
        ("q[][pacticipant]=A&latestby=zzz", "latestby should be one of cvpv, cvp, cp, it is 'zzz'"),
        ("q[][pacticipant]=A&limit=0", "limit should be a whole number of at least 1"),
        ("q[][pacticipant]=Unknown", "Pacticipant Unknown not found"),
        (
            "q[][pacticipant]=A&q[][brnch]=main",
            "a selector has no 'brnch': there are pacticipant, version, branch, tag, latest, mainBranch, environment",
        ),
        (
            "q[][pacticipant]=A&q[][version]=1&q[][latest]=true",
            "a selector can have a version or latest=true, not both",
        ),
        (
            "q[][pacticipant]=A&environment=moon",
            "Environment with name 'moon' does not exist: there are production, test",
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
        ("q[][pacticipant]=A&success=maybe", "success should be true, false or empty"),
    ],
)
async def test_a_matrix_question_says_what_is_wrong(
    broker: httpx.AsyncClient, query: str, error: str
) -> None:
    """A question that makes no sense is 400 with the reason, never an answer to another question."""
    await publish(broker, pact("A", "B", "x"))

    answer = await broker.get(f"/matrix?{query}")

    assert (answer.status_code, answer.json()) == (400, {"errors": [error]})


async def test_can_i_deploy_names_what_is_missing(broker: httpx.AsyncClient) -> None:
    """The short form names its fields."""
    answer = await broker.get("/can-i-deploy")

    assert (answer.status_code, answer.json()) == (
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
async def test_a_result_names_the_wrong_field(
    broker: httpx.AsyncClient, change: dict[str, Any], errors: dict[str, list[str]]
) -> None:
    """A result that makes no sense is 400, and counts for nothing."""
    await publish(broker, pact("A", "B", "x"))
    read = (await broker.get("/pacts/provider/B/consumer/A/latest")).json()
    link = read["_links"]["pb:publish-verification-results"]["href"]

    answer = await broker.post(link, json={"success": True, "providerApplicationVersion": "1"} | change)

    assert (answer.status_code, answer.json()) == (400, {"errors": errors})
    results = await broker.get("/pacts/provider/B/consumer/A/latest/verification-results/latest")
    assert results.status_code == 404


@pytest.mark.parametrize(
    ("where", "error"),
    [
        ("/pacts/provider/None/for-verification", "No provider with name 'None' found"),
        ("/pacts/provider/B/consumer/None/latest", "No consumer with name 'None' found"),
        ("/pacticipants/None/versions/1", "No pacticipant with name 'None' found"),
        ("/pacticipants/A/versions/none", "The requested document was not found on this server."),
        ("/no/such/page", "The requested document was not found on this server."),
    ],
)
async def test_what_is_not_there_is_named(broker: httpx.AsyncClient, where: str, error: str) -> None:
    """404 says what is unknown."""
    await publish(broker, pact("A", "B", "x"))

    answer = await broker.get(where)

    assert (answer.status_code, answer.json()) == (404, {"error": error})


async def test_a_method_that_is_not_served(broker: httpx.AsyncClient) -> None:
    """405 names the methods that are."""
    answer = await broker.delete("/environments")

    assert (answer.status_code, answer.headers["allow"]) == (405, "GET")


@pytest.mark.parametrize("name", ["feat/x y", "a'b", "100%", "ünï", "a+b", "?#"])
async def test_names_are_data(broker: httpx.AsyncClient, name: str) -> None:
    """Any character may be in a name: it is written, read and deleted as it is."""
    where = path("pacticipants", name, "versions", name, "tags", name)

    made = await broker.put(where, json={})
    read = await broker.get(where)
    gone = await broker.delete(where)

    assert (made.status_code, read.json()["name"], gone.status_code) == (201, name, 204)


async def test_a_created_pacticipant_is_where_its_location_says(broker: httpx.AsyncClient) -> None:
    """The Location of a new pacticipant leads to it."""
    made = await broker.post("/pacticipants", json={"name": "a/b"})

    assert (await broker.get(made.headers["location"])).json()["name"] == "a/b"


async def test_the_latest_result_of_a_tag_is_of_the_tagged_pact(broker: httpx.AsyncClient) -> None:
    """Asked for the result of the latest pact with a tag, no result of a newer pact is given."""
    await publish(broker, pact("A", "B", "old"), version="1")
    await broker.put("/pacticipants/A/versions/1/tags/prod", json={})
    await publish(broker, pact("A", "B", "new"), version="2")
    newest = (await broker.get("/pacts/provider/B/consumer/A/latest")).json()
    link = newest["_links"]["pb:publish-verification-results"]["href"]
    await broker.post(link, json={"success": True, "providerApplicationVersion": "1"})

    tagged = await broker.get("/pacts/provider/B/consumer/A/latest/prod/verification-results/latest")

    assert tagged.status_code == 404
