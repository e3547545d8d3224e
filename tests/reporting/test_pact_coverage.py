"""What a suite's requests and webhooks are recorded as."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import httpx
import pytest

from contract_usage.interaction_log import read_interactions
from contract_usage.pytest_plugin import MODULE_VARIABLE
from contract_usage.usage_log import FOLDER_VARIABLE
from local_stack.stack import Stack
from provider_verification.stubs.engine.server import run_stubs
from tests.integration import pact_coverage, webhooks
from tests.integration.vendors import StubClient, StubClients

VENDORS = ("apaleo", "livekit", "mews", "tts")
KEY = {"xi-api-key": "stub-tts-key"}
SPEECH = "/v1/text-to-speech/concierge/stream?output_format=mp3_44100_128"


@pytest.fixture
def recorded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a record of its own."""
    monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path))
    monkeypatch.setenv(MODULE_VARIABLE, "contract_usage.service")
    return tmp_path


@pytest.fixture
def stubs() -> Iterator[StubClients]:
    """The stub vendors."""
    with run_stubs(VENDORS) as urls, httpx.Client() as http:
        yield StubClients(urls, http)


def running_test(*marks: str) -> Any:
    """Return a test that is being set up."""
    item = SimpleNamespace(
        config=SimpleNamespace(stash=pytest.Stash()),
        get_closest_marker=lambda name: name in marks or None,
    )
    pact_coverage.pytest_runtest_setup(cast("pytest.Item", item))
    return item


def speak(stubs: StubClients, body: dict[str, Any]) -> int:
    """Send text to the TTS stub; return the status."""
    return httpx.post(stubs.tts.url + SPEECH, json=body, headers=KEY).status_code


def test_interactions_of_requests_are_recorded(stubs: StubClients, recorded: Path) -> None:
    """Once, whatever the number of requests."""
    item = running_test()
    interaction = next(name for name in stubs.tts.interactions() if "stream" in name)
    pact_coverage.record(item.config, "tts", [interaction])
    pact_coverage.record(item.config, "tts", [interaction])

    assert read_interactions(recorded) == {"tts": {interaction}}
    assert len(next(recorded.glob("*.interactions")).read_text().splitlines()) == 1


def test_injected_fault_exercises_nothing(stubs: StubClients, recorded: Path) -> None:
    """It is no response that a vendor is expected to give."""
    item = running_test()
    stubs.tts.inject_fault("status", "stream", status=429)

    assert speak(stubs, {"text": "a"}) == 429
    pact_coverage.fail_on_unknown_requests(item.config, stubs)

    assert read_interactions(recorded) == {}


def test_request_without_interaction_fails_the_test(stubs: StubClients, recorded: Path) -> None:
    """The message names the request; nothing is exercised by it."""
    item = running_test()
    assert speak(stubs, {"txt": "a"}) == 422

    with pytest.raises(pytest.fail.Exception, match="tts stream, status 422: no pact describes this request"):
        pact_coverage.fail_on_unknown_requests(item.config, stubs)

    assert read_interactions(recorded) == {}


def test_reset_in_a_test_loses_nothing(stubs: StubClients, recorded: Path) -> None:
    """The stub forgets its requests, but not what they exercised."""
    item = running_test()
    headers = {"xi-api-key": "wrong"}
    assert httpx.get(f"{stubs.tts.url}/v2/voices?page_size=100", headers=headers).status_code == 401

    stubs.tts.reset()
    pact_coverage.fail_on_unknown_requests(item.config, stubs)

    assert read_interactions(recorded) == {"tts": {"the voices with a wrong key"}}
    assert stubs.tts.exercised_before_reset == set()


def test_tests_that_most_runs_leave_out_do_not_count(recorded: Path) -> None:
    """Otherwise an entry in the list of exceptions would be right for one run and stale for another."""
    pact_coverage.record(running_test("load").config, "tts", ["a text"])

    assert read_interactions(recorded) == {}


def test_nothing_is_recorded_for_a_deployment(recorded: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its vendors are no stubs."""
    monkeypatch.delenv(MODULE_VARIABLE)

    pact_coverage.record(running_test().config, "tts", ["a text"])

    assert read_interactions(recorded) == {}


@pytest.mark.parametrize(("status", "is_exercised"), [(200, True), (401, False)])
def test_accepted_webhook_exercises_the_message(
    recorded: Path, monkeypatch: pytest.MonkeyPatch, status: int, *, is_exercised: bool
) -> None:
    """A rejected one, such as a forgery, does not."""
    item, stack = running_test(), Stack("http://127.0.0.1:1", {})
    monkeypatch.setattr(httpx, "post", lambda *_args, **_options: httpx.Response(status))
    event = {
        "id": "1",
        "topic": "Booking",
        "type": "changed",
        "timestamp": 1,
        "data": {"entityId": "A"},
        "accountId": "B",
    }

    webhooks.deliver_apaleo(stack, json.dumps(event).encode())
    webhooks.post_apaleo(stack, json.dumps({**event, "topic": "Reservation"}).encode())
    pact_coverage.pytest_runtest_teardown(item)

    assert read_interactions(recorded) == ({"apaleo": {"a booking was changed"}} if is_exercised else {})
    assert pact_coverage.DELIVERED_WEBHOOKS == []


def test_empty_journal_is_not_asked_for(stubs: StubClients, monkeypatch: pytest.MonkeyPatch) -> None:
    """Most tests cause no request to most vendors; a stub of another process is asked."""
    sent: list[str] = []

    def get(client: StubClient, _resource: str) -> list[dict[str, Any]]:
        sent.append(client.name)
        return [{}]

    monkeypatch.setattr(StubClient, "_get", get)

    assert (stubs.tts.journal(), sent) == ([], [])
    speak(stubs, {"text": "a"})
    assert (stubs.tts.journal(), sent) == ([{}], ["tts"])
    with httpx.Client() as http:
        assert StubClient("vault", "http://127.0.0.1:1", http).journal() == [{}]
