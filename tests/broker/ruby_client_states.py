"""The provider states of the Ruby client's contract with a Pact Broker, set up over HTTP."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx

from tests.broker.payloads import pact, path, publication

SHA_VERSION = "5556b8149bf8bac76bc30f50a8a2dd4c22c85f30"
CONDOR, PRICING = "Condor", "Pricing Service"
WEBHOOK = "696c5f93-1b7f-44bc-8d03-59440fcaa9a0"


class Setup:
    """Sets up the states of a running broker.

    Args:
        url: the broker's URL.
        database: its database, in which the UUIDs that the contract names are set.
    """

    def __init__(self, url: str, database: Path) -> None:
        self._client = httpx.Client(base_url=url, timeout=10)
        self._database = database

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def reset(self) -> None:
        """Delete everything, the default environments included."""
        self._sql("DELETE FROM pacticipants")
        self._sql("DELETE FROM environments")

    def send(self, method: str, *segments: str, body: Any = None) -> Any:
        """Send a request that must succeed, and return the body of the response."""
        response = self._client.request(method, path(*segments), json={} if body is None else body)
        response.raise_for_status()
        return response.json() if response.content else None

    def publish(
        self, consumer: str, number: str, provider: str, *interactions: str, tags: tuple[str, ...] = ()
    ) -> None:
        """Publish a pact."""
        body = publication(number, pact(consumer, provider, *interactions), tags=list(tags))
        self.send("POST", "contracts", "publish", body=body)

    def verify(
        self, consumer: str, number: str, provider_version: str, *, success: bool = True, tag: str = ""
    ) -> None:
        """Publish a result of the provider Bar."""
        document = self.send("GET", "pacts", "provider", "Bar", "consumer", consumer, "version", number)
        href = document["_links"]["pb:publish-verification-results"]["href"]
        result = {"success": success, "providerApplicationVersion": provider_version}
        self._client.post(httpx.URL(href).raw_path.decode(), json=result).raise_for_status()
        if tag:
            self.send("PUT", "pacticipants", "Bar", "versions", provider_version, "tags", tag)

    def environment(self, name: str, uuid: str = "") -> str:
        """Create an environment and return its UUID, which is the given one."""
        contacts = [{"name": "Foo team", "details": {"emailAddress": "foo@bar.com"}}]
        body = {"name": name, "displayName": name.title(), "production": False, "contacts": contacts}
        created: str = self.send("POST", "environments", body=body)["uuid"]
        if uuid:
            self._sql("UPDATE environments SET uuid = ? WHERE uuid = ?", uuid, created)
        return uuid or created

    def deploy(self, environment: str, uuid: str = "", **body: str) -> None:
        """Deploy version 2 of Foo; the deployment gets the given UUID."""
        self.send("PUT", "pacticipants", "Foo", "versions", "2")
        target = ("deployed-versions", "environment", environment)
        created = self.send("POST", "pacticipants", "Foo", "versions", "2", *target, body=body)
        if uuid:
            self._sql("UPDATE deployments SET uuid = ? WHERE uuid = ?", uuid, created["uuid"])

    def version(self, name: str, number: str, *tags: str) -> None:
        """Create a version with tags."""
        self.send("PUT", "pacticipants", name, "versions", number)
        for tag in tags:
            self.send("PUT", "pacticipants", name, "versions", number, "tags", tag)

    def pacticipants(self, *names: str) -> None:
        """Create pacticipants."""
        for name in names:
            self.send("POST", "pacticipants", body={"name": name})

    def _sql(self, statement: str, *values: str) -> None:
        with closing(sqlite3.connect(self._database, timeout=10)) as connection, connection:
            connection.execute("PRAGMA foreign_keys = ON")
            connection.execute(statement, values)


def _verified(
    setup: Setup, *results: tuple[str, str, bool, str], consumer: str = "Foo", tags: tuple[str, ...] = ()
) -> None:
    for number, provider_version, success, provider_tag in results:
        setup.publish(consumer, number, "Bar", number, tags=tags)
        setup.verify(consumer, number, provider_version, success=success, tag=provider_tag)


def _pricing_service(setup: Setup) -> None:
    repository = "git@git.realestate.com.au:business-systems/pricing-service"
    setup.send("POST", "pacticipants", body={"name": PRICING, "repositoryUrl": repository})
    setup.version(PRICING, "1.3.0")


def _webhook(setup: Setup) -> None:
    setup.pacticipants(PRICING, CONDOR)
    body = {
        "consumer": {"name": CONDOR},
        "provider": {"name": PRICING},
        "events": [{"name": "contract_content_changed"}],
        "request": {"method": "POST", "url": "https://webhook", "headers": {}, "body": None},
    }
    setup.send("PUT", "webhooks", WEBHOOK, body=body)


def _nothing(_: Setup) -> None:
    """Leave the broker empty."""


def _foo_with_environments(setup: Setup, *environments: tuple[str, str]) -> None:
    setup.version("Foo", SHA_VERSION)
    for name, uuid in environments:
        setup.environment(name, uuid)


CONDOR_PACT = f"a pact between {CONDOR} and the {PRICING} exists"
FOO_VERSION = f"version {SHA_VERSION} of pacticipant Foo exists"
VERIFIED = "the pact for Foo version 1.2.3 has been"
TEST_UUID, DEPLOYABLE_UUID = "16926ef3-590f-4e3f-838e-719717aa88c9", "cb632df3-0a0d-4227-aac3-60114dd36479"
OK, FAILED = ("1.2.3", "4.5.6", True, ""), ("1.2.4", "9.9.9", False, "")
OK_IN_PRODUCTION = ("1.2.3", "4.5.6", True, "prod")

STATES: dict[str, Callable[[Setup], object]] = {
    f"an environment with name test and UUID {TEST_UUID} exists": lambda s: s.environment("test", TEST_UUID),
    "the pact for Foo Thing version 1.2.3 has been verified by Bar version 4.5.6": lambda s: _verified(
        s, OK, consumer="Foo Thing"
    ),
    f"{VERIFIED} verified by Bar version 4.5.6": lambda s: _verified(s, OK),
    f"{VERIFIED} successfully verified by Bar version 4.5.6 with tag prod, and 1.2.4 unsuccessfully by 9.9.9": (
        lambda s: _verified(s, OK_IN_PRODUCTION, FAILED)
    ),
    f"{VERIFIED} successfully verified by Bar version 4.5.6 (tagged prod) and version 5.6.7": lambda s: (
        _verified(s, OK_IN_PRODUCTION, ("1.2.3", "5.6.7", True, ""))
    ),
    f"{VERIFIED} successfully verified by Bar version 4.5.6, and 1.2.4 unsuccessfully by 9.9.9": lambda s: (
        _verified(s, OK, FAILED)
    ),
    "the pact for Foo version 1.2.3 and 1.2.4 has been verified by Bar version 4.5.6": lambda s: _verified(
        s, OK, ("1.2.4", "4.5.6", True, "")
    ),
    f"{VERIFIED} verified by Bar version 4.5.6 and version 5.6.7": lambda s: _verified(
        s, OK, ("1.2.3", "5.6.7", True, "")
    ),
    "provider Bar version 4.5.6 has a successful verification for Foo version 1.2.3 tagged prod and "
    "a failed verification for version 3.4.5 tagged prod": lambda s: _verified(
        s, OK, ("3.4.5", "4.5.6", False, ""), tags=("prod",)
    ),
    "the pacticipant relations are present": _nothing,
    "the pb:environments relation exists in the index resource": _nothing,
    "the pb:latest-tagged-version relation exists in the index resource": _nothing,
    "the pb:latest-version relation exists in the index resource": _nothing,
    "the pb:pacticipant-branch relation exists in the index resource": _nothing,
    "the pb:pacticipant-version and pb:environments relations exist in the index resource": _nothing,
    "the pb:publish-contracts relations exists in the index resource": _nothing,
    f"{FOO_VERSION} with 2 environments that aren't test available for deployment": lambda s: (
        _foo_with_environments(s, ("prod", ""), ("dev", ""))
    ),
    f"{FOO_VERSION} with a test environment available for deployment": lambda s: _foo_with_environments(
        s, ("test", DEPLOYABLE_UUID)
    ),
    f"{FOO_VERSION} with a test environment available for release": lambda s: _foo_with_environments(
        s, ("test", DEPLOYABLE_UUID)
    ),
    "an environment with name test exists": lambda s: s.environment("test"),
    "an environment exists": lambda s: s.environment("test"),
    f"an version is deployed to environment with UUID {TEST_UUID} with target customer-1": lambda s: s.deploy(
        s.environment("test", TEST_UUID), applicationInstance="customer-1"
    ),
    "a currently deployed version exists": lambda s: s.deploy(
        s.environment("test"), "ff3adecf-cfc5-4653-a4e3-f1861092f8e0"
    ),
    f"a latest pact between {CONDOR} and the {PRICING} exists": lambda s: s.publish(CONDOR, "1.3.0", PRICING),
    f"tagged as prod pact between {CONDOR} and the {PRICING} exists": lambda s: s.publish(
        CONDOR, "1.3.0", PRICING, tags=("prod",)
    ),
    f"the '{PRICING}' and '{CONDOR}' already exist in the pact-broker, and {CONDOR} already has a pact published "
    "for version 1.3.0": lambda s: s.publish(CONDOR, "1.3.0", PRICING),
    CONDOR_PACT: lambda s: s.publish(CONDOR, "1.3.0", PRICING),
    f"{CONDOR_PACT} for the production version of {CONDOR}": lambda s: s.publish(
        CONDOR, "1.3.0", PRICING, tags=("prod",)
    ),
    f"no pact between {CONDOR} and the {PRICING} exists": lambda s: s.pacticipants(CONDOR, PRICING),
    f"the '{PRICING}' and '{CONDOR}' already exist in the pact-broker": lambda s: s.pacticipants(
        CONDOR, PRICING
    ),
    f"'{CONDOR}' does not exist in the pact-broker": lambda s: s.pacticipants(PRICING),
    f"the '{PRICING}' does not exist in the pact-broker": _nothing,
    f"the '{PRICING}' already exists in the pact-broker": _pricing_service,
    f"'{CONDOR}' exists in the pact-broker": lambda s: s.version(CONDOR, "1.3.0"),
    f"'{CONDOR}' exists in the pact-broker with the latest version 1.2.3": lambda s: s.version(
        CONDOR, "1.2.3"
    ),
    f"'{CONDOR}' exists in the pact-broker with the latest tagged 'production' version 1.2.3": lambda s: (
        s.version(CONDOR, "1.2.3", "production")
    ),
    f"'{CONDOR}' exists in the pact-broker with version 1.3.0, tagged with 'prod'": lambda s: s.version(
        CONDOR, "1.3.0", "prod"
    ),
    "a pacticipant with name Foo exists": lambda s: s.pacticipants("Foo"),
    "a branch named main exists for pacticipant Foo": lambda s: s.send(
        "PUT", "pacticipants", "Foo", "branches", "main", "versions", "1"
    ),
    f"a webhook with the uuid {WEBHOOK} exists": _webhook,
}
