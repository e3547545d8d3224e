"""Export into another broker and import from one, both over the public protocol: an embedded broker plays the other one."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.broker.commands import run
from tests.broker.payloads import pact, path, publication
from tests.broker.server import serve_broker

WEBHOOK = "0123456789-abcdefghij"
MERGE_PATCH = {"Content-Type": "application/merge-patch+json"}


class Broker:
    """A client that writes a history and reads what a broker makes of it."""

    def __init__(self, url: str, client: httpx.Client) -> None:
        self.url = url
        self.client = client

    def send(
        self, method: str, *segments: str, body: Any = None, headers: dict[str, str] | None = None
    ) -> Any:
        """Send a JSON body to a path and return the JSON of the response."""
        response = self.client.request(
            method,
            path(*segments),
            content=json.dumps(body or {}),
            headers=headers or {"Content-Type": "application/json"},
        )
        response.raise_for_status()
        return response.json()

    def publish(self, version: str, *documents: dict[str, Any], **fields: Any) -> None:
        """Publish pacts of a version."""
        body = publication(version, *documents, **fields)
        self.client.post("/contracts/publish", json=body).raise_for_status()

    def verify(self, consumer: str, version: str, provider: str, number: str, *, success: bool) -> None:
        """Publish a result for a pact."""
        read = self.send("GET", "pacts", "provider", provider, "consumer", consumer, "version", version)
        body = {
            "success": success,
            "providerApplicationVersion": number,
            "buildUrl": "http://ci/7",
            "testResults": [{"interactionId": read["interactions"][0]["_id"], "success": success}],
            "verifiedBy": {"implementation": "Test", "version": "1"},
        }
        self.client.post(
            read["_links"]["pb:publish-verification-results"]["href"], json=body
        ).raise_for_status()

    def environment(self, name: str) -> str:
        """Return the UUID of an environment."""
        environments = self.client.get("/environments").json()["_embedded"]["environments"]
        uuid: str = next(item["uuid"] for item in environments if item["name"] == name)
        return uuid

    def record(
        self, kind: str, pacticipant: str, number: str, environment: str, instance: str | None = None
    ) -> Any:
        """Record a deployment or a release."""
        version = ("pacticipants", pacticipant, "versions", number)
        body = {"applicationInstance": instance} if instance else {}
        return self.send(
            "POST", *version, f"{kind}-versions", "environment", self.environment(environment), body=body
        )


def webhook() -> dict[str, Any]:
    """Return a webhook with secrets, for an event that the replay of the history causes too."""
    request = {
        "method": "POST",
        "url": "https://hooks.example/x?pact=${pactbroker.pactUrl}",
        "headers": {"X-Api-Token": "secret"},
        "body": {"n": 1},
        "username": "u",
        "password": "p",
    }
    return {
        "description": "Build",
        "enabled": True,
        "consumer": {"name": "A"},
        "provider": {"name": "Bär/β"},
        "events": [{"name": "provider_verification_failed"}],
        "request": request,
    }


def write_history(broker: Broker) -> None:
    """Write a history in which the order, branches, tags, deployments and ends matter."""
    broker.send(
        "POST", "pacticipants", body={"name": "Bär/β", "repositoryUrl": "http://git/b", "mainBranch": "trunk"}
    )
    broker.send(
        "POST", "environments", body={"name": "staging", "production": False, "contacts": [{"name": "Ops"}]}
    )
    broker.publish(
        "2", pact("A", "Bär/β", "one"), pact("A", "C", "x", "y"), branch="main", buildUrl="http://ci/2"
    )
    broker.publish("1", pact("A", "Bär/β", "two"), branch="feat/ü", tags=["production"])
    broker.verify("A", "2", "Bär/β", "9", success=True)
    broker.send("PUT", "pacticipants", "Bär/β", "branches", "trunk", "versions", "9")
    broker.send("PUT", "pacticipants", "Bär/β", "branches", "trunk", "versions", "10")
    broker.send("PUT", "pacticipants", "A", "labels", "team/ä")
    broker.send("PUT", "webhooks", WEBHOOK, body=webhook())
    # an earlier version becomes the head again
    broker.send("PUT", "pacticipants", "A", "branches", "main", "versions", "1")
    broker.send("PUT", "pacticipants", "A", "versions", "3", body={"tags": [{"name": "lonely"}]})
    broker.send("PUT", "pacticipants", "A", "versions", "3", "tags", "second")
    broker.verify("A", "1", "Bär/β", "10", success=False)
    broker.record("deployed", "Bär/β", "9", "production")
    broker.record("deployed", "A", "2", "production", "blue")
    broker.record("deployed", "A", "1", "production", "blue")
    broker.record("deployed", "A", "2", "production", "green")
    ended = broker.record("deployed", "A", "2", "staging")
    broker.send(
        "PATCH", "deployed-versions", ended["uuid"], body={"currentlyDeployed": False}, headers=MERGE_PATCH
    )
    broker.record("released", "Bär/β", "9", "staging")
    released = broker.record("released", "Bär/β", "10", "staging")
    broker.send(
        "PATCH",
        "released-versions",
        released["uuid"],
        body={"currentlySupported": False},
        headers=MERGE_PATCH,
    )


def counts(file: Path) -> str:
    """Return what a check counts in a database."""
    return run("check", "--database", file).stdout.partition(":")[2].partition("\n")[0]


@pytest.fixture(scope="module")
def written_history(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The database of a broker with a history."""
    file = tmp_path_factory.mktemp("history") / "b.sqlite"
    with serve_broker(file) as url, httpx.Client(base_url=url) as client:
        write_history(Broker(url, client))
    return file


@pytest.fixture
def source(written_history: Path, tmp_path: Path) -> Iterator[Broker]:
    """A running broker with a history in `source.sqlite`."""
    shutil.copy(written_history, tmp_path / "source.sqlite")
    with serve_broker(tmp_path / "source.sqlite") as url, httpx.Client(base_url=url) as client:
        yield Broker(url, client)


@pytest.fixture
def target(tmp_path: Path) -> Iterator[Broker]:
    """An empty running broker."""
    with serve_broker(tmp_path / "target.sqlite") as url, httpx.Client(base_url=url) as client:
        yield Broker(url, client)


def test_export_replays_the_history_and_a_second_run_only_what_is_new(
    source: Broker, target: Broker, tmp_path: Path
) -> None:
    """Both brokers give the same answers; nothing is written twice, and what is published meanwhile follows."""
    command = ("export", "--database", tmp_path / "source.sqlite", "--to", target.url)

    first = run(*command)
    second = run(*command)
    source.publish("4", pact("A", "C", "new"), branch="main")
    source.verify("A", "4", "C", "5", success=True)
    third = run(*command)

    assert (first.returncode, first.stderr) == (0, "")
    assert (second.returncode, second.stdout.split()[0]) == (0, "0")
    # two versions, a branch, a pact, and a result
    assert (third.returncode, third.stdout.split()[0]) == (0, "5")
    assert "all are the same" in third.stdout
    assert counts(tmp_path / "target.sqlite") == counts(tmp_path / "source.sqlite")


def test_exported_results_and_pacts_are_those_of_the_source(
    source: Broker, target: Broker, tmp_path: Path
) -> None:
    """Contents keep their identity, so that a later publication of the same content has the results."""
    run("export", "--database", tmp_path / "source.sqlite", "--to", target.url)
    segments = ("pacts", "provider", "Bär/β", "consumer", "A", "version", "2")
    content = source.send("GET", *segments)["_links"]["pb:pact-version"]["href"].rpartition("/")[2]
    result = (
        "pacts",
        "provider",
        "Bär/β",
        "consumer",
        "A",
        "pact-version",
        content,
        "verification-results",
        "latest",
    )

    ours, theirs = source.send("GET", *result), target.send("GET", *result)

    for field in ("success", "providerApplicationVersion", "buildUrl", "testResults", "verifiedBy"):
        assert theirs[field] == ours[field], field
    assert target.send("GET", *segments)["interactions"] == source.send("GET", *segments)["interactions"]


def test_export_carries_webhooks_with_their_secrets_and_triggers_none(
    source: Broker, target: Broker, tmp_path: Path
) -> None:
    """The definition is the same, secrets included; the replayed results trigger nothing at the target."""
    run("export", "--database", tmp_path / "source.sqlite", "--to", target.url)

    fields = ("description", "enabled", "consumer", "provider", "events", "request")
    ours, theirs = source.send("GET", "webhooks", WEBHOOK), target.send("GET", "webhooks", WEBHOOK)
    with closing(sqlite3.connect(tmp_path / "target.sqlite")) as connection:
        stored = json.loads(connection.execute("SELECT request FROM webhooks").fetchone()[0])
        triggered = connection.execute("SELECT count(*) FROM triggered_webhooks").fetchone()[0]

    assert {name: theirs[name] for name in fields} == {name: ours[name] for name in fields}
    assert (stored["password"], stored["headers"]) == ("p", {"x-api-token": "secret"})
    assert triggered == 0


def test_import_replays_the_history_of_another_broker(source: Broker, tmp_path: Path) -> None:
    """The imported database gives the same answers as the broker that it came from."""
    imported = run("import", "--database", tmp_path / "imported.sqlite", "--from", source.url)

    assert (imported.returncode, imported.stderr) == (0, "")
    assert "all are the same" in imported.stdout
    assert counts(tmp_path / "imported.sqlite") == counts(tmp_path / "source.sqlite")


@pytest.mark.usefixtures("source")
def test_interrupted_export_continues_without_repeating(target: Broker, tmp_path: Path) -> None:
    """A run that was killed after a result was sent and before it was recorded does not send it again."""
    command = ("export", "--database", tmp_path / "source.sqlite", "--to", target.url)
    run(*command)
    before = counts(tmp_path / "target.sqlite")
    state = tmp_path / "source.sqlite.export-state"
    lines = state.read_text().splitlines(keepends=True)
    last_result = max(index for index, line in enumerate(lines) if "begin" in line)
    state.write_text("".join(lines[: last_result + 1]) + '{"do')

    continued = run(*command)

    assert (continued.returncode, continued.stderr) == (0, "")
    assert int(continued.stdout.split()[0]) == sum("done" in line for line in lines[last_result:])
    # releases and deployments that are repeated return the existing ones, except those that were replaced or ended
    assert "2 verification results" in before
    assert "2 verification results" in counts(tmp_path / "target.sqlite")


@pytest.mark.usefixtures("source")
def test_differences_are_named_and_the_exit_code_is_1(target: Broker, tmp_path: Path) -> None:
    """A broker that has changed after the export gives other answers."""
    command = ("export", "--database", tmp_path / "source.sqlite", "--to", target.url)
    run(*command)
    target.record("deployed", "A", "1", "staging")

    compared = run(*command)

    assert compared.returncode == 1
    assert "different: environment staging" in compared.stdout


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("not a url", "'not a url' is not the URL of a broker, such as https://broker.example.org"),
        (
            "http://user:secret@127.0.0.1:1",
            "give credentials by PACT_BROKER_USERNAME and PACT_BROKER_PASSWORD",
        ),
    ],
)
def test_invalid_url_is_refused(tmp_path: Path, url: str, reason: str) -> None:
    """The message says what would be right and does not repeat a secret; exit code 2."""
    run("import", "--database", tmp_path / "source.sqlite", "--from", url)
    (tmp_path / "source.sqlite").touch()

    refused = run("export", "--database", tmp_path / "source.sqlite", "--to", url)

    assert refused.returncode == 2
    assert reason in refused.stderr
    assert "secret" not in refused.stderr
    assert "Traceback" not in refused.stderr


def test_state_of_another_broker_is_refused(source: Broker, target: Broker, tmp_path: Path) -> None:
    """A state file belongs to one target."""
    command = ("export", "--database", tmp_path / "source.sqlite")
    run(*command, "--to", target.url)

    refused = run(*command, "--to", source.url)

    assert refused.returncode == 2
    assert f"is the state of a transfer to {target.url}: name another file with --state" in refused.stderr
