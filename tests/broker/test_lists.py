"""Resources beside the pacts themselves: labels, integrations, dashboard data, differences, provider states, results."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.broker.payloads import pact, path, publication

PAIR = "/pacts/provider/Bar/consumer/Foo"
TEXT = {"Accept": "text/plain"}


async def publish(
    broker: httpx.AsyncClient, version: str, *contents: str, consumer: str = "Foo", **fields: Any
) -> None:
    """Publish a pact with Bar."""
    body = publication(version, pact(consumer, "Bar", *contents), **fields)
    (await broker.post("/contracts/publish", json=body)).raise_for_status()


async def verify(
    broker: httpx.AsyncClient, version: str, *, success: bool = True, provider: str = "1"
) -> str:
    """Publish a result for the pact of a version of Foo, and return the result's path."""
    links = (await broker.get(f"{PAIR}/version/{version}")).json()["_links"]
    body = {"success": success, "providerApplicationVersion": provider}
    response = await broker.post(links["pb:publish-verification-results"]["href"], json=body)
    href: str = response.json()["_links"]["self"]["href"]
    return href.removeprefix("http://broker")


def names(body: dict[str, Any], relation: str = "pb:pacts") -> list[str]:
    """Return the version numbers that a list of pacts links to."""
    return [link["href"].rpartition("/")[2] for link in body["_links"][relation]]


async def test_label_is_created_listed_and_removed(broker: httpx.AsyncClient) -> None:
    """PUT is 201 and then 200; the label is in the pacticipant, in `/labels` and selects the pacticipant."""
    await broker.post("/pacticipants", json={"name": "Foo App"})
    label = path("pacticipants", "Foo App", "labels", "a/b")

    created = [await broker.put(label, json={}) for _ in range(2)]

    assert [response.status_code for response in created] == [201, 200]
    assert created[0].headers["location"] == f"http://broker{label}"
    assert (await broker.get(label)).json()["name"] == "a/b"
    labels = (await broker.get("/pacticipants/Foo%20App")).json()["_embedded"]["labels"]
    assert [item["name"] for item in labels] == ["a/b"]
    assert (await broker.get("/labels")).json()["_embedded"]["labels"] == [{"name": "a/b"}]
    labelled = (await broker.get("/pacticipants/label/a%2Fb")).json()["_embedded"]["pacticipants"]
    assert [item["name"] for item in labelled] == ["Foo App"]
    assert [(await broker.delete(label)).status_code for _ in range(2)] == [204, 404]
    assert (await broker.get("/labels")).json()["_embedded"]["labels"] == []


async def test_integrations_are_listed_newest_first(broker: httpx.AsyncClient) -> None:
    """With links that have the base URL, and as a graph with quoted names."""
    await publish(broker, "1", "x")
    await publish(broker, "1", "x", consumer='a"b')

    body = (await broker.get("/integrations")).json()
    graph = await broker.get("/integrations", headers={"Accept": "text/vnd.graphviz"})

    listed = body["_embedded"]["integrations"]
    assert [item["consumer"]["name"] for item in listed] == ['a"b', "Foo"]
    assert listed[1]["_links"]["pb:matrix"]["href"] == "http://broker/matrix/provider/Bar/consumer/Foo"
    assert graph.text == 'digraph {\n  "a\\"b" -> "Bar"\n  "Foo" -> "Bar"\n}\n'


async def test_deleted_integration_leaves_no_orphans(broker: httpx.AsyncClient) -> None:
    """Pacts, results and what nothing else uses go, whatever the client accepts; the rest stays."""
    await publish(broker, "1", "x")
    await publish(broker, "1", "x", consumer="Other")
    await publish(broker, "2", "x", tags=["prod"])
    await verify(broker, "1")

    deleted = [await broker.delete("/integrations/provider/Bar/consumer/Foo") for _ in range(2)]

    assert [response.status_code for response in deleted] == [204, 404]
    versions = (await broker.get("/pacticipants/Foo/versions")).json()["_embedded"]["versions"]
    assert [version["number"] for version in versions] == ["2"]
    assert (await broker.get("/pacticipants/Bar/versions/1")).status_code == 404
    assert (await broker.get(f"{PAIR.replace('Foo', 'Other')}/latest")).status_code == 200
    assert (await broker.delete("/integrations")).status_code == 204
    assert (await broker.get("/integrations")).json()["_embedded"]["integrations"] == []


async def test_dashboard_has_every_head(broker: httpx.AsyncClient) -> None:
    """The latest pact, that of each tag, and that of each branch, which the official broker leaves out."""
    await publish(broker, "1", "x", tags=["prod"])
    await publish(broker, "2", "x", "y", branch="feat")
    await publish(broker, "3", "x", branch="main")
    await publish(broker, "4", "x", "y", branch="main")
    await verify(broker, "4", success=False)

    items = (await broker.get("/dashboard")).json()["items"]

    heads = {item["consumer"]["version"]["number"]: item["verificationStatus"] for item in items}
    assert heads == {"1": "stale", "2": "failed_pending", "4": "failed_pending"}
    newest = next(item for item in items if item["consumer"]["version"]["number"] == "4")
    assert newest["consumer"]["version"]["headBranchNames"] == ["main"]
    assert newest["provider"]["version"]["number"] == "1"
    assert newest["latestVerificationResult"]["success"] is False
    tagged = next(item for item in items if item["consumer"]["version"]["number"] == "1")
    assert [(tag["name"], tag["latest"]) for tag in tagged["pactTags"]] == [("prod", True)]


async def test_dashboard_of_an_integration_and_as_text(broker: httpx.AsyncClient) -> None:
    """Another integration is left out; the text has a row for each item."""
    await publish(broker, "1", "x")
    await publish(broker, "2", "x", consumer="Other")
    await verify(broker, "1")

    items = (await broker.get("/dashboard/provider/Bar/consumer/Foo")).json()["items"]
    lines = (await broker.get("/dashboard", headers=TEXT)).text.splitlines()

    assert [item["consumer"]["name"] for item in items] == ["Foo"]
    rows = [[cell.strip() for cell in line.split("|")] for line in lines[2:]]
    assert rows == [["Foo", "1", "", "Bar", "1", "", "success"], ["Other", "2", "", "Bar", "", "", "never"]]


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


async def test_deleted_result_no_longer_counts(broker: httpx.AsyncClient) -> None:
    """The provider version's result before it counts again; a second DELETE is 404."""
    await publish(broker, "1", "x")
    await verify(broker, "1", success=False)
    result = await verify(broker, "1", success=True)
    ask = "/matrix?q[][pacticipant]=Foo&q[][version]=1&q[][pacticipant]=Bar&q[][version]=1&latestby=cvpv"
    before = (await broker.get(ask)).json()["summary"]["deployable"]

    deleted = [(await broker.delete(result)).status_code for _ in range(2)]

    after = (await broker.get(ask)).json()["summary"]["deployable"]
    assert (before, deleted, after) == (True, [204, 404], False)


async def test_summary_names_each_provider_once(broker: httpx.AsyncClient) -> None:
    """It is a success only if every provider has succeeded, also if the content belongs to several versions."""
    document = pact("Foo", "Other", "x")
    body = publication("1", pact("Foo", "Bar", "x"), document)
    (await broker.post("/contracts/publish", json=body)).raise_for_status()
    await publish(broker, "2", "x")
    await verify(broker, "1")

    first = (await broker.get("/verification-results/consumer/Foo/version/1/latest")).json()
    second = (await broker.get("/verification-results/consumer/Foo/version/2/latest")).json()

    assert first["providerSummary"] == {"successful": ["Bar"], "failed": [], "unknown": ["Other"]}
    assert (first["success"], second["success"]) == (False, True)
    assert second["providerSummary"]["successful"] == ["Bar"]
    assert [item["providerName"] for item in second["_embedded"]["verificationResults"]] == ["Bar"]


async def test_can_i_deploy_by_tag_and_branch(broker: httpx.AsyncClient) -> None:
    """The short URLs have the body of the matrix, and are 404 if the version or the environment does not exist."""
    await publish(broker, "1", "x", branch="main", tags=["dev"])
    await verify(broker, "1")
    await broker.put("/pacticipants/Bar/versions/1/tags/prod", json={})
    base = "/pacticipants/Foo"
    urls = [
        f"{base}/latest-version/dev/can-i-deploy/to/prod",
        f"{base}/branches/main/latest-version/can-i-deploy/to-environment/test",
        f"{base}/latest-version/none/can-i-deploy/to/prod",
        f"{base}/branches/none/latest-version/can-i-deploy/to-environment/test",
        f"{base}/branches/main/latest-version/can-i-deploy/to-environment/none",
    ]

    responses = [await broker.get(url) for url in urls]

    assert [response.status_code for response in responses] == [200, 200, 404, 404, 404]
    assert [response.json()["summary"]["deployable"] for response in responses[:2]] == [True, None]


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


async def test_matrix_of_an_integration_has_every_result(broker: httpx.AsyncClient) -> None:
    """Results that a later one of the same provider version has replaced are included."""
    await publish(broker, "1", "x")
    await verify(broker, "1", success=False)
    await verify(broker, "1", success=True)

    rows = (await broker.get("/matrix/provider/Bar/consumer/Foo")).json()["matrix"]

    assert [row["verificationResult"]["success"] for row in rows] == [True, False]


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


async def test_latest_result_of_a_tag_is_that_of_the_pact_with_the_tag(broker: httpx.AsyncClient) -> None:
    """The official broker returns the result of the overall latest pact."""
    await publish(broker, "1", "x", tags=["prod"])
    await publish(broker, "2", "y")
    await verify(broker, "1", success=True, provider="7")
    await verify(broker, "2", success=False, provider="8")

    results = [
        (await broker.get(f"{PAIR}/{latest}/verification-results/latest")).json()
        for latest in ("latest/prod", "latest", "version/1")
    ]

    assert [result["providerApplicationVersion"] for result in results] == ["7", "8", "7"]


async def test_deleted_pact_and_integration_take_their_webhooks_history_along(
    broker: httpx.AsyncClient,
) -> None:
    """What refers to a pact or a version does not keep it from being deleted."""
    webhook = {
        "request": {"method": "POST", "url": "https://ci.example.org/"},
        "events": [{"name": "contract_published"}],
    }
    assert (await broker.post("/webhooks", json=webhook)).status_code == 201
    await publish(broker, "1", "x", branch="main", tags=["dev"])
    await publish(broker, "2", "y", branch="main")
    await verify(broker, "1")

    deleted = [
        (await broker.delete(url)).status_code
        for url in (f"{PAIR}/version/1", f"{PAIR}/branch/main", "/integrations/provider/Bar/consumer/Foo")
    ]

    assert deleted == [200, 200, 204]
    assert (await broker.get("/webhooks")).json()["_links"]["pb:webhooks"] != []
