"""The official verifier against the embedded broker, with each of its options for the selection of pacts."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
import pytest
from pact import Verifier
from pact.verifier import BrokerSelectorBuilder

from tests.broker.broker_process import run_broker
from tests.broker.payloads import pact, publication


class Provider(BaseHTTPRequestHandler):
    """A provider that answers every GET with 200, except those below `/broken`."""

    def do_GET(self) -> None:
        """Respond."""
        self.send_response(500 if self.path.startswith("/broken") else 200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Write no log."""


@pytest.fixture(scope="module")
def provider_url() -> Iterator[str]:
    """The URL of the provider Bar."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Provider) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def broker_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a broker with pacts of Foo on branches, with tags, and deployed."""
    with run_broker(tmp_path_factory.mktemp("verifier") / "b.sqlite") as url:
        _publish_all(url)
        yield url


def _publish_all(url: str) -> None:
    publish(url, "1", "on main", branch="main")
    publish(url, "2", "on feature", branch="feat/x")
    publish(url, "3", "tagged", tags=["dev"])
    publish(url, "4", "deployed")
    publish(url, "5", "broken", branch="bad")
    publish(url, "6", "newest")
    environment = httpx.get(f"{url}/environments?name=test").json()["_embedded"]["environments"][0]["uuid"]
    path = f"{url}/pacticipants/Foo/versions/4/deployed-versions/environment/{environment}"
    httpx.post(path, json={}).raise_for_status()


def publish(url: str, version: str, content: str, **fields: Any) -> None:
    """Publish a pact between Foo and Bar."""
    body = publication(version, pact("Foo", "Bar", content), **fields)
    httpx.post(f"{url}/contracts/publish", json=body).raise_for_status()


def selecting(provider_url: str, broker_url: str) -> BrokerSelectorBuilder:
    """Return a builder of selectors for the provider Bar."""
    builder = (
        Verifier("Bar", host="127.0.0.1")
        .add_transport(url=provider_url)
        .broker_source(broker_url, selector=True)
    )
    assert isinstance(builder, BrokerSelectorBuilder)
    return builder


def verified(verifier: Verifier) -> dict[str, str]:
    """Run the verifier and return the result of each interaction by its description."""
    verifier.verify()
    return {item["description"]: item["result"] for item in verifier.results["interactionResults"]}


@pytest.mark.parametrize(
    ("selector", "expected"),
    [
        ({"main_branch": True}, {"on main"}),
        ({"branch": "feat/x"}, {"on feature"}),
        ({"matching_branch": True}, {"on feature"}),
        ({"tag": "dev", "latest": True}, {"tagged"}),
        ({"tag": "none", "latest": True, "fallback_tag": "dev"}, {"tagged"}),
        ({"latest": True, "consumer": "Foo"}, {"newest"}),
        ({"deployed_or_released": True}, {"deployed"}),
        ({"deployed": True, "environment": "test"}, {"deployed"}),
    ],
    ids=str,
)
def test_selectors(provider_url: str, broker_url: str, selector: dict[str, Any], expected: set[str]) -> None:
    """The verifier verifies the pacts that a selector selects."""
    builder = selecting(provider_url, broker_url).provider_branch("feat/x").consumer_version(**selector)

    assert verified(builder.build()) == dict.fromkeys(expected, "OK")


def test_failure_of_pending_pact_does_not_fail_the_verification(provider_url: str, broker_url: str) -> None:
    """Without the pending status the same failure does."""

    def builder() -> BrokerSelectorBuilder:
        selected = selecting(provider_url, broker_url).provider_branch("main")
        return selected.consumer_version(branch="bad")

    pending = builder().include_pending().build()
    pending.verify()

    assert (len(pending.results["pendingErrors"]), pending.results["errors"]) == (1, [])
    with pytest.raises(RuntimeError):
        builder().exclude_pending().build().verify()


def test_wip_pacts_are_added(provider_url: str, broker_url: str) -> None:
    """The heads of all branches and tags are verified, and the failure of one is no failure."""
    builder = selecting(provider_url, broker_url).provider_branch("main").include_pending()
    verifier = builder.consumer_version(main_branch=True).include_wip_since("2020-01-01").build()

    results = verified(verifier)

    assert results.pop("broken") != "OK"
    assert results == dict.fromkeys(("on main", "on feature", "tagged"), "OK")


def test_results_are_published_with_branch_and_tags(provider_url: str, broker_url: str) -> None:
    """The provider version is put on the branch and tagged before its result is stored."""
    builder = selecting(provider_url, broker_url).provider_branch("main").provider_tags("t1")
    verifier = builder.consumer_version(main_branch=True).build()
    verifier.set_publish_options("7.0.0", "http://ci/7", "main", ["t1", "t/2"])

    verified(verifier)

    version = httpx.get(f"{broker_url}/pacticipants/Bar/versions/7.0.0").json()["_embedded"]
    assert [item["name"] for item in version["branchVersions"]] == ["main"]
    assert [item["name"] for item in version["tags"]] == ["t1", "t/2"]
    result = httpx.get(
        f"{broker_url}/pacts/provider/Bar/consumer/Foo/version/1/verification-results/latest"
    ).json()
    assert (result["success"], result["providerApplicationVersion"]) == (True, "7.0.0")
    assert [item["success"] for item in result["testResults"]] == [True]


def test_verification_without_selectors_uses_default_selection(provider_url: str, broker_url: str) -> None:
    """The newest of the main branch and all that is deployed."""
    verifier = Verifier("Bar", host="127.0.0.1").add_transport(url=provider_url).broker_source(broker_url)
    assert isinstance(verifier, Verifier)

    assert verified(verifier) == {"on main": "OK", "deployed": "OK"}
