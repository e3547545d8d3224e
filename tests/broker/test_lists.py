"""Lists of pacts, versions and branches, differences, and provider states."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.broker.foo_and_bar import PAIR, publish
from tests.broker.payloads import pact, publication

TEXT = {"Accept": "text/plain"}


def names(body: dict[str, Any], relation: str = "pb:pacts") -> list[str]:
    """Return the version numbers that a list of pacts links to."""
    return [link["href"].rpartition("/")[2] for link in body["_links"][relation]]


async def test_difference_of_two_versions(broker: httpx.AsyncClient) -> None:
    """The order of interactions does not matter; both versions are named, and ids that the broker adds are left out."""
    await publish(broker, "1", "a", "b")
    await publish(broker, "2", "b", "a", "c")
    diff = (await broker.get(f"{PAIR}/version/2")).json()["_links"]["pb:diff-previous-distinct"]["href"]

    text = (await broker.get(diff, headers=TEXT)).text

    lines = text.splitlines()
    assert lines[:2] == ["--- Pact between Foo (1) and Bar", "+++ Pact between Foo (2) and Bar"]
    changed = [line for line in lines[2:] if line.startswith(("+", "-"))]
    assert '+      "description": "c",' in changed
    assert not any(line.startswith("-") for line in changed)
    assert "_id" not in text


@pytest.mark.parametrize(
    ("suffix", "accept", "status"),
    [
        ("version/3/diff/version/1", "text/plain", 200),
        ("version/3/diff/version/1", "*/*", 200),
        ("version/3/diff/version/1", "application/hal+json", 406),
        ("version/3/diff/version/9", "text/plain", 404),
        ("version/1/diff/previous-distinct", "text/plain", 404),
    ],
)
async def test_difference_is_text_only(
    broker: httpx.AsyncClient, suffix: str, accept: str, status: int
) -> None:
    """Any named version is compared, also one with the same content; a missing one is 404."""
    await publish(broker, "1", "x")
    await publish(broker, "3", "x")

    response = await broker.get(f"{PAIR}/{suffix}", headers={"Accept": accept})

    assert response.status_code == status
    if status == 200:
        assert (
            response.text
            == "Pact between Foo (1) and Bar and Pact between Foo (3) and Bar have the same content\n"
        )


async def test_difference_of_two_contents(broker: httpx.AsyncClient) -> None:
    """The link is a template for the other content."""
    await publish(broker, "1", "x")
    await publish(broker, "2", "y")
    links = [(await broker.get(f"{PAIR}/version/{number}")).json()["_links"] for number in ("1", "2")]
    template, other = links[1]["pb:diff"]["href"], links[0]["pb:pact-version"]["name"]

    response = await broker.get(template.replace("{pactVersion}", other), headers=TEXT)

    assert response.text.startswith("--- Pact between Foo (1) and Bar\n+++ Pact between Foo (2) and Bar\n")


async def test_provider_states_with_parameters_by_branch_and_environment(broker: httpx.AsyncClient) -> None:
    """States of V2 and V3 pacts by name, with all consumers; parameters make different states."""
    document = pact("Foo", "Bar", "x", "y")
    document["interactions"][0]["providerState"] = "b"
    document["interactions"][1]["providerStates"] = [{"name": "a", "params": {"id": 1}}, {"name": "b"}]
    (
        await broker.post("/contracts/publish", json=publication("1", document, branch="main"))
    ).raise_for_status()
    environment = (await broker.get("/environments?name=test")).json()["_embedded"]["environments"][0]["uuid"]
    await broker.post(f"/pacticipants/Foo/versions/1/deployed-versions/environment/{environment}", json={})

    suffixes = ("", "/branch/main", "/environment/test", f"/environment/{environment}", "/branch/none")
    bodies = [
        (await broker.get(f"/pacts/provider/Bar/provider-states{suffix}")).json() for suffix in suffixes
    ]

    expected = [{"name": "a", "params": {"id": 1}, "consumers": ["Foo"]}, {"name": "b", "consumers": ["Foo"]}]
    assert [body["providerStates"] for body in bodies] == [expected] * 4 + [[]]
    missing = await broker.get("/pacts/provider/Bar/provider-states/environment/none")
    assert missing.status_code == 404


async def test_lists_of_an_integration(broker: httpx.AsyncClient) -> None:
    """By branch, by tag and all, with the relation that the official CLI needs."""
    await publish(broker, "1", "x", branch="main", tags=["dev"])
    await publish(broker, "2", "y", branch="main")
    await publish(broker, "3", "z", branch="feat")

    lists = {
        suffix: names((await broker.get(f"{PAIR}/{suffix}")).json())
        for suffix in (
            "versions", "tag/dev", "branch", "branch/versions", "branch/latest", "branch/latest/versions", "branch/feat",
            "branch/main/latest/versions", "branch/main/latest",
        )
    }  # fmt: skip

    assert lists == {
        "versions": ["3", "2", "1"],
        "tag/dev": ["1"],
        "branch": ["1", "2"],
        "branch/versions": ["1", "2"],
        "branch/latest": ["2"],
        "branch/latest/versions": ["2"],
        "branch/feat": ["3"],
        "branch/main/latest/versions": ["2"],
        "branch/main/latest": ["2"],
    }


@pytest.mark.parametrize(
    ("suffix", "status", "left"),
    [("versions", 204, []), ("branch/main", 200, ["3"]), ("tag/dev", 200, ["2", "3"])],
)
async def test_deletion_of_many_pacts(
    broker: httpx.AsyncClient, suffix: str, status: int, left: list[str]
) -> None:
    """Versions stay; the response for a tag or branch links to what is now the latest."""
    await publish(broker, "1", "x", branch="main", tags=["dev"])
    await publish(broker, "2", "y", branch="main")
    await publish(broker, "3", "z", branch="feat")

    response = await broker.delete(f"{PAIR}/{suffix}")

    assert response.status_code == status
    assert names((await broker.get("/pacts/provider/Bar")).json()) == left
    assert len((await broker.get("/pacticipants/Foo/versions")).json()["_embedded"]["versions"]) == 3


async def test_versions_of_branch_and_tag(broker: httpx.AsyncClient) -> None:
    """Newest first; 404 for a branch or tag that no version has."""
    await publish(broker, "1", "x", branch="main", tags=["dev"])
    await publish(broker, "2", "y", branch="main")
    urls = [
        f"/pacticipants/Foo/{suffix}/versions"
        for suffix in ("branches/main", "tags/dev", "branches/no", "tags/no")
    ]

    responses = [await broker.get(url) for url in urls]

    assert [response.status_code for response in responses] == [200, 200, 404, 404]
    numbers = [
        [item["number"] for item in response.json()["_embedded"]["versions"]] for response in responses[:2]
    ]
    assert numbers == [["2", "1"], ["1"]]


async def test_branches_are_deleted_except_some(broker: httpx.AsyncClient) -> None:
    """The main branch is never deleted; the response names what remains."""
    for number, branch in enumerate(("main", "feat/a", "feat/b")):
        await publish(broker, str(number), "x", branch=branch)

    response = await broker.delete("/pacticipants/Foo/branches?exclude[]=feat%2Fa")

    assert response.status_code == 202
    assert response.json()["notices"] == [
        {"type": "success", "text": "Deleted 1 branches of Foo. Remaining branches: main, feat/a"}
    ]
    body = (await broker.get("/pacticipants/Foo/branches")).json()
    assert [item["name"] for item in body["_embedded"]["branches"]] == ["feat/a", "main"]
    assert body["page"] == {"number": 1, "size": 100, "totalElements": 2, "totalPages": 1}


async def test_latest_version_links_to_the_url_that_was_asked_for(broker: httpx.AsyncClient) -> None:
    """What is the latest version changes, so the link is not that of the version."""
    await publish(broker, "1", "x", branch="main", tags=["dev"])
    suffixes = ("latest-version", "latest-version/dev", "branches/main/latest-version")

    links = [
        (await broker.get(f"/pacticipants/Foo/{suffix}")).json()["_links"]["self"] for suffix in suffixes
    ]

    assert [link["href"] for link in links] == [
        f"http://broker/pacticipants/Foo/{suffix}" for suffix in suffixes
    ]


async def test_newest_version_becomes_head_of_branch_whose_head_is_taken_off(
    broker: httpx.AsyncClient,
) -> None:
    """The head is the version added last, but after it has gone the newest of all that are left."""
    for number in ("1", "2", "3"):
        await broker.put(f"/pacticipants/Foo/versions/{number}", json={})
    on_branch = "/pacticipants/Foo/branches/main/versions"
    for number in ("3", "1", "2"):
        await broker.put(f"{on_branch}/{number}", json={})

    heads = []
    for removed in ("", "2", "1", "3"):
        if removed:
            assert (await broker.delete(f"{on_branch}/{removed}")).status_code == 204
        latest = await broker.get("/pacticipants/Foo/branches/main/latest-version")
        heads.append(latest.json().get("number"))

    assert heads == ["2", "3", "3", None]
    assert (await broker.delete(f"{on_branch}/3")).status_code == 404
