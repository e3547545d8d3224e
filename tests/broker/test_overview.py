"""Labels, integrations and the data of the dashboard."""

from __future__ import annotations

import httpx

from tests.broker.foo_and_bar import PAIR, publish, verify
from tests.broker.payloads import path

TEXT = {"Accept": "text/plain"}


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
    # as recorded from the official broker, although no version has verified the content successfully
    assert heads == {"1": "stale", "2": "failed", "4": "failed"}
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
