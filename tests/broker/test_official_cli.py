"""The official command line against our broker: its commands work, and its exit codes mean what they say."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from tests.broker.payloads import pact
from tests.conftest import Listening, Start

Cli = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def url(start_broker: Start, wait_for_broker_url: Listening, tmp_path: Path) -> str:
    """An empty broker's address."""
    return wait_for_broker_url(start_broker(tmp_path / "b.sqlite"))


@pytest.fixture
def cli(url: str, tmp_path: Path) -> Cli:
    """Runs `pact-broker …` against it."""
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


def done(cli: Cli, *commands: str) -> list[int]:
    """The exit codes of commands run one after the other."""
    return [cli(*command.split()).returncode for command in commands]


def publish(cli: Cli, folder: Path, version: str, content: str = "x") -> subprocess.CompletedProcess[str]:
    """Publish a pact between Foo App and Bar."""
    (folder / "pact.json").write_text(json.dumps(pact("Foo", "Bar", content)))
    return cli("publish", "pact.json", "--consumer-app-version", version, "--branch", "main")


def verified(url: str, version: str, *, success: bool = True) -> None:
    """Publish a result of Bar 1 for Foo's version."""
    read = httpx.get(f"{url}/pacts/provider/Bar/consumer/Foo/version/{version}").json()
    result = {"success": success, "providerApplicationVersion": "1"}
    httpx.post(read["_links"]["pb:publish-verification-results"]["href"], json=result).raise_for_status()


def test_a_version_s_way_to_production(cli: Cli, url: str, tmp_path: Path) -> None:
    """Published, verified, deployed, allowed; replaced and taken away again."""
    ask = "can-i-deploy --pacticipant Foo --version 1 --to-environment production"
    deploy = "record-deployment --pacticipant Bar --version 1 --environment production"
    undeploy = "record-undeployment --pacticipant Bar --environment production"
    assert publish(cli, tmp_path, "1").returncode == 0
    verified(url, "1")

    codes = done(cli, ask, deploy, ask, undeploy, undeploy, ask)

    assert codes == [1, 0, 0, 0, 1, 1]


def test_a_release_counts_until_its_support_ends(cli: Cli, url: str, tmp_path: Path) -> None:
    """Like a deployment, but older ones stay."""
    ask = "can-i-deploy --pacticipant Foo --version 1 --to-environment test"
    publish(cli, tmp_path, "1")
    verified(url, "1")

    codes = done(
        cli,
        "record-release --pacticipant Bar --version 1 --environment test",
        ask,
        "record-support-ended --pacticipant Bar --version 1 --environment test",
        ask,
    )

    assert codes == [0, 0, 0, 1]


def test_a_failed_verification_is_no(cli: Cli, url: str, tmp_path: Path) -> None:
    """And it says between whom."""
    publish(cli, tmp_path, "1")
    verified(url, "1", success=False)
    done(cli, "record-deployment --pacticipant Bar --version 1 --environment test")

    answer = cli(*["can-i-deploy", "--pacticipant", "Foo", "--version", "1", "--to-environment", "test"])

    assert answer.returncode == 1
    assert "The verification of the pact between Foo (1) and Bar (1) failed" in answer.stdout + answer.stderr


def test_other_content_for_a_version_is_refused_with_the_reason(cli: Cli, tmp_path: Path) -> None:
    """The CLI shows the broker's words."""
    publish(cli, tmp_path, "1")

    again = publish(cli, tmp_path, "1", content="y")

    assert again.returncode == 1
    assert "publish under a new version number" in again.stdout + again.stderr


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
def test_the_command_works(cli: Cli, url: str, tmp_path: Path, command: str) -> None:
    """Exit code 0, and no panic of the program about an answer of ours."""
    publish(cli, tmp_path, "1")
    verified(url, "1")

    answer = cli(*command.split())

    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert "panicked" not in answer.stderr


def test_an_unknown_version_cannot_be_deployed(cli: Cli, tmp_path: Path) -> None:
    """Recording it is an error."""
    publish(cli, tmp_path, "1")

    assert done(cli, "record-deployment --pacticipant Foo --version 9 --environment test") == [1]
