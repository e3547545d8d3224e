"""The cases of the flow matrix: every vendor request of an undisturbed call, under every fault."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from fault_injection.catalogue import FAULTS, TIMEOUT, Fault, StubFault
from fault_injection.http_messages import RawMessage
from fault_injection.proxy import FaultProxy, Toxic
from fault_injection.results import Cell, save_cells
from orchestrator.resilience.policy import CallPolicy
from tests.integration.resilience.flow_calls import PARAMETERS, Flow, FlowCaller, PhoneCall
from tests.integration.resilience.flow_findings import RESERVATION, Case, Step, make_cell, make_left_out_cell
from tests.integration.resilience.flow_follow_ups import FollowUps
from tests.integration.resilience.flow_log import ServiceLog
from tests.integration.resilience.flow_stack import DEADLINE_SECONDS
from tests.thoroughness import THOROUGH

NO_CONTENT = 204
Matcher = Callable[[RawMessage], bool]
CONCURRENT_CASES = 8
CONCURRENT_WAITING_CASES = 40
"""Fewer than a vendor's bulkhead admits."""
MAX_RUNS = 3
"""Runs of a case until the fault occurs; a case in which it never does is a finding."""
LOG_POLL_SECONDS = 0.1
"""Many cases wait at the same time, and each look reads the file."""
BATCH_SIZE = 80
"""Fewer than a stub has fault rules, and few enough for the characters that the account may have synthesized."""
WAITING_BATCH_SIZE = 400
"""Larger, because each batch ends with a wait; these faults are injected by the proxies, which have no limit."""


def select_cases(steps: Iterable[Step]) -> list[tuple[Step, Fault]]:
    """Return the cases: every fault of every step in a thorough run of `make fault-matrix`, which takes many minutes.

    Otherwise each operation meets a fault of each kind, in turn at the steps that send it, and each step meets at least
    one. Two faults are of one kind if clients raise the same error; the operations meet different ones. The client matrix
    checks that each fault raises the error, and whether the request is repeated.
    """
    if THOROUGH and os.environ.get("FAULT_MATRIX"):
        return [(step, fault) for step in steps for fault in _applicable_faults(step)]
    steps_of_operation: dict[tuple[str, str, bool], list[Step]] = {}
    for step in steps:
        steps_of_operation.setdefault((step.vendor, step.operation, step.has_body), []).append(step)
    cases = []
    for number, same in enumerate(steps_of_operation.values()):
        faults = _one_of_each_kind(_applicable_faults(same[0]), number)
        count = max(len(same), len(faults))
        cases += [(same[index % len(same)], faults[index % len(faults)]) for index in range(count)]
    return cases


def _left_out_cells(steps: Iterable[Step], cases: Collection[tuple[Step, Fault]]) -> list[Cell]:
    """Return the cells of the cases that a thorough run has besides."""
    return [
        make_left_out_cell(step, fault)
        for step in steps
        for fault in _applicable_faults(step)
        if (step, fault) not in cases
    ]


def _applicable_faults(step: Step) -> list[Fault]:
    return [fault for fault in FAULTS if step.is_applicable(fault)]


def _one_of_each_kind(faults: list[Fault], number: int) -> list[Fault]:
    kinds: dict[str | None, list[Fault]] = {}
    for fault in faults:
        kinds.setdefault(fault.raises, []).append(fault)
    return [of_kind[number % len(of_kind)] for of_kind in kinds.values()]


async def record_steps(caller: FlowCaller) -> list[Step]:
    """Run every flow undisturbed, and return the vendor requests of each event once."""
    steps: dict[tuple[str, str, str], Step] = {}
    for interaction_type in await caller.interaction_types():
        call = await _undisturbed_call(caller, interaction_type)
        for step in await _steps_of(caller, call):
            steps.setdefault((step.event, step.vendor, step.operation), step)
    return list(steps.values())


async def _undisturbed_call(caller: FlowCaller, interaction_type: str) -> PhoneCall:
    """Return the call of the first guest whose intent has the outcome `done`, or of the last one."""
    for stay in caller.pms.stays:
        call = await caller.run(await caller.prepare(Flow(interaction_type, stay)))
        assert [response.status for response in call.responses] == [200, 200, 200], call.responses
        if call.responses[1].body["outcome"] == "done":
            break
    # once more: what is cached by now is not requested in the cases either
    return await caller.run(await caller.prepare(call.flow))


async def _steps_of(caller: FlowCaller, call: PhoneCall) -> list[Step]:
    steps = []
    for vendor, dependency in caller.pms.dependencies.items():
        for request in await caller.requests(vendor):
            for index, response in enumerate(call.responses):
                if request["headers"].get("x-correlation-id") == response.correlation_id:
                    steps.append(
                        Step(
                            call.flow,
                            index,
                            response.name,
                            vendor,
                            dependency,
                            request["operation"],
                            request["method"],
                            request["path"].replace(call.reservation_id, RESERVATION),
                            request["status"] != NO_CONTENT,
                            response,
                        )
                    )
    return sorted(steps, key=lambda step: step.event_index)


class FlowMatrix:
    """Runs the cases.

    Args:
        caller: runs calls.
        proxies: the proxies in front of the stubs.
        log: the service's log.
        follow_ups: knows when a transfer is over.
        credentials: what must not be in the log, besides the data of the callers.
    """

    def __init__(
        self,
        caller: FlowCaller,
        proxies: Mapping[str, FaultProxy],
        log: ServiceLog,
        follow_ups: FollowUps,
        credentials: frozenset[str],
    ) -> None:
        self._caller, self._proxies, self._log, self._credentials = caller, proxies, log, credentials
        self._follow_ups = follow_ups
        self._last_start = 0

    async def run(self) -> list[Cell]:
        """Return the cells of all cases."""
        await self._caller.open_hotel()
        steps = await record_steps(self._caller)
        cases = select_cases(steps)
        save_cells("flow", f"{self._caller.pms.vendor} left out", _left_out_cells(steps, cases))
        # those that wait for a deadline need little of the processor, so that more of them run at once
        waiting = [case for case in cases if case[1].raises == TIMEOUT]
        others = [case for case in cases if case[1].raises != TIMEOUT]
        cells = []
        for batch in _batches(waiting, WAITING_BATCH_SIZE):
            cells += await self._run_batch(batch, CONCURRENT_WAITING_CASES)
        for batch in _batches(others, BATCH_SIZE):
            cells += await self._run_batch(batch, CONCURRENT_CASES)
        return cells

    async def _run_batch(self, cases: Iterable[tuple[Step, Fault]], concurrency: int) -> list[Cell]:
        await self._caller.clear()
        for proxy in self._proxies.values():
            proxy.clear()
            proxy.exchanges.clear()
        slots = asyncio.Semaphore(concurrency)

        async def run(step: Step, fault: Fault) -> Cell:
            async with slots:
                return await self._run_case(step, fault)

        return list(await asyncio.gather(*(run(step, fault) for step, fault in cases)))

    async def _run_case(self, step: Step, fault: Fault) -> Cell:
        """Run a case; again, at most MAX_RUNS times in all, while its request does not reach the proxy."""
        for _ in range(MAX_RUNS - 1):
            case = await self._run_once(step, fault)
            if case.exchanges:
                return make_cell(case)
        return make_cell(await self._run_once(step, fault))

    async def _run_once(self, step: Step, fault: Fault) -> Case:
        # the lines before the first case too
        start, self._last_start = self._last_start, self._log.end()
        call = await self._caller.prepare(step.flow)
        call.waiting_event = step.event_index if fault.raises == TIMEOUT else None
        matches = _matcher(step, call)
        await self._inject(step, fault, call, matches)
        await self._caller.run(call)
        following = await self._caller.run(await self._caller.prepare(step.flow))
        records = await self._caller.recorded_calls(call)
        exchanges = [
            exchange for exchange in self._proxies[step.vendor].exchanges if matches(exchange.request)
        ]
        private = {call.phone, call.last_name, str(PARAMETERS["last_name"])}
        leaks = self._log.occurrences(private | self._credentials, start)
        log = await self._event_log(step, call)
        is_over = self._follow_ups.is_over(call.correlation_id(step.event_index))
        return Case(step, fault, call, following, records, exchanges, log, leaks, is_over)

    async def _event_log(self, step: Step, call: PhoneCall) -> list[dict[str, Any]]:
        """Return the log lines of the step's event, after the line that its request failed if the caller was warned."""
        correlation_id = call.correlation_id(step.event_index)
        time = asyncio.get_running_loop().time
        # a read continues when its caller no longer waits for it, until the deadline of its last request
        until = time() + (DEADLINE_SECONDS if call.responses[step.event_index].warned_vendors else 0.0)
        while time() < until and not step.has_failed(self._log.lines(correlation_id)):  # noqa: ASYNC110 - another process writes the log
            await asyncio.sleep(LOG_POLL_SECONDS)
        return self._log.lines(correlation_id)

    async def _inject(self, step: Step, fault: Fault, call: PhoneCall, matches: Matcher) -> None:
        if isinstance(fault.injection, StubFault):
            rule = {"operation": step.operation, "correlation_id": call.correlation_id(step.event_index)}
            await self._caller.inject(
                step.vendor, rule | {"kind": fault.injection.kind, **fault.injection.options}
            )
        elif isinstance(fault.injection, Toxic):
            # the catalogue's durations are made for the clients' default deadline
            scale = step.deadline_seconds / CallPolicy().total_timeout
            toxic = replace(fault.injection, seconds=fault.injection.seconds * scale)
            self._proxies[step.vendor].inject_matching(matches, toxic)


def _batches(cases: list[tuple[Step, Fault]], size: int) -> Iterator[list[tuple[Step, Fault]]]:
    for start in range(0, len(cases), size):
        yield cases[start : start + size]


def _matcher(step: Step, call: PhoneCall) -> Matcher:
    """Return a function that recognizes the step's request in a call."""
    correlation_id = call.correlation_id(step.event_index)
    start = f"{step.method} {step.path.replace(RESERVATION, call.reservation_id)}"

    def matches(request: RawMessage) -> bool:
        target = request.start_line.rpartition(" ")[0].partition("?")[0]
        return target == start and request.header("x-correlation-id") == correlation_id

    return matches
