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
"""Is told a round's number, how many there are, and the endpoint that is measured now."""


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
        new: endpoints that the first version does not have.
    """

    against_base: Values = field(default_factory=lambda: {quantity: {} for quantity in QUANTITIES})
    against_yardstick: Values = field(default_factory=lambda: {quantity: {} for quantity in QUANTITIES})
    milliseconds: Values = field(default_factory=lambda: {quantity: {} for quantity in QUANTITIES})
    new: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class _Queue:
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
        on_round: is told the progress.
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
            known = [scenario.operation in operations(document) for document in documents]
            if not all(known):
                measurement.new.add(scenario.name)
            measured = [service for service, is_known in zip(services, known, strict=True) if is_known]
            queues = _measure_block(measured, yardstick, scenario, pairs, choices)
            _add_values(measurement, scenario.name, queues)


def _measure_block(
    services: list[tuple[Arm, Session]],
    yardstick: Arm,
    scenario: Scenario,
    pairs: int,
    choices: random.Random,
) -> list[_Queue]:
    """Return the queues of the services, and that of the yardstick as the last one."""
    prepared: list[tuple[Arm, list[Request]]] = [
        (arm, _prepare(scenario, session, WARM_UP + pairs)) for arm, session in services
    ]
    prepared.append((yardstick, [WORK] * (WARM_UP + pairs)))
    for arm, requests in prepared:
        for request in requests[:WARM_UP]:
            _send(scenario, arm, request)
    queues = [_Queue(arm.client, arm.cpu, requests[WARM_UP:]) for arm, requests in prepared]
    for index in range(pairs):
        # the order within a pair is random, so that neither version always follows the other
        for queue in choices.sample(queues, len(queues)):
            try:
                queue.send(index)
            except MeasurementError as error:
                raise MeasurementError(f"{scenario.name}: {error}") from None
    return queues


def _prepare(scenario: Scenario, session: Session, count: int) -> list[Request]:
    try:
        return scenario.prepare(session, count)
    except MeasurementError as error:
        raise MeasurementError(f"{scenario.name}, preparation: {error}") from None


def _send(scenario: Scenario, arm: Arm, request: Request) -> None:
    try:
        arm.client.send(request)
    except MeasurementError as error:
        raise MeasurementError(f"{scenario.name}, warm-up: {error}") from None


def _add_values(measurement: Measurement, endpoint: str, queues: list[_Queue]) -> None:
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
