"""Generated histories: a *yes* is backed by results, nothing published disappears, and independent writes commute.

More of them: `HYPOTHESIS_PROFILE=explore`.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

from broker.app import create_app
from tests.broker.memory import memory_database
from tests.broker.payloads import pact, path, publication

EXPLORING = os.environ.get("HYPOTHESIS_PROFILE") == "explore"
# few names in the small run, so that its short histories deploy pairs that have results
CONSUMERS = ("C1", "C2") if EXPLORING else ("C1",)
PROVIDERS = ("P1", "P2") if EXPLORING else ("P1",)
ENVIRONMENTS = ("test", "production") if EXPLORING else ("test",)
NUMBERS = ("1", "2", "3") if EXPLORING else ("1", "2")
PacticipantVersion = tuple[str, str]

versions = st.sampled_from(NUMBERS)
branches = st.sampled_from(["main", "feat/x", None])
contents = st.integers(min_value=0, max_value=2)


class BrokerSession:
    """An empty broker with blocking requests."""

    def __init__(self) -> None:
        self._database = memory_database()
        self._runner = asyncio.Runner()
        transport = httpx.ASGITransport(create_app(self._database))
        self._client = httpx.AsyncClient(transport=transport, base_url="http://broker")
        listed = self.read("/environments")["_embedded"]["environments"]
        self.environments = {item["name"]: item["uuid"] for item in listed}

    def close(self) -> None:
        """Close the client and the database."""
        self._runner.run(self._client.aclose())
        self._runner.close()
        self._database.close()

    def send(self, method: str, url: str, body: Any = None) -> httpx.Response:
        """Send a request."""
        return self._runner.run(self._client.request(method, url, json=body))

    def read(self, url: str) -> Any:
        """Return the body of a resource that must exist."""
        response = self.send("GET", url)
        assert response.status_code == 200, f"{url}: {response.status_code} {response.text}"
        return response.json()

    def publish(self, consumer: str, version: str, provider: str, content: int, branch: str | None) -> bool:
        """Publish a content and return whether it was accepted; other content for a version is a conflict."""
        fields = {"branch": branch} if branch else {}
        body = publication(version, pact(consumer, provider, f"content {content}"), **fields)
        status = self.send("POST", "/contracts/publish", body).status_code
        assert status in {200, 409}
        return status == 200

    def verify(
        self, consumer: str, version: str, provider_version: PacticipantVersion, *, success: bool
    ) -> None:
        """Publish a result for the pact of a consumer version."""
        provider, number = provider_version
        link = self.read(pact_path(consumer, version, provider))["_links"]["pb:publish-verification-results"]
        body = {"success": success, "providerApplicationVersion": number}
        assert self.send("POST", link["href"], body).status_code == 201

    def deploy(self, pacticipant: str, version: str, environment: str) -> None:
        """Record a deployment."""
        target = ("deployed-versions", "environment", self.environments[environment])
        response = self.send("POST", path("pacticipants", pacticipant, "versions", version, *target), {})
        assert response.status_code == 201

    def deployable(self, pacticipant: str, version: str, environment: str) -> bool | None:
        """Return the decision of can-i-deploy."""
        query = f"pacticipant={pacticipant}&version={version}&environment={environment}"
        deployable: bool | None = self.read(f"/can-i-deploy?{query}")["summary"]["deployable"]
        return deployable


def pact_path(consumer: str, version: str, provider: str) -> str:
    """Return the path of a pact."""
    return path("pacts", "provider", provider, "consumer", consumer, "version", version)


class HistoryMachine(RuleBasedStateMachine):
    """A broker beside a model of what was published, verified and deployed."""

    def __init__(self) -> None:
        super().__init__()
        self.broker = BrokerSession()
        self.pacts: dict[tuple[str, str, str], int] = {}
        self.results: dict[tuple[str, str, int, str], bool] = {}
        self.deployed: dict[tuple[str, str], str] = {}

    def teardown(self) -> None:
        """Check that nothing has disappeared, and close the broker."""
        try:
            self.check_that_everything_is_there()
        finally:
            self.broker.close()

    @rule(
        consumer=st.sampled_from(CONSUMERS),
        version=versions,
        provider=st.sampled_from(PROVIDERS),
        content=contents,
        branch=branches,
    )
    def publish(self, consumer: str, version: str, provider: str, content: int, branch: str | None) -> None:
        """A pact is stored unless the version has another content."""
        stored = self.pacts.setdefault((consumer, version, provider), content)
        assert self.broker.publish(consumer, version, provider, content, branch) is (stored == content)

    @precondition(lambda self: self.pacts)
    @rule(data=st.data(), number=versions, success=st.booleans())
    def verify(self, data: st.DataObject, number: str, *, success: bool) -> None:
        """A result belongs to the content."""
        consumer, version, provider = data.draw(st.sampled_from(sorted(self.pacts)))
        self.broker.verify(consumer, version, (provider, number), success=success)
        self.results[consumer, provider, self.pacts[consumer, version, provider], number] = success

    @precondition(lambda self: self.pacts)
    @rule(data=st.data(), environment=st.sampled_from(ENVIRONMENTS))
    def ask_and_deploy(self, data: st.DataObject, environment: str) -> None:
        """A *yes* is backed by a successful result for every pair that is deployed together."""
        deployable = [item for item in self.known_versions() if self.broker.deployable(*item, environment)]
        for pacticipant, version in deployable:
            after = {**self.in_environment(environment), pacticipant: version}
            assert self.unverified_pairs(pacticipant, after) == []
        if deployable:
            pacticipant, version = data.draw(st.sampled_from(deployable))
            self.broker.deploy(pacticipant, version, environment)
            self.deployed[environment, pacticipant] = version

    def check_that_everything_is_there(self) -> None:
        """Every pact is there with its content, every consumer version, and every result."""
        for (consumer, version, provider), content in self.pacts.items():
            body = self.broker.read(pact_path(consumer, version, provider))
            assert body["interactions"][0]["description"] == f"content {content}"
        for consumer in {key[0] for key in self.pacts}:
            listed = self.broker.read(f"/pacticipants/{consumer}/versions")["_embedded"]["versions"]
            assert {item["number"] for item in listed} == {key[1] for key in self.pacts if key[0] == consumer}
        for consumer, provider in {(key[0], key[1]) for key in self.results}:
            rows = self.broker.read(f"/matrix/provider/{provider}/consumer/{consumer}")["matrix"]
            verified = {_number(row["provider"]) for row in rows} - {None}
            assert verified == {key[3] for key in self.results if key[:2] == (consumer, provider)}

    def known_versions(self) -> list[PacticipantVersion]:
        """Return the versions of consumers and providers that exist."""
        consumers = {(consumer, version) for consumer, version, _ in self.pacts}
        return sorted(consumers | {(provider, number) for _, provider, _, number in self.results})

    def in_environment(self, environment: str) -> dict[str, str]:
        """Return the versions that are deployed to an environment."""
        return {name: version for (where, name), version in self.deployed.items() if where == environment}

    def unverified_pairs(self, pacticipant: str, deployed: dict[str, str]) -> list[tuple[str, str]]:
        """Return the pairs of a pacticipant that would be deployed together without a successful result."""
        return [
            (consumer, provider)
            for (consumer, version, provider), content in self.pacts.items()
            if pacticipant in {consumer, provider}
            and deployed.get(consumer) == version
            and not self.results.get((consumer, provider, content, deployed.get(provider, "")), False)
        ]


TestHistories = HistoryMachine.TestCase
TestHistories.settings = settings(
    max_examples=300 if EXPLORING else 12, stateful_step_count=40 if EXPLORING else 12
)

writes = st.lists(
    st.one_of(
        st.tuples(st.just("publish"), versions, contents, branches),
        st.tuples(st.just("verify"), versions, versions, st.booleans()),
        st.tuples(st.just("deploy"), versions, st.sampled_from(ENVIRONMENTS)),
    ),
    min_size=3,
    max_size=12,
)


def write(broker: BrokerSession, pair: str, step: tuple[Any, ...]) -> None:
    """Run a write on one pair of consumer and provider; one that is not possible does nothing."""
    consumer, provider, version = f"{pair}-consumer", f"{pair}-provider", step[1]
    if step[0] == "publish":
        broker.publish(consumer, version, provider, step[2], step[3])
    elif broker.send("GET", pact_path(consumer, version, provider)).status_code != 200:
        return
    elif step[0] == "verify":
        broker.verify(consumer, version, (provider, step[2]), success=step[3])
    else:
        broker.deploy(consumer, version, step[2])


def facts(broker: BrokerSession, pair: str) -> Any:
    """Return what a broker answers about a pair, without times and ids."""
    provider = path("pacts", "provider", f"{pair}-provider")
    if broker.send("GET", provider).status_code == 404:
        return None
    matrix = broker.read(f"/matrix?q[][pacticipant]={pair}-consumer&q[][pacticipant]={pair}-provider")
    rows = [
        (row["consumer"]["version"]["number"], _number(row["provider"]), _success(row))
        for row in matrix["matrix"]
    ]
    body = {
        "includePendingStatus": True,
        "providerVersionBranch": "main",
        "includeWipPactsSince": "2020-01-01",
    }
    selected = broker.send("POST", f"{provider}/for-verification", body).json()["_embedded"]["pacts"]
    to_verify = [
        (item["_links"]["self"]["name"], item["verificationProperties"]["pending"]) for item in selected
    ]
    answers = [
        broker.deployable(f"{pair}-consumer", version, environment)
        for version in NUMBERS
        for environment in ENVIRONMENTS
    ]
    return rows, matrix["summary"], to_verify, answers


def _number(pacticipant: dict[str, Any]) -> str | None:
    version = pacticipant["version"]
    return None if version is None else str(version["number"])


def _success(row: dict[str, Any]) -> bool | None:
    result = row["verificationResult"]
    return None if result is None else bool(result["success"])


@contextmanager
def sessions() -> Iterator[tuple[BrokerSession, BrokerSession]]:
    """Yield two empty brokers."""
    first, second = BrokerSession(), BrokerSession()
    try:
        yield first, second
    finally:
        first.close()
        second.close()


@settings(max_examples=300 if EXPLORING else 8)
@given(first=writes, second=writes, order=st.lists(st.booleans(), min_size=24, max_size=24))
def test_order_of_independent_writes_does_not_matter(
    first: list[tuple[Any, ...]], second: list[tuple[Any, ...]], order: list[bool]
) -> None:
    """Writes on two pairs that share no pacticipant give the same answers interleaved and one after the other."""
    with sessions() as (sequential, interleaved):
        for step in first:
            write(sequential, "a", step)
        for step in second:
            write(sequential, "b", step)
        left, right = list(first), list(second)
        for takes_left in [*order, *[True] * len(first), *[False] * len(second)]:
            if takes_left and left:
                write(interleaved, "a", left.pop(0))
            elif not takes_left and right:
                write(interleaved, "b", right.pop(0))

        for pair in ("a", "b"):
            assert facts(interleaved, pair) == facts(sequential, pair)
