"""Pacts that are written one by one: PUT, PATCH and DELETE; and publications that merge."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from tests.broker.payloads import contract, pact, publication

PACT = "/pacts/provider/Bar/consumer/Foo/version/1"


async def read_descriptions(broker: httpx.AsyncClient, path: str = PACT) -> list[str]:
    """Return the descriptions of a pact's interactions."""
    return [item["description"] for item in (await broker.get(path)).json()["interactions"]]


def with_request(description: str, path: str) -> dict[str, Any]:
    """Return a pact with one interaction that has another request than `pact` gives it."""
    document = pact("Foo", "Bar", description)
    document["interactions"][0]["request"]["path"] = path
    return document


def merging(version: str, document: dict[str, Any], on_conflict: str = "merge") -> dict[str, Any]:
    """Return a publication with `onConflict`."""
    body = publication(version, document)
    body["contracts"] = [{**contract(document), "onConflict": on_conflict}]
    return body


async def test_put_creates_pact_and_repeats(broker: httpx.AsyncClient) -> None:
    """The first PUT is 201 and the same again 200, both with the pact; version and pacticipants are created."""
    responses = [await broker.put(PACT, json=pact("Foo", "Bar", "x")) for _ in range(2)]

    assert [response.status_code for response in responses] == [201, 200]
    assert responses[0].json() == responses[1].json() == (await broker.get(PACT)).json()
    assert (await broker.get("/pacticipants/Foo/versions/1")).status_code == 200


async def test_put_of_other_content_is_conflict(broker: httpx.AsyncClient) -> None:
    """The stored pact stays, and the error says what to do."""
    await broker.put(PACT, json=pact("Foo", "Bar", "x"))

    response = await broker.put(PACT, json=pact("Foo", "Bar", "y"))

    assert response.status_code == 409
    assert "publish under a new version number" in response.json()["error"]
    assert await read_descriptions(broker) == ["x"]


async def test_names_in_pact_must_be_those_of_the_path(broker: httpx.AsyncClient) -> None:
    """Both errors name the field, and nothing is created."""
    response = await broker.put(PACT, json=pact("X", "Y", "x"))

    assert (response.status_code, set(response.json()["errors"])) == (400, {"consumer.name", "provider.name"})
    assert (await broker.get("/pacticipants")).json()["pacticipants"] == []


@pytest.mark.parametrize("content", [b"", b"{}", b"[1]", b"7", b'"x"', b"{"])
async def test_body_that_is_no_pact_is_rejected(broker: httpx.AsyncClient, content: bytes) -> None:
    """A body that is no object is 400, where the official broker fails, and nothing is created."""
    response = await broker.put(PACT, content=content, headers={"Content-Type": "application/json"})

    assert response.status_code == 400
    assert (await broker.get("/pacticipants")).json()["pacticipants"] == []


async def test_put_of_similar_name_is_conflict(broker: httpx.AsyncClient) -> None:
    """A misspelled provider is not created."""
    await broker.put(PACT, json=pact("Foo", "Bar", "x"))

    response = await broker.put("/pacts/provider/Bars/consumer/Foo/version/1", json=pact("Foo", "Bars", "x"))

    assert (response.status_code, "'Bar'" in response.json()["error"]) == (409, True)


async def test_patch_appends_and_replaces_interactions(broker: httpx.AsyncClient) -> None:
    """An interaction with the same description, state and request is replaced, and every other one is added."""
    await broker.put(PACT, json=pact("Foo", "Bar", "x", "y"))
    added = pact("Foo", "Bar", "y", "z")
    added["interactions"][0]["response"]["status"] = 404

    response = await broker.patch(PACT, json=added)

    statuses = {item["description"]: item["response"]["status"] for item in response.json()["interactions"]}
    assert (response.status_code, statuses) == (200, {"x": 200, "y": 404, "z": 200})


async def test_patch_creates_missing_pact(broker: httpx.AsyncClient) -> None:
    """Without a stored pact, PATCH is a PUT."""
    response = await broker.patch(PACT, json=pact("Foo", "Bar", "x"))

    assert (response.status_code, await read_descriptions(broker)) == (201, ["x"])


async def test_patch_merges_other_members_as_merge_patch(broker: httpx.AsyncClient) -> None:
    """Objects are merged member by member, and null removes a member (RFC 7396)."""
    document = pact("Foo", "Bar", "x") | {"extra": {"a": 1, "b": 2}}
    await broker.put(PACT, json=document)

    patch = pact("Foo", "Bar", "y") | {"extra": {"a": None, "c": 3}}
    body = (
        await broker.patch(PACT, json=patch, headers={"Content-Type": "application/merge-patch+json"})
    ).json()

    assert body["extra"] == {"b": 2, "c": 3}
    assert [item["description"] for item in body["interactions"]] == ["x", "y"]


async def test_merge_of_other_request_is_conflict(broker: httpx.AsyncClient) -> None:
    """By PATCH as by a publication the error names the interaction, and the stored pact stays."""
    await broker.put(PACT, json=pact("Foo", "Bar", "x"))
    document = with_request("x", "/other")

    published = await broker.post("/contracts/publish", json=merging("1", document))
    patched = await broker.patch(PACT, json=document)

    assert [published.status_code, patched.status_code] == [409, 409]
    for text in (published.json()["errors"]["contracts"][0], patched.json()["error"]):
        assert "the interaction 'x' has another request" in text
    assert (await broker.get(PACT)).json()["interactions"][0]["request"]["path"] == "/x"


async def test_publication_merges_where_asked(broker: httpx.AsyncClient) -> None:
    """`onConflict: merge` keeps the interactions of both, and the notice says so."""
    await broker.post("/contracts/publish", json=publication("1", pact("Foo", "Bar", "x")))

    response = await broker.post("/contracts/publish", json=merging("1", pact("Foo", "Bar", "y")))

    assert response.status_code == 200
    notice = next(item for item in response.json()["notices"] if item["type"] == "success")
    assert "merged" in notice["text"]
    assert await read_descriptions(broker) == ["x", "y"]


async def test_two_contents_for_one_provider_in_a_publication_are_a_conflict(
    broker: httpx.AsyncClient,
) -> None:
    """The official broker stores the second one as another revision; here the first would be lost."""
    body = publication("1", pact("Foo", "Bar", "x"), pact("Foo", "Bar", "y"), pact("Foo", "Other", "z"))

    response = await broker.post("/contracts/publish", json=body)

    assert (response.status_code, response.json()["errors"]) == (
        409,
        {
            "contracts": [
                (
                    "Version 1 of Foo is published with two pacts with Bar that have different content. "
                    "Publish one of them, or merge them: onConflict 'merge' of the second one"
                )
            ]
        },
    )
    assert (await broker.get("/pacticipants")).json()["pacticipants"] == []


@pytest.mark.parametrize("stored", [[], ["s"]])
async def test_second_contract_for_a_provider_is_merged_where_asked(
    broker: httpx.AsyncClient, stored: list[str]
) -> None:
    """With the first one of the publication, and both with the stored pact; one pact is published."""
    if stored:
        await broker.post("/contracts/publish", json=publication("1", pact("Foo", "Bar", *stored)))
    body = merging("1", pact("Foo", "Bar", "x"))
    body["contracts"] += merging("1", pact("Foo", "Bar", "y"))["contracts"]
    # equal to what is there by then
    body["contracts"] += merging("1", pact("Foo", "Bar", *stored, "x", "y"))["contracts"]

    response = await broker.post("/contracts/publish", json=body)

    assert response.status_code == 200
    assert len(response.json()["_links"]["pb:contracts"]) == 1
    assert await read_descriptions(broker) == [*stored, "x", "y"]
    listed = (await broker.get("/pacts/provider/Bar")).json()["_links"]["pb:pacts"]
    assert len(listed) == 1


async def test_overwriting_publication_is_conflict(broker: httpx.AsyncClient) -> None:
    """The pacts of a version never change except by merging."""
    await broker.post("/contracts/publish", json=publication("1", pact("Foo", "Bar", "x")))

    response = await broker.post(
        "/contracts/publish", json=merging("1", pact("Foo", "Bar", "y"), on_conflict="overwrite")
    )

    assert (response.status_code, await read_descriptions(broker)) == (409, ["x"])


async def test_result_of_a_part_does_not_count_for_merged_content(broker: httpx.AsyncClient) -> None:
    """The merged content has an identity of its own, also if the part that was sent is known and verified."""
    await broker.put("/pacts/provider/Bar/consumer/Foo/version/0", json=pact("Foo", "Bar", "y"))
    part = (await broker.get("/pacts/provider/Bar/consumer/Foo/version/0")).json()["_links"]
    result = {"success": True, "providerApplicationVersion": "1"}
    await broker.post(part["pb:publish-verification-results"]["href"], json=result)
    await broker.put(PACT, json=pact("Foo", "Bar", "x"))

    merged = (await broker.patch(PACT, json=pact("Foo", "Bar", "y"))).json()

    assert await read_descriptions(broker) == ["x", "y"]
    assert (await broker.get(f"{PACT}/verification-results/latest")).status_code == 404
    await broker.put("/pacts/provider/Bar/consumer/Foo/version/2", json=pact("Foo", "Bar", "x", "y"))
    whole = (await broker.get("/pacts/provider/Bar/consumer/Foo/version/2")).json()
    assert merged["_links"]["pb:pact-version"]["name"] == whole["_links"]["pb:pact-version"]["name"]


async def test_merge_keeps_equal_descriptions_of_one_pact(broker: httpx.AsyncClient) -> None:
    """Two stored interactions with one description and different requests both survive."""
    document = pact("Foo", "Bar", "x")
    document["interactions"] += with_request("x", "/other")["interactions"]
    await broker.put(PACT, json=document)

    await broker.patch(PACT, json=pact("Foo", "Bar", "y"))

    paths = [item["request"]["path"] for item in (await broker.get(PACT)).json()["interactions"]]
    assert paths == ["/x", "/other", "/y"]


async def test_deleted_pact_returns_with_its_results(broker: httpx.AsyncClient) -> None:
    """The version and the results of the content stay; a second DELETE is 404."""
    await broker.put(PACT, json=pact("Foo", "Bar", "x"))
    links = (await broker.get(PACT)).json()["_links"]
    result = {"success": True, "providerApplicationVersion": "1"}
    await broker.post(links["pb:publish-verification-results"]["href"], json=result)

    deleted = [await broker.delete(PACT) for _ in range(2)]

    assert [response.status_code for response in deleted] == [200, 404]
    assert deleted[0].json()["_links"]["index"]["href"] == "http://broker"
    assert (await broker.get(PACT)).status_code == 404
    assert (await broker.get("/pacticipants/Foo/versions/1")).status_code == 200
    await broker.put(PACT, json=pact("Foo", "Bar", "x"))
    assert (await broker.get(f"{PACT}/verification-results/latest")).json()["success"] is True


async def test_merge_keeps_numbers_exact(broker: httpx.AsyncClient) -> None:
    """A number of the stored pact and one of the part that is merged come back digit by digit."""
    number = "1563454500.123456789"
    for description in ("x", "y"):
        document = pact("Foo", "Bar", description)
        document["interactions"][0]["response"]["body"] = "NUMBER"
        content = json.dumps(document).replace('"NUMBER"', number)
        response = await broker.patch(PACT, content=content, headers={"Content-Type": "application/json"})

    assert response.text.count(number) == 2
    assert (await broker.get(PACT)).text.count(number) == 2
