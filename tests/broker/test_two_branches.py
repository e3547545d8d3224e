"""Two branches at one broker: what is recorded for one never changes can-i-deploy for exact versions of the other."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event
from typing import Any

import httpx
import pytest

from tests.broker.payloads import pact, path, publication
from tests.broker.server import serve_broker

ROUNDS = 15


@pytest.fixture
def client(tmp_path: Path) -> Iterator[httpx.Client]:
    """A client of an empty broker."""
    with serve_broker(tmp_path / "b.sqlite") as url, httpx.Client(base_url=url, timeout=30) as client:
        yield client


def publish(client: httpx.Client, number: str, branch: str, content: str) -> None:
    """Publish a consumer version with a pact with the vendor."""
    body = publication(number, pact("consumer", "vendor", content), branch=branch)
    assert client.post("/contracts/publish", json=body).is_success


def verify(client: httpx.Client, consumer: str, vendor: str, branch: str, *, success: bool = True) -> None:
    """Publish a vendor version's result for a consumer version, on a branch."""
    client.put(path("pacticipants", "vendor", "branches", branch, "versions", vendor), json={})
    document = client.get(f"/pacts/provider/vendor/consumer/consumer/version/{consumer}").json()
    results_url = document["_links"]["pb:publish-verification-results"]["href"]
    result = {"success": success, "providerApplicationVersion": vendor}
    assert client.post(results_url, json=result).is_success


def deploy(client: httpx.Client, name: str, number: str) -> None:
    """Record a deployment to production."""
    environments = client.get("/environments", params={"name": "production"}).json()
    uuid = environments["_embedded"]["environments"][0]["uuid"]
    url_path = path("pacticipants", name, "versions", number, "deployed-versions", "environment", uuid)
    assert client.post(url_path, json={}).is_success


def can_i_deploy(client: httpx.Client, consumer: str, vendor: str) -> dict[str, Any]:
    """Return the broker's response to `can-i-deploy` of the official CLI with two exact versions."""
    selectors = (
        f"q[][pacticipant]=consumer&q[][version]={consumer}&q[][pacticipant]=vendor&q[][version]={vendor}"
    )
    response = client.get(f"/matrix?{selectors}&latestby=cvpv")
    assert response.status_code == 200
    body: dict[str, Any] = response.json()
    return body


def without_environments(body: dict[str, Any]) -> dict[str, Any]:
    """Return a result without the state of its versions, which deployments of other versions change rightly."""
    results = [(row["pact"], row["verificationResult"]) for row in body["matrix"]]
    return {"summary": body["summary"], "notices": body["notices"], "results": results}


def publish_other_content(client: httpx.Client) -> None:
    """Publish and verify another pact on branch A."""
    publish(client, "a1", "branch-a", "content of a")
    verify(client, "a1", "vendor-a", "branch-a")


def fail_other_content(client: httpx.Client) -> None:
    """Publish another pact on branch A, and let its verification fail."""
    publish(client, "a1", "branch-a", "content of a")
    verify(client, "a1", "vendor-a", "branch-a", success=False)


def fail_same_content(client: httpx.Client) -> None:
    """Publish the pact of branch B on branch A, and let its verification by another vendor version fail."""
    publish(client, "a1", "branch-a", "content of b")
    verify(client, "a1", "vendor-a", "branch-a", success=False)


def pass_same_content(client: httpx.Client) -> None:
    """Publish the pact of branch B on branch A, and verify it with another vendor version."""
    publish(client, "a1", "branch-a", "content of b")
    verify(client, "a1", "vendor-a", "branch-a")


def deploy_both(client: httpx.Client) -> None:
    """Record consumer and vendor version of branch A as deployed."""
    publish_other_content(client)
    deploy(client, "vendor", "vendor-a")
    deploy(client, "consumer", "a1")


def tag_and_delete_branch(client: httpx.Client) -> None:
    """Tag the versions of branch A like an environment, then delete the branch."""
    publish_other_content(client)
    client.put(path("pacticipants", "vendor", "versions", "vendor-a", "tags", "production"), json={})
    assert client.delete(path("pacticipants", "consumer", "branches", "branch-a")).is_success


ACTIONS = [
    publish_other_content,
    fail_other_content,
    fail_same_content,
    pass_same_content,
    deploy_both,
    tag_and_delete_branch,
]


@pytest.mark.parametrize("verified", [True, False, None], ids=["passed", "failed", "not verified"])
def test_actions_on_one_branch_do_not_change_the_other(client: httpx.Client, verified: bool | None) -> None:  # noqa: FBT001 - a case of the table
    """After each action on branch A the decision, reasons and results for B's exact versions are the same as before."""
    publish(client, "b1", "branch-b", "content of b")
    client.put(path("pacticipants", "vendor", "branches", "branch-b", "versions", "vendor-b"), json={})
    if verified is not None:
        verify(client, "b1", "vendor-b", "branch-b", success=verified)
    before = can_i_deploy(client, "b1", "vendor-b")

    assert before["summary"]["deployable"] is verified
    for action in ACTIONS:
        client.delete(path("pacticipants", "consumer", "versions", "a1"))
        action(client)
        after = can_i_deploy(client, "b1", "vendor-b")
        assert without_environments(after) == without_environments(before), action.__name__


def test_verifying_the_same_content_with_the_same_vendor_version_again_changes_nothing(
    client: httpx.Client,
) -> None:
    """Branches that share the pact and the vendor version share the result, which stays a success."""
    publish(client, "b1", "branch-b", "content of b")
    verify(client, "b1", "vendor-b", "branch-b")
    publish(client, "a1", "branch-a", "content of b")
    verify(client, "a1", "vendor-b", "branch-a")

    decisions = [can_i_deploy(client, number, "vendor-b")["summary"]["deployable"] for number in ("a1", "b1")]

    assert decisions == [True, True]


def test_concurrent_branches_do_not_change_each_other(client: httpx.Client) -> None:
    """While branch A publishes, verifies, fails and deploys, every query of branch B has the same result."""
    publish(client, "b1", "branch-b", "content of b")
    verify(client, "b1", "vendor-b", "branch-b")
    before = without_environments(can_i_deploy(client, "b1", "vendor-b"))
    finished = Event()

    def work_on_branch_a() -> None:
        try:
            for number in range(ROUNDS):
                publish(
                    client, f"a{number}", "branch-a", "content of b" if number % 2 else f"content {number}"
                )
                verify(client, f"a{number}", f"vendor-a{number}", "branch-a", success=number % 3 != 0)
                deploy(client, "vendor", f"vendor-a{number}")
                deploy(client, "consumer", f"a{number}")
        finally:
            finished.set()

    results = []
    with ThreadPoolExecutor(1) as pool:
        work = pool.submit(work_on_branch_a)
        while not finished.is_set():
            results.append(without_environments(can_i_deploy(client, "b1", "vendor-b")))
        work.result()

    assert len(results) > 1
    assert all(result == before for result in results)


@pytest.mark.parametrize(
    ("query", "status", "message"),
    [
        ("/can-i-deploy?pacticipant=nobody&version=1&environment=test", 400, "Pacticipant nobody not found"),
        ("/matrix?q[][pacticipant]=nobody&q[][version]=1", 400, "Pacticipant nobody not found"),
        (
            "/can-i-deploy?pacticipant=consumer&version=9&environment=test",
            200,
            "There is no version 9 of consumer: publish it, or check its name and number",
        ),
        (
            "/matrix?q[][pacticipant]=consumer&q[][version]=b1&q[][pacticipant]=vendor&q[][version]=9&latestby=cvpv",
            200,
            "There is no version 9 of vendor: publish it, or check its name and number",
        ),
    ],
)
def test_unpublished_pacticipant_or_version_is_named(
    client: httpx.Client, query: str, status: int, message: str
) -> None:
    """An unknown pacticipant is 400; an unknown version is not deployable, with an error notice (as officially)."""
    publish(client, "b1", "branch-b", "content of b")

    response = client.get(query)

    assert response.status_code == status
    if status == 400:
        assert message in str(response.json()["errors"])
    else:
        assert response.json()["summary"]["deployable"] is False
        assert {"type": "error", "text": message} in response.json()["notices"]
