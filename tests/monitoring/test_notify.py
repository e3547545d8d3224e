"""Notifications of failed runs, received on loopback."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from monitoring.notification_state import ChannelState, StateError, open_state
from monitoring.notify import Notifier, configured_channels
from orchestrator.resilience.policy import CallPolicy
from orchestrator.settings.alerts import AlertSettings
from tests.alert_receiver import PAGERDUTY_PATH, SLACK_PATH, AlertReceiver, alert_receiver
from tests.monitoring.runs import Cases, create_run

TEST = "test:call_flow:TestA.test_b"
FAILED = {"call_flow": {"TestA::test_b[guest@hotel.example]": "failed", "TestA::test_c": "passed"}}
PASSED = {"call_flow": {"TestA::test_b[guest@hotel.example]": "passed", "TestA::test_c": "passed"}}
CRASHED = {"call_flow": "error"}
IMPATIENT = CallPolicy(max_attempts=2, backoff_initial=0.001, backoff_max=0.002, jitter=0)
BEGINNING = datetime(2027, 3, 1, 2, 5, tzinfo=UTC)
REPORT = "https://ci.example/runs/7"


@dataclass
class Notifications:
    """Runs whose notifications are received; a minute passes from one to the next."""

    receiver: AlertReceiver
    folder: Path
    now: datetime = BEGINNING

    async def notify(
        self, suites: dict[str, Cases], *, max_per_hour: int = 20, **fields: object
    ) -> dict[str, str]:
        """Notify of a run; return what became of the messages of each channel, without zeros."""
        settings = AlertSettings(**self.receiver.settings)  # type: ignore[arg-type] # pydantic converts texts
        notifier = Notifier(
            create_run(self.folder / "run", suites, **fields), self.now, REPORT, max_per_hour, IMPATIENT
        )
        results = await notifier.notify(configured_channels(settings, "tests"), self.state_file)
        self.now += timedelta(minutes=1)
        return {
            result.channel: ", ".join(f"{count} {name}" for name, count in result.counts.items() if count)
            for result in results
        }

    @property
    def state_file(self) -> Path:
        """The state between runs."""
        return self.folder / "state.json"


@pytest.fixture
def notifications(tmp_path: Path) -> Iterator[Notifications]:
    """Notifications to a receiver that plays PagerDuty and Slack."""
    with alert_receiver() as receiver:
        yield Notifications(receiver, tmp_path)


async def test_failed_test_is_reported_once_and_resolved_when_it_passes(
    notifications: Notifications,
) -> None:
    """To both channels; a run with the same failure adds nothing."""
    counts = [await notifications.notify(suites) for suites in (FAILED, FAILED, PASSED, PASSED)]

    assert [count["pagerduty"] for count in counts] == ["1 reported", "1 unchanged", "1 resolved", ""]
    notifications.receiver.wait_for_actions(TEST, "trigger", "resolve")


async def test_messages_say_what_fails_and_where(notifications: Notifications) -> None:
    """The formats of the service's alerts, with a link to the report."""
    await notifications.notify(FAILED)
    await notifications.notify(PASSED)

    [event, end] = notifications.receiver.events(TEST)
    [message, resolved] = notifications.receiver.messages(TEST)
    assert event["payload"]["summary"] == "Test fails in suite call_flow: TestA.test_b"
    assert (event["payload"]["severity"], event["client_url"]) == ("warning", REPORT)
    assert event["dedup_key"] == end["dedup_key"] == f"voicehive-orchestrator/tests/{TEST}"
    assert message.startswith("ALERT (warning): Test fails in suite call_flow: TestA.test_b\n")
    assert message.endswith(f"\nreport: {REPORT}")
    assert resolved.startswith("RESOLVED: Test fails in suite call_flow: TestA.test_b\n")


async def test_messages_have_neither_parameters_nor_what_the_test_said(notifications: Notifications) -> None:
    """Both may be personal data. Secrets are only where they have to be."""
    await notifications.notify(FAILED)

    sent = json.dumps([body for _, body, _ in notifications.receiver.requests])
    assert "guest" not in sent
    assert "webhook-secret" not in sent + notifications.state_file.read_text()
    assert "routing-key" not in notifications.state_file.read_text()


async def test_condition_that_comes_and_goes_is_reported_once_an_hour(notifications: Notifications) -> None:
    """Its end is reported at once."""
    counts = [await notifications.notify(suites) for suites in (FAILED, PASSED, FAILED, PASSED)]
    notifications.now = BEGINNING + timedelta(hours=1)
    counts.append(await notifications.notify(FAILED))

    assert [count["slack"] for count in counts] == [
        "1 reported",
        "1 resolved",
        "1 withheld",
        "",
        "1 reported",
    ]


async def test_rate_is_limited_per_hour(notifications: Notifications) -> None:
    """What is withheld is reported later, as long as it still holds."""
    suites = {suite: {"TestA::test_b": "failed"} for suite in ("call_flow", "auth_flow", "resilience")}

    counts = [await notifications.notify(suites, max_per_hour=2) for _ in range(2)]
    notifications.now = BEGINNING + timedelta(hours=1, minutes=1)
    counts.append(await notifications.notify(suites, max_per_hour=2))

    assert [count["pagerduty"] for count in counts] == [
        "2 reported, 1 withheld",
        "2 unchanged, 1 withheld",
        "1 reported, 2 unchanged",
    ]
    assert len(notifications.receiver.bodies(SLACK_PATH)) == 3


async def test_undelivered_message_is_sent_at_the_next_run(notifications: Notifications) -> None:
    """PagerDuty is away for one run; Slack is not told twice."""
    notifications.receiver.rejections[TEST] = [503, 503]

    counts = [await notifications.notify(FAILED) for _ in range(2)]

    assert [count["pagerduty"] for count in counts] == ["1 undelivered", "1 reported"]
    assert [count["slack"] for count in counts] == ["1 reported", "1 unchanged"]


async def test_channel_that_is_away_is_tried_once_per_run(notifications: Notifications) -> None:
    """Each further message would take half a minute. The next run sends them all."""
    suites = {"call_flow": {**FAILED["call_flow"], "TestA::test_c": "failed"}}
    notifications.receiver.rejections[TEST] = [503, 503]

    counts = [await notifications.notify(suites) for _ in range(2)]

    assert [count["pagerduty"] for count in counts] == ["1 withheld, 1 undelivered", "2 reported"]


async def test_message_that_may_have_arrived_is_resolved(notifications: Notifications) -> None:
    """The response was lost, and perhaps not the message."""
    notifications.receiver.rejections[TEST] = [503, 503]

    counts = [await notifications.notify(suites) for suites in (FAILED, PASSED)]

    assert [count["pagerduty"] for count in counts] == ["1 undelivered", "1 resolved"]


async def test_undelivered_end_is_sent_at_the_next_run(notifications: Notifications) -> None:
    """No end is lost."""
    await notifications.notify(FAILED)
    notifications.receiver.rejections[TEST] = [503, 503]

    counts = [await notifications.notify(PASSED) for _ in range(2)]

    assert [count["pagerduty"] for count in counts] == ["1 undelivered", "1 resolved"]


async def test_rejected_message_is_not_resolved(notifications: Notifications) -> None:
    """The channel shows nothing."""
    notifications.receiver.rejections[TEST] = [400]

    counts = [await notifications.notify(suites) for suites in (FAILED, PASSED)]

    assert [count["pagerduty"] for count in counts] == ["1 rejected", ""]


async def test_crash_of_a_suite_does_not_resolve_its_tests(notifications: Notifications) -> None:
    """The test did not run; the suite's own condition is added, and both end with the next passed run."""
    only_other = {"call_flow": {"TestA::test_c": "passed"}}

    await notifications.notify(FAILED)
    crashed = await notifications.notify(only_other, statuses=CRASHED)
    passed = await notifications.notify(PASSED)

    assert (crashed["pagerduty"], passed["pagerduty"]) == ("1 reported", "2 resolved")
    assert notifications.receiver.actions(TEST) == ["trigger", "resolve"]
    assert notifications.receiver.actions("suite:call_flow") == ["trigger", "resolve"]


async def test_state_does_not_grow(notifications: Notifications) -> None:
    """A condition that ended an hour ago is forgotten."""
    for suites in (FAILED, PASSED):
        await notifications.notify(suites)
    notifications.now += timedelta(hours=2)
    await notifications.notify(PASSED)

    state = json.loads(notifications.state_file.read_text())

    assert state["channels"]["pagerduty"] == {"conditions": {}, "sent_at": []}


async def test_file_that_is_no_state_is_kept_and_named(notifications: Notifications) -> None:
    """To go on without it would report everything again."""
    notifications.state_file.write_text("{}}")

    with pytest.raises(StateError, match=r"state\.json does not hold the state of notifications"):
        await notifications.notify(FAILED)

    assert notifications.state_file.read_text() == "{}}"
    assert notifications.receiver.bodies(PAGERDUTY_PATH) == []


async def test_state_that_cannot_be_written_is_an_error_before_anything_is_sent(
    notifications: Notifications,
) -> None:
    """A folder stands where the file should be."""
    notifications.state_file.mkdir()

    with pytest.raises(StateError, match=r"cannot use .*state\.json: Is a directory"):
        await notifications.notify(FAILED)

    assert notifications.receiver.requests == []


def test_second_process_waits_for_the_state(tmp_path: Path) -> None:
    """It reads what the first one wrote."""
    path = tmp_path / "state.json"
    order: list[list[str]] = []

    def use_state() -> None:
        with open_state(path) as state:
            order.append(sorted(state.channels))

    with ThreadPoolExecutor() as executor:
        with open_state(path) as first:
            second = executor.submit(use_state)
            # without the lock it would be done long before
            wait([second], timeout=0.5)
            first.channels["slack"] = ChannelState()
            order.append(["first"])
        second.result()

    assert order == [["first"], ["slack"]]
