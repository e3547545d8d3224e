"""Verification results that are deleted or summarized, and decisions at short URLs."""

from __future__ import annotations

import httpx

from tests.broker.foo_and_bar import PAIR, publish, verify
from tests.broker.payloads import pact, publication


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


async def test_matrix_of_an_integration_has_every_result(broker: httpx.AsyncClient) -> None:
    """Results that a later one of the same provider version has replaced are included."""
    await publish(broker, "1", "x")
    await verify(broker, "1", success=False)
    await verify(broker, "1", success=True)

    rows = (await broker.get("/matrix/provider/Bar/consumer/Foo")).json()["matrix"]

    assert [row["verificationResult"]["success"] for row in rows] == [True, False]


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
