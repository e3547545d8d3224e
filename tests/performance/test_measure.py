"""What a round does with its requests, on fake processes."""

from __future__ import annotations

from typing import cast

import pytest

from performance.arms import Arm
from performance.http_client import Client, CpuClock, MeasurementError, Request
from performance.measure import WARM_UP, Queue, prepare_queues
from performance.scenarios import Scenario
from performance.session import Session

REQUEST = Request("GET", "/healthz")


class FakeProcess:
    """A process that needs 1 s of CPU time for each request, after its response, and fails some requests.

    Args:
        name: of the process.
        fails: whether it responds with another status.
    """

    def __init__(self, name: str, *, fails: bool = False) -> None:
        self.name = name
        self.sent = 0
        self._fails = fails

    def send(self, _request: Request) -> bytes:
        """Count a request."""
        if self._fails:
            raise MeasurementError(f"{self.name}: 422 instead of 200")
        self.sent += 1
        return b""

    def seconds(self) -> float:
        """Return the CPU time."""
        return float(self.sent)

    def arm(self) -> Arm:
        """Return it as an arm."""
        return Arm(self.name, cast(Client, self), cast(CpuClock, self), 0)


def prepare(base: FakeProcess, head: FakeProcess, not_compared: dict[str, str]) -> list[Queue]:
    """Prepare two pairs of an endpoint."""
    scenario = Scenario("GET /healthz", ("GET", "/healthz"), lambda _session, count: [REQUEST] * count)
    services = [(process.arm(), cast(Session, None)) for process in (base, head)]
    return prepare_queues(services, FakeProcess("yardstick").arm(), scenario, 2, not_compared)


def test_cpu_time_after_a_response_counts_for_its_request() -> None:
    """The log line of a request is written after its response."""
    process = FakeProcess("head")
    queue = Queue(process.arm().client, process.arm().cpu, [REQUEST] * 3)

    for index in range(3):
        queue.send(index)

    assert queue.durations("cpu") == [1.0, 1.0, 1.0]
    assert len(queue.durations("time")) == 3


def test_warm_up_is_sent_and_not_measured() -> None:
    """Each process gets it."""
    base, head = FakeProcess("base"), FakeProcess("head")

    queues = prepare(base, head, {})

    assert (base.sent, head.sent) == (WARM_UP, WARM_UP)
    assert [len(queue.requests) for queue in queues] == [2, 2, 2]


def test_base_that_rejects_the_requests_is_not_compared() -> None:
    """The reason is kept, and the subject is still measured beside the yardstick."""
    not_compared: dict[str, str] = {}

    queues = prepare(FakeProcess("base", fails=True), FakeProcess("head"), not_compared)

    assert not_compared == {"GET /healthz": "base: 422 instead of 200"}
    assert len(queues) == 2


def test_subject_that_rejects_the_requests_is_an_error() -> None:
    """The message names endpoint and process."""
    with pytest.raises(MeasurementError, match="GET /healthz: head: 422 instead of 200"):
        prepare(FakeProcess("base"), FakeProcess("head", fails=True), {})
