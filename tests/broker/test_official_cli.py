"""The official Pact CLI against the embedded broker: its commands succeed, and their exit codes are right."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from tests.broker.payloads import pact, publication
from tests.broker.server import serve_broker

Cli = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    """The URL of an empty broker."""
    with serve_broker(tmp_path / "b.sqlite") as url:
        yield url


@pytest.fixture
def cli(url: str, tmp_path: Path) -> Cli:
    """Runs `pact-broker …` against the broker."""
    program = str(Path(sys.executable).with_name("pact-broker"))

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [program, *arguments, "--broker-base-url", url],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=50,
            check=False,
        )

    return run


def exit_codes(cli: Cli, *commands: str) -> list[int]:
    """Run commands one after the other and return their exit codes."""
    return [cli(*command.split()).returncode for command in commands]


def publish(cli: Cli, folder: Path, version: str, content: str = "x") -> subprocess.CompletedProcess[str]:
    """Publish a pact between Foo and Bar."""
    (folder / "pact.json").write_text(json.dumps(pact("Foo", "Bar", content)))
    return cli("publish", "pact.json", "--consumer-app-version", version, "--branch", "main")


def publish_by_http(url: str, version: str, content: str = "x") -> None:
    """Publish the same without the CLI, whose start takes longer, for a test of other commands."""
    body = publication(version, pact("Foo", "Bar", content), branch="main")
    httpx.post(f"{url}/contracts/publish", json=body).raise_for_status()


def publish_result(url: str, version: str, *, success: bool = True) -> None:
    """Publish a verification result of Bar 1 for a version of Foo."""
    pact_body = httpx.get(f"{url}/pacts/provider/Bar/consumer/Foo/version/{version}").json()
    result = {"success": success, "providerApplicationVersion": "1"}
    httpx.post(pact_body["_links"]["pb:publish-verification-results"]["href"], json=result).raise_for_status()


def test_lifecycle_of_a_version_up_to_production(cli: Cli, url: str, tmp_path: Path) -> None:
    """can-i-deploy follows publication, verification, deployment and undeployment."""
    ask = "can-i-deploy --pacticipant Foo --version 1 --to-environment production"
    deploy = "record-deployment --pacticipant Bar --version 1 --environment production"
    undeploy = "record-undeployment --pacticipant Bar --environment production"
    assert publish(cli, tmp_path, "1").returncode == 0
    publish_result(url, "1")

    codes = exit_codes(cli, ask, deploy, ask, undeploy, undeploy, ask)

    assert codes == [1, 0, 0, 0, 1, 1]


def test_release_counts_until_its_support_ends(cli: Cli, url: str) -> None:
    """A released provider version counts until its support ends."""
    ask = "can-i-deploy --pacticipant Foo --version 1 --to-environment test"
    publish_by_http(url, "1")
    publish_result(url, "1")

    codes = exit_codes(
        cli,
        "record-release --pacticipant Bar --version 1 --environment test",
        ask,
        "record-support-ended --pacticipant Bar --version 1 --environment test",
        ask,
    )

    assert codes == [0, 0, 0, 1]


def test_failed_verification_blocks_deployment(cli: Cli, url: str) -> None:
    """The output names consumer, provider and both versions."""
    publish_by_http(url, "1")
    publish_result(url, "1", success=False)
    exit_codes(cli, "record-deployment --pacticipant Bar --version 1 --environment test")

    completed = cli(*["can-i-deploy", "--pacticipant", "Foo", "--version", "1", "--to-environment", "test"])

    assert completed.returncode == 1
    assert (
        "The verification of the pact between Foo (1) and Bar (1) failed"
        in completed.stdout + completed.stderr
    )


def test_different_content_for_a_version_fails_with_the_reason(cli: Cli, tmp_path: Path) -> None:
    """The CLI prints the broker's message."""
    publish(cli, tmp_path, "1")

    second = publish(cli, tmp_path, "1", content="y")

    assert second.returncode == 1
    assert "publish under a new version number" in second.stdout + second.stderr


@pytest.mark.parametrize(
    "command",
    [
        "list-pacticipants",
        "list-environments",
        "list-latest-pact-versions",
        "describe-version --pacticipant Foo",
        "describe-version --pacticipant Foo --version 1",
        "describe-pacticipant --name Foo",
        "create-or-update-pacticipant --name Foo --main-branch trunk",
        "create-environment --name staging",
        "create-or-update-version --pacticipant Foo --version 1 --branch feat/x --tag dev",
        "create-version-tag --pacticipant Foo --version 1 --tag prod",
        "delete-branch --pacticipant Foo --branch main",
        "can-i-deploy --pacticipant Bar --version 1 --to-environment test",
    ],
)
def test_command_succeeds(cli: Cli, url: str, command: str) -> None:
    """The exit code is 0, and the CLI does not panic on a response of the broker."""
    publish_by_http(url, "1")
    publish_result(url, "1")

    completed = cli(*command.split())

    assert completed.returncode == 0, completed.stdout + completed.stderr
    assert "panicked" not in completed.stderr


def test_deployment_of_unknown_version_fails(cli: Cli, url: str) -> None:
    """record-deployment of a version that was never published fails."""
    publish_by_http(url, "1")

    assert exit_codes(cli, "record-deployment --pacticipant Foo --version 9 --environment test") == [1]


def test_exact_versions_of_both_pacticipants_decide(cli: Cli, url: str) -> None:
    """With a version of each pacticipant only their result counts, whatever else is deployed; unknown ones are named."""
    publish_by_http(url, "1")
    publish_result(url, "1")
    publish_by_http(url, "2", content="y")
    exact = "can-i-deploy --pacticipant Foo --version {} --pacticipant Bar --version {}"

    codes = exit_codes(cli, exact.format(1, 1), exact.format(2, 1), exact.format(1, 9))
    unknown = cli(*exact.format(1, 9).split())

    assert codes == [0, 1, 1]
    assert "There is no version 9 of Bar" in unknown.stdout + unknown.stderr


def test_consumer_that_one_of_two_deployed_versions_has_verified_is_not_deployable(
    cli: Cli, url: str
) -> None:
    """The CLI prints the reason with the version whose result is missing."""
    publish_by_http(url, "1")
    publish_result(url, "1")
    httpx.put(f"{url}/pacticipants/Bar/versions/0", json={}).raise_for_status()
    deploy = "record-deployment --pacticipant Bar --version {} --environment test --application-instance i{}"

    codes = exit_codes(cli, deploy.format(0, 0), deploy.format(1, 1))
    completed = cli("can-i-deploy", "--pacticipant", "Foo", "--version", "1", "--to-environment", "test")

    assert (codes, completed.returncode) == ([0, 0], 1)
    output = completed.stdout + completed.stderr
    assert "has no verification result from version 0, a version of Bar currently in test" in output
    assert "panicked" not in output


READING_COMMANDS = (
    "list-latest-pact-versions",
    "describe-version --pacticipant Foo --latest",
    "describe-version --pacticipant Foo --latest dev",
    "describe-version --pacticipant Bar --environment test --deployed",
    "describe-version --pacticipant Bar --environment test --released",
    "get-pacts --provider Bar",
    "get-pacts --provider Bar --latest",
    "get-pacts --provider Bar --branch main",
    "get-pacts --provider Bar --branch main --latest",
    "get-pacts --provider Bar --consumer Foo",
    "get-pacts --provider Bar --consumer Foo --latest",
    "get-pacts --provider Bar --consumer Foo --branch main",
    "get-pacts --provider Bar --consumer Foo --branch main --latest",
    "get-pacts --provider Bar --latest --download --download-dir pacts",
    "provider-states list --provider Bar",
    "provider-states list --provider Bar --branch main",
    "provider-states list --provider Bar --environment test",
    "can-i-merge --pacticipant Foo --version 1",
)


def test_every_reading_command_succeeds(cli: Cli, url: str) -> None:
    """Each exits with 0 and does not panic, also those whose paths the official broker does not have."""
    publish_by_http(url, "1")
    publish_result(url, "1")
    setup = (
        "create-or-update-version --pacticipant Foo --version 1 --tag dev",
        "create-or-update-version --pacticipant Bar --version 1 --branch main",
        "create-or-update-pacticipant --name Bar --main-branch main",
        "record-deployment --pacticipant Bar --version 1 --environment test",
        "record-release --pacticipant Bar --version 1 --environment test",
    )
    assert exit_codes(cli, *setup) == [0] * len(setup)

    completed = {command: cli(*command.split()) for command in READING_COMMANDS}

    failed = {command: run.stdout + run.stderr for command, run in completed.items() if run.returncode}
    assert failed == {}
    assert [command for command, run in completed.items() if "panicked" in run.stderr] == []


def test_environment_commands(cli: Cli) -> None:
    """An environment is created, described, updated and deleted by its UUID; then it is unknown."""
    created = json.loads(cli("create-environment", "--name", "staging", "--output", "json").stdout)
    uuid = created["uuid"]

    codes = exit_codes(
        cli,
        f"describe-environment --uuid {uuid}",
        f"update-environment --uuid {uuid} --name stage2 --production",
    )
    described = json.loads(cli("describe-environment", "--uuid", uuid, "--output", "json").stdout)
    codes += exit_codes(cli, f"delete-environment --uuid {uuid}", f"describe-environment --uuid {uuid}")

    assert codes == [0, 0, 0, 1]
    assert (described["name"], described["production"]) == ("stage2", True)


def test_merging_publication_keeps_both_interactions(cli: Cli, url: str, tmp_path: Path) -> None:
    """`--merge` does what it says, where the official broker reports a conflict."""
    publish_by_http(url, "1", content="x")
    (tmp_path / "pact.json").write_text(json.dumps(pact("Foo", "Bar", "y")))

    merged = cli("publish", "pact.json", "--consumer-app-version", "1", "--branch", "main", "--merge")

    assert merged.returncode == 0, merged.stdout + merged.stderr
    stored = httpx.get(f"{url}/pacts/provider/Bar/consumer/Foo/version/1").json()
    assert [item["description"] for item in stored["interactions"]] == ["x", "y"]


def test_tag_is_created_and_deleted(cli: Cli, url: str) -> None:
    """delete-version-tag follows the pacticipant's links."""
    publish_by_http(url, "1")

    codes = exit_codes(
        cli,
        "create-version-tag --pacticipant Foo --version 1 --tag a/b",
        "delete-version-tag --pacticipant Foo --version 1 --tag a/b",
    )

    assert codes == [0, 0]
    assert httpx.get(f"{url}/pacticipants/Foo/versions/1").json()["_embedded"]["tags"] == []


def test_every_command_of_the_cli_is_tested(cli: Cli) -> None:
    """A command that a new version of the CLI adds is missed here."""
    listed = cli("--help").stdout.partition("Commands:")[2].partition("Options:")[0]
    commands = {line.split()[0] for line in listed.splitlines() if line.startswith("  ") and line.strip()}
    sources = "".join(file.read_text() for file in Path(__file__).parent.glob("test_*cli*.py"))

    # the excluded ones start another broker, or print help
    tested = {command for command in commands if f"{command} " in sources or f'"{command}"' in sources}
    assert len(commands) == 31
    assert commands - tested - {"ruby", "docker", "help"} == set()
