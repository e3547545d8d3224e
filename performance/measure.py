"""Rounds: fresh processes of all versions get the same requests in pairs, in random order."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeAlias

from performance.arms import Arm, Shared, Version, run_services, run_shared, run_yardstick
from performance.comparison import round_value
from performance.http_client import JSON_HEADERS, Client, CpuClock, MeasurementError, Request, json_request
from performance.scenarios import Scenario, check_coverage, operations
from performance.session import Session
from performance.yardstick import BODY, PATH

QUANTITIES = ("cpu", "time")
"""CPU time of the process and duration at the client, per request. A busy machine disturbs the first one little."""
YARDSTICK_NAME = "yardstick"
WARM_UP = 3
"""Requests of each endpoint that are sent before its measurement: they fill caches and open connections."""
WORK = Request("POST", PATH, BODY, JSON_HEADERS)
Values: TypeAlias = dict[str, dict[str, list[float]]]
"""One value per round, by quantity and endpoint."""
OnRound: TypeAlias = Callable[[int, int, str], None]
"""Called with a round's number, the number of rounds, and the endpoint that is measured next."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is measured.

    Attributes:
        rounds: starts of fresh processes.
        pairs: timed requests of each endpoint and version in a round.
        seed: of all orders.
    """

    rounds: int = 20
    pairs: int = 30
    seed: int = 0


@dataclass(slots=True)
class Measurement:
    """What was measured: for each round the logarithm of a ratio.

    Attributes:
        against_base: the last version relative to the first one; empty with one version.
        against_yardstick: the last version relative to the yardstick.
        milliseconds: the last version's typical durations, by quantity and endpoint.
        not_compared: endpoints that the first version does not have, and why.
    """

    against_base: Values = field(default_factory=lambda: {quantity: {} for quantity in QUANTITIES})
    against_yardstick: Values = field(default_factory=lambda: {quantity: {} for quantity in QUANTITIES})
    milliseconds: Values = field(default_factory=lambda: {quantity: {} for quantity in QUANTITIES})
    not_compared: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Queue:
    """The requests of one process in a block, and what they took."""

    client: Client
    cpu: CpuClock
    requests: Sequence[Request]
    marks: list[float] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)

    def send(self, index: int) -> None:
        """Send one request and keep its duration."""
        request = self.requests[index]
        self.marks.append(self.cpu.seconds())
        started = time.perf_counter()
        self.client.send(request)
        self.seconds.append(time.perf_counter() - started)

    def durations(self, quantity: str) -> list[float]:
        """Return the durations; CPU time after a response counts for its request."""
        if quantity == "time":
            return self.seconds
        marks = [*self.marks, self.cpu.seconds()]
        return [later - earlier for earlier, later in pairwise(marks)]


def measure(
    versions: list[Version],
    scenarios: Sequence[Scenario],
    plan: Plan,
    on_round: OnRound,
    into: Measurement | None = None,
) -> Measurement:
    """Measure versions of the service and the yardstick.

    Args:
        versions: one or two; the last one is the subject.
        scenarios: the endpoints.
        plan: how much is measured.
        on_round: called at the start of each round.
        into: the measurement that the rounds are added to; by default a new one.

    Raises:
        MeasurementError: a version does not start, lacks a scenario for a route, or responds with another status.
    """
    measurement = into or Measurement()
    choices = random.Random(plan.seed)  # noqa: S311 - not for security
    shared_memory = Path("/dev/shm")  # noqa: S108 - its files are in a folder with a random name
    # in memory, because the times of a disk vary more than those of the service
    place = str(shared_memory) if shared_memory.is_dir() else None
    with TemporaryDirectory(prefix="performance-", dir=place) as folder, run_shared(Path(folder)) as shared:
        for number in range(1, plan.rounds + 1):
            progress = partial(on_round, number, plan.rounds)
            _measure_round(versions, scenarios, plan.pairs, choices, shared, measurement, progress)
    return measurement


def _measure_round(
    versions: list[Version],
    scenarios: Sequence[Scenario],
    pairs: int,
    choices: random.Random,
    shared: Shared,
    measurement: Measurement,
    on_endpoint: Callable[[str], None],
) -> None:
    with run_yardstick(shared.folder) as yardstick, run_services(versions, shared) as services:
        documents = [arm.client.send_json(json_request("GET", "/openapi.json")) for arm, _ in services]
        check_coverage(documents[-1])
        for scenario in scenarios:
            on_endpoint(scenario.name)
            measured = services
            if not all(scenario.operation in operations(document) for document in documents):
                measurement.not_compared[scenario.name] = "it has no such route"
                measured = services[-1:]
            queues = prepare_queues(measured, yardstick, scenario, pairs, measurement.not_compared)
            _send_pairs(scenario, queues, pairs, choices)
            _add_values(measurement, scenario.name, queues)


def prepare_queues(
    services: Sequence[tuple[Arm, Session]],
    yardstick: Arm,
    scenario: Scenario,
    pairs: int,
    not_compared: dict[str, str],
) -> list[Queue]:
    """Return the queues of the services and, as the last one, of the yardstick, after the warm-up.

    Args:
        services: the versions; the last one is the subject.
        yardstick: the yardstick.
        scenario: the endpoint.
        pairs: the requests of each queue.
        not_compared: gets the reason if an earlier version cannot be measured; it has no queue then.

    Raises:
        MeasurementError: the subject or the yardstick cannot be measured.
    """
    prepared: list[tuple[Arm, Callable[[], list[Request]]]] = [
        (arm, partial(scenario.prepare, session, WARM_UP + pairs)) for arm, session in services
    ]
    prepared.append((yardstick, lambda: [WORK] * (WARM_UP + pairs)))
    queues: list[Queue] = []
    for arm, prepare in prepared:
        try:
            requests = prepare()
            for request in requests[:WARM_UP]:
                arm.client.send(request)
        except MeasurementError as error:
            # an older version may lack what the requests need
            if arm is services[-1][0] or arm is yardstick:
                raise MeasurementError(f"{scenario.name}: {error}") from None
            not_compared[scenario.name] = str(error)
        else:
            queues.append(Queue(arm.client, arm.cpu, requests[WARM_UP:]))
    return queues


def _send_pairs(scenario: Scenario, queues: list[Queue], pairs: int, choices: random.Random) -> None:
    for index in range(pairs):
        # the order within a pair is random, so that neither version always follows the other
        for queue in choices.sample(queues, len(queues)):
            try:
                queue.send(index)
            except MeasurementError as error:
                raise MeasurementError(f"{scenario.name}: {error}") from None


def _add_values(measurement: Measurement, endpoint: str, queues: list[Queue]) -> None:
    *services, yardstick = queues
    for quantity in QUANTITIES:
        durations = [queue.durations(quantity) for queue in services]
        subject = durations[-1]
        typical = sorted(subject)[len(subject) // 2] * 1000
        measurement.milliseconds[quantity].setdefault(endpoint, []).append(typical)
        relative = round_value(subject, yardstick.durations(quantity))
        measurement.against_yardstick[quantity].setdefault(endpoint, []).append(relative)
        if len(durations) > 1:
            ratio = round_value(subject, durations[0])
            measurement.against_base[quantity].setdefault(endpoint, []).append(ratio)
