"""Where the official broker says yes too early: the stricter rules, and how to ask for the official ones."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from broker.settings import OFFICIAL, Settings
from tests.broker.conftest import broker_client
from tests.broker.payloads import pact, publication

ASK = "/can-i-deploy?pacticipant=Foo&version=1&environment=production"
RUST = "/matrix?q[][pacticipant]=Foo&q[][version]=1&latestby=cvpv&environment=production"
RUBY = "/matrix?q[][pacticipant]=Foo&q[][version]=1&latestby=cvp&environment=production"
EXPLICIT = "/matrix?q[][pacticipant]=Foo&q[][version]=1&q[][pacticipant]=Bar&q[][environment]=production&latestby=cvpv"
QUERIES = [ASK, RUST, RUBY, EXPLICIT]


@pytest.fixture
async def official() -> AsyncIterator[httpx.AsyncClient]:
    """A client of an empty broker that decides by the official rules."""
    async with broker_client(Settings(rules=OFFICIAL)) as client:
        yield client


async def publish(broker: httpx.AsyncClient, version: str = "1", **fields: Any) -> None:
    """Publish a pact of Foo with Bar."""
    response = await broker.post(
        "/contracts/publish", json=publication(version, pact("Foo", "Bar", "x"), **fields)
    )
    assert response.status_code == 200


async def verify(broker: httpx.AsyncClient, provider_version: str, *, success: bool = True) -> None:
    """Publish a result of a version of Bar."""
    read = (await broker.get("/pacts/provider/Bar/consumer/Foo/latest")).json()
    result = {"success": success, "providerApplicationVersion": provider_version}
    response = await broker.post(read["_links"]["pb:publish-verification-results"]["href"], json=result)
    assert response.status_code == 201


async def deploy(broker: httpx.AsyncClient, version: str, instance: str) -> None:
    """Record a deployment of a version of Bar to production."""
    environments = (await broker.get("/environments?name=production")).json()["_embedded"]["environments"]
    url_path = f"/pacticipants/Bar/versions/{version}/deployed-versions/environment/{environments[0]['uuid']}"
    response = await broker.post(url_path, json={"applicationInstance": instance})
    assert response.status_code == 201


async def deploy_two_and_verify_one(broker: httpx.AsyncClient) -> None:
    """Two versions of Bar are deployed, and only the newer one has verified the pact of Foo 1."""
    await publish(broker)
    await broker.put("/pacticipants/Bar/versions/old", json={})
    await verify(broker, "new")
    await deploy(broker, "old", "blue")
    await deploy(broker, "new", "green")


@pytest.mark.parametrize("query", QUERIES)
async def test_consumer_verified_by_one_of_two_deployed_versions_is_not_deployable(
    broker: httpx.AsyncClient, query: str
) -> None:
    """The reason names the version whose result is missing, whatever the client's grouping."""
    await deploy_two_and_verify_one(broker)

    body = (await broker.get(query)).json()

    assert body["summary"]["deployable"] is None
    assert (body["summary"]["success"], body["summary"]["unknown"]) == (1, 1)
    assert body["summary"]["reason"] == (
        "The pact between Foo (1) and Bar has no verification result from version old, "
        "a version of Bar currently in production"
    )
    rows = [
        (row["provider"]["version"]["number"], row["verificationResult"] is None) for row in body["matrix"]
    ]
    assert rows == [("new", False), ("old", True)]


@pytest.mark.parametrize("query", QUERIES)
async def test_consumer_verified_by_both_deployed_versions_is_deployable(
    broker: httpx.AsyncClient, query: str
) -> None:
    """Nothing is missing."""
    await deploy_two_and_verify_one(broker)
    await verify(broker, "old")

    assert (await broker.get(query)).json()["summary"]["deployable"] is True


@pytest.mark.parametrize("query", QUERIES)
async def test_failure_of_one_of_two_deployed_versions_is_no(broker: httpx.AsyncClient, query: str) -> None:
    """The grouping of the Ruby client does not hide the older version, and the reason names it."""
    await deploy_two_and_verify_one(broker)
    await verify(broker, "old", success=False)

    summary = (await broker.get(query)).json()["summary"]

    assert (summary["deployable"], summary["reason"]) == (
        False,
        "The verification of the pact between Foo (1) and Bar (old) failed",
    )


async def test_deployed_version_that_is_ignored_need_not_verify(broker: httpx.AsyncClient) -> None:
    """An exact version is ignored."""
    await deploy_two_and_verify_one(broker)

    body = (await broker.get(f"{RUST}&ignore[][pacticipant]=Bar&ignore[][version]=old")).json()

    assert (body["summary"]["deployable"], body["summary"]["ignored"]) == (True, 1)


@pytest.mark.parametrize("query", QUERIES)
async def test_official_rules_are_content_with_one_deployed_version(
    broker: httpx.AsyncClient, official: httpx.AsyncClient, query: str
) -> None:
    """By the query key or by the setting; the query key can also ask for the strict rules."""
    await deploy_two_and_verify_one(broker)
    await deploy_two_and_verify_one(official)

    answers = [
        (await client.get(url)).json()["summary"]["deployable"]
        for client, url in (
            (broker, f"{query}&rules=official"),
            (official, query),
            (official, f"{query}&rules=strict"),
        )
    ]

    assert answers == [True, True, None]


@pytest.mark.parametrize("url_path", [ASK, RUST, "/pacts/provider/Bar/for-verification?"])
async def test_unknown_rules_are_refused(broker: httpx.AsyncClient, url_path: str) -> None:
    """The names of the rules are in the error."""
    await publish(broker)

    response = await broker.get(f"{url_path}&rules=lenient")

    assert (response.status_code, response.json()) == (
        400,
        {"errors": {"rules": ["must be one of strict, official"]}},
    )


@pytest.mark.parametrize(
    "query", [ASK, RUST, "/matrix?q[][pacticipant]=Foo&q[][version]=1&latestby=cvp&latest=true"]
)
async def test_version_of_a_consumer_without_pacts_is_unknown(broker: httpx.AsyncClient, query: str) -> None:
    """A tag or a branch creates a version too; the official broker says yes to it."""
    await publish(broker, "0")
    await broker.put("/pacticipants/Foo/versions/1", json={})

    body = (await broker.get(query)).json()
    by_official_rules = (await broker.get(f"{query}&rules=official")).json()

    assert (body["summary"]["deployable"], body["summary"]["unknown"]) == (None, 1)
    assert "Foo (1) has no pact: publish its pacts" in body["summary"]["reason"]
    assert by_official_rules["summary"]["deployable"] is True


async def test_version_without_pacts_is_unknown_beside_named_versions(broker: httpx.AsyncClient) -> None:
    """Also if every version is named, as the gate does."""
    await publish(broker, "0")
    await broker.put("/pacticipants/Foo/versions/1", json={})
    await broker.put("/pacticipants/Bar/versions/1", json={})
    query = "/matrix?q[][pacticipant]=Foo&q[][version]=1&q[][pacticipant]=Bar&q[][version]=1&latestby=cvpv"

    strict = (await broker.get(query)).json()["summary"]["deployable"]
    ignored = (await broker.get(f"{query}&ignore[][pacticipant]=Foo")).json()["summary"]["deployable"]

    assert (strict, ignored) == (None, True)


async def test_version_of_no_consumer_and_no_provider_is_unknown(broker: httpx.AsyncClient) -> None:
    """A misspelled name that was created by a tag has no pacts with anybody."""
    await broker.put("/pacticipants/Foo/versions/1/tags/dev", json={})

    assert (await broker.get(ASK)).json()["summary"]["deployable"] is None


async def test_version_of_a_mere_provider_needs_no_pacts(broker: httpx.AsyncClient) -> None:
    """No consumer is in production, so that there is nothing to break."""
    await publish(broker)
    await broker.put("/pacticipants/Bar/versions/1", json={})

    answer = await broker.get("/can-i-deploy?pacticipant=Bar&version=1&environment=production")

    assert answer.json()["summary"]["deployable"] is True


async def test_selector_with_several_versions_looks_at_their_providers(broker: httpx.AsyncClient) -> None:
    """The official broker looks at pairs between the named pacticipants only, finds none and says yes."""
    await publish(broker, "1", branch="feat/x")
    await publish(broker, "2", branch="feat/x")
    query = "/matrix?q[][pacticipant]=Foo&q[][branch]=feat/x&latestby=cvpv"

    unverified = (await broker.get(query)).json()["summary"]
    by_official_rules = (await broker.get(f"{query}&rules=official")).json()["summary"]["deployable"]
    await verify(broker, "1")
    verified = (await broker.get(query)).json()["summary"]["deployable"]

    assert (unverified["deployable"], unverified["unknown"]) == (None, 2)
    assert (by_official_rules, verified) == (True, True)


async def test_limit_does_not_hide_failures_from_the_decision(broker: httpx.AsyncClient) -> None:
    """Only the rows that are returned are limited."""
    await publish(broker)
    await verify(broker, "1", success=False)
    await verify(broker, "2")
    query = "/matrix?q[][pacticipant]=Foo&q[][version]=1&latestby=cvpv&limit=1"

    body = (await broker.get(query)).json()
    by_official_rules = (await broker.get(f"{query}&rules=official")).json()

    assert (body["summary"]["deployable"], len(body["matrix"])) == (False, 1)
    assert (by_official_rules["summary"]["deployable"], len(by_official_rules["matrix"])) == (True, 1)


@pytest.mark.parametrize(("rules", "selected"), [("strict", ["1"]), ("official", [])])
async def test_fallback_branch_selects_when_the_branch_selects_nothing(
    broker: httpx.AsyncClient, rules: str, selected: list[str]
) -> None:
    """The official broker accepts `fallbackBranch` and selects nothing by it."""
    await publish(broker, "1", branch="main")
    body = {"consumerVersionSelectors": [{"branch": "feat/x", "fallbackBranch": "main"}]}

    response = await broker.post(f"/pacts/provider/Bar/for-verification?rules={rules}", json=body)

    names = [item["_links"]["self"]["name"] for item in response.json()["_embedded"]["pacts"]]
    assert names == [f"Pact between Foo ({number}) and Bar" for number in selected]


async def test_fallback_branch_is_not_used_when_the_branch_has_a_pact(broker: httpx.AsyncClient) -> None:
    """The branch comes first."""
    await publish(broker, "1", branch="main")
    await broker.post("/contracts/publish", json=publication("2", pact("Foo", "Bar", "y"), branch="feat/x"))
    body = {"consumerVersionSelectors": [{"branch": "feat/x", "fallbackBranch": "main"}]}

    response = await broker.post("/pacts/provider/Bar/for-verification", json=body)

    (item,) = response.json()["_embedded"]["pacts"]
    assert item["_links"]["self"]["name"] == "Pact between Foo (2) and Bar"
    assert item["shortDescription"] == "latest from branch feat/x"
