"""The question whether a version may be deployed: what the official CLI is asked, and what is read from the broker."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
import respx

from consumer_tests.names import CONSUMER_NAME
from gate import can_i_deploy as asking
from gate.errors import GateError
from gate.verdict import Verdict
from gate.version import ConsumerVersion

URL = "http://broker.example"
VERSION = ConsumerVersion("abc-1", "main")
VENDORS = {"apaleo": "a1", "tts": "t1"}


def row(vendor: str, number: str, *, success: bool | None = True) -> dict[str, Any]:
    """Return a row of the matrix."""
    result = {"success": success, "_links": {"self": {"href": f"{URL}/results/{vendor}-{number}"}}}
    return {
        "consumer": {"name": CONSUMER_NAME},
        "provider": {"name": vendor, "version": {"number": number}},
        "pact": {"_links": {"self": {"href": f"{URL}/pacts/{vendor}"}}},
        "verificationResult": None if success is None else result,
    }


VERIFIED = (row("apaleo", "a1"), row("tts", "t1"))


@contextmanager
def broker(
    *rows: Mapping[str, Any], has_version: bool = True, has_matrix: bool = True
) -> Iterator[respx.Router]:
    """Respond as a broker with this matrix; apaleo a0 is deployed to production."""
    deployed = {"_embedded": {"pacticipant": {"name": "apaleo"}, "version": {"number": "a0"}}}
    environment = {"name": "production", "_links": {"self": {"href": f"{URL}/environments/1"}}}
    failure = {
        "testResults": [
            {
                "success": False,
                "interactionId": "1",
                "mismatches": [{"identifier": "$.id", "description": "missing"}],
            }
        ]
    }
    resources: dict[str, Any] = {
        "/environments": {"_embedded": {"environments": [environment]}},
        "/environments/1/deployed-versions/currently-deployed": {
            "_embedded": {"deployedVersions": [deployed]}
        },
        f"/pacticipants/{CONSUMER_NAME}/versions/abc-1": {"number": "abc-1"} if has_version else None,
        "/matrix": {"matrix": list(rows)} if has_matrix else None,
        "/pacts/apaleo": {"interactions": [{"_id": "1", "description": "a reservation"}]},
        "/results/apaleo-a1": failure,
    }
    with respx.mock(base_url=URL, assert_all_called=False) as router:
        for path, resource in resources.items():
            response = httpx.Response(404) if resource is None else httpx.Response(200, json=resource)
            router.get(path).mock(return_value=response)
        yield router


def official_cli(monkeypatch: pytest.MonkeyPatch, code: int = 0) -> list[tuple[str, ...]]:
    """Make the official CLI exit with a code; return the list of the commands that it gets."""
    commands: list[tuple[str, ...]] = []

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        commands.append(arguments)
        return subprocess.CompletedProcess(arguments, code, "the table\n  of the CLI\n", "")

    monkeypatch.setattr(asking, "run_pact_broker", run)
    return commands


def ask(
    problems: Mapping[str, tuple[str, ...]] | None = None,
    reported: Mapping[str, tuple[str, ...]] | None = None,
) -> Verdict:
    """Ask whether the version may be deployed."""
    return asking.can_i_deploy(URL, VERSION, "production", VENDORS, problems or {}, reported or {})


def test_yes(monkeypatch: pytest.MonkeyPatch) -> None:
    """The official CLI says yes to exactly these versions, and so do the broker's results."""
    commands = official_cli(monkeypatch)

    with broker(*VERIFIED) as router:
        verdict = ask()
        requests = [call.request for call in router.calls]

    assert (verdict.deployable, verdict.reason) == (True, "the table of the CLI")
    assert [(item.provider, item.provider_version, item.outcome) for item in verdict.rows] == [
        ("apaleo", "a0", "verified"),
        ("tts", None, "verified"),
    ]
    # each version directly after its pacticipant, without which the CLI ignores it
    assert commands == [
        (
            *("can-i-deploy", "--broker-base-url", URL, "--pacticipant", CONSUMER_NAME, "--version", "abc-1"),
            *("--pacticipant", "apaleo", "--version", "a1", "--pacticipant", "tts", "--version", "t1"),
            *("--to-environment", "production"),
        )
    ]
    [matrix] = [request for request in requests if request.url.path == "/matrix"]
    assert dict(matrix.url.params) == {
        "q[][pacticipant]": CONSUMER_NAME,
        "q[][version]": "abc-1",
        "latestby": "cvpv",
    }


@pytest.mark.parametrize("code", [1, 2])
def test_cli_says_no(monkeypatch: pytest.MonkeyPatch, code: int) -> None:
    """Any exit code but 0 is a no, whatever the matrix says."""
    official_cli(monkeypatch, code)

    with broker(*VERIFIED):
        assert ask().deployable is False


def test_published_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    """A failure of this vendor version is read back from the broker; another version's result is none of it."""
    official_cli(monkeypatch)

    with broker(row("apaleo", "a1", success=False), row("tts", "t1"), row("tts", "t0", success=False)):
        verdict = ask()

    assert verdict.deployable is False
    assert [(item.outcome, item.problems) for item in verdict.rows] == [
        ("failed", ("'a reservation': $.id: missing",)),
        ("verified", ()),
    ]


def test_vendors_with_the_same_version(monkeypatch: pytest.MonkeyPatch) -> None:
    """The failure of one is not that of the other."""
    official_cli(monkeypatch)
    versions = {"apaleo": "a1", "tts": "a1"}

    with broker(row("apaleo", "a1", success=False), row("tts", "a1")):
        verdict = asking.can_i_deploy(URL, VERSION, "production", versions, {}, {})

    assert [item.outcome for item in verdict.rows] == ["failed", "verified"]


def test_failure_of_this_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """It counts although the broker has a success, and stands beside what is published."""
    official_cli(monkeypatch)

    with broker(row("apaleo", "a1", success=False), row("tts", "t1")):
        verdict = ask({"tts": ("'a text': status",)})

    assert [item.problems for item in verdict.rows] == [
        ("'a reservation': $.id: missing",),
        ("'a text': status",),
    ]


def test_report_of_an_earlier_run_describes_a_published_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    """It replaces the verifier's own text, and makes no failure of a published success."""
    official_cli(monkeypatch)
    reported = {"apaleo": ("'a reservation' [GET /r, getR]: $.id",), "tts": ("'a text': status",)}

    with broker(row("apaleo", "a1", success=False), row("tts", "t1")):
        verdict = ask(reported=reported)

    assert [(item.outcome, item.problems) for item in verdict.rows] == [
        ("failed", reported["apaleo"]),
        ("verified", ()),
    ]


def test_no_result(monkeypatch: pytest.MonkeyPatch) -> None:
    """A pact that this vendor version has not verified is neither a failure nor a yes."""
    official_cli(monkeypatch)

    with broker(row("apaleo", "a1", success=None), row("tts", "t1")):
        verdict = ask()

    assert (verdict.deployable, verdict.rows[0].outcome) == (False, "not verified")


def test_broker_without_matrix(monkeypatch: pytest.MonkeyPatch) -> None:
    """No row means no pact with any vendor."""
    official_cli(monkeypatch)

    with broker(has_matrix=False):
        assert [item.outcome for item in ask().rows] == ["no pact", "no pact"]


def test_unpublished_version(monkeypatch: pytest.MonkeyPatch) -> None:
    """There is no verdict, and the CLI is not asked."""
    commands = official_cli(monkeypatch)

    with broker(*VERIFIED, has_version=False), pytest.raises(GateError, match="nothing was published"):
        ask()

    assert commands == []
