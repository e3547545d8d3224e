"""Runs one interaction under every applicable fault, and describes each case as a cell of the heat map."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Mapping

from consumer_tests.contract import ConsumerContract
from consumer_tests.interaction import HttpInteraction
from fault_injection.catalogue import FAULTS, Fault, Group
from fault_injection.http_messages import RawMessage
from fault_injection.proxy import FaultProxy
from fault_injection.results import LEFT_OUT, Cell, Reaction
from fault_injection.virtual_time import VirtualTimeLoop
from tests.fault_matrix.client_runner import (
    POLICY,
    Call,
    ClientRunner,
    captured_log,
    set_correlation_id,
)
from tests.fault_matrix.expectation import Expectation, Subject, expectation
from tests.fault_matrix.findings import find_problems
from tests.fault_matrix.selection import select_faults
from tests.fault_matrix.stub_vendor import StubVendor

LOG_NOISE = frozenset({"timestamp", "level", "args", "kwargs", "callable"})
"""Fields that say nothing about a case."""
POOL_DAMAGING_GROUPS = frozenset({Group.CONNECTION, Group.TIME, Group.FRAMING})
"""Faults after which a connection of the client's pool may be unusable."""
FAULT_BY_NAME = {fault.name: fault for fault in FAULTS}
AcceptedStatuses = Mapping[tuple[str, str], frozenset[int]]


def accepted_statuses(contract: ConsumerContract) -> AcceptedStatuses:
    """Return the statuses that are results, not errors, by method and path."""
    statuses: dict[tuple[str, str], set[int]] = {}
    for interaction in contract.interactions:
        if interaction.raises is None:
            key = (interaction.request.method, interaction.request.path)
            statuses.setdefault(key, set()).add(interaction.response.status)
    # a 200 means success wherever it is allowed, so the faults' own 200 is judged by its body
    return {key: frozenset(values - {200}) for key, values in statuses.items()}


class InteractionMatrix:
    """The cases of one interaction.

    Args:
        contract: the vendor's contract.
        interaction: the interaction.
        vendor: the stub.
    """

    def __init__(self, contract: ConsumerContract, interaction: HttpInteraction, vendor: StubVendor) -> None:
        self._contract, self._interaction, self._vendor = contract, interaction, vendor
        self._token = ""
        self.cells: list[Cell] = []

    def run(self) -> list[Cell]:
        """Run the cases, and return their cells and those of the cases that this run leaves out."""
        with captured_log() as log, asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
            runner.run(self._run(log))
        return self.cells

    async def _run(self, log: io.StringIO) -> None:
        values = await self._vendor.set_up(self._interaction.states)
        self._token = str(values.get("token", ""))
        proxy = FaultProxy(self._vendor.send)
        await proxy.start()
        try:
            subject = await self._find_subject(proxy, log)
            applicable = [fault for fault in FAULTS if subject.is_applicable(fault)]
            selected = select_faults(applicable, *self._place())
            for fault in applicable:
                if fault in selected:
                    self.cells.append(await self._run_case(subject, fault, proxy, log))
                else:
                    self.cells.append(_left_out_cell(self._interaction, fault))
        finally:
            await proxy.stop()

    def _place(self) -> tuple[int, int]:
        """Return the place of the interaction among those of its method, and how many they are."""
        method = self._interaction.request.method
        same = [item for item in self._contract.interactions if item.request.method == method]
        return same.index(self._interaction), len(same)

    async def _find_subject(self, proxy: FaultProxy, log: io.StringIO) -> Subject:
        baseline = await self._call(None, proxy, log)
        outage = await self._call(FAULT_BY_NAME["connection_reset_by_peer"], proxy, log)
        slow = await self._call(FAULT_BY_NAME["chunked_dribble_delay"], proxy, log)
        repeatable = await self._is_repeatable(baseline.exchanges[0].request)
        key = (self._interaction.request.method, self._interaction.request.path)
        return Subject(
            interaction=self._interaction,
            operation=baseline.events[-1].operation,
            baseline=baseline,
            idempotent=len(outage.attempts) > 1,
            repeatable=repeatable,
            streams=slow.error is None and slow.seconds > POLICY.total_timeout,
            accepted_statuses=accepted_statuses(self._contract).get(key, frozenset()),
        )

    async def _is_repeatable(self, request: RawMessage) -> bool:
        self._vendor.restore()
        first = await self._vendor.send(request)
        state = self._vendor.snapshot()
        second = await self._vendor.send(request)
        return self._vendor.snapshot() == state and first.status == second.status

    async def _call(self, fault: Fault | None, proxy: FaultProxy, log: io.StringIO) -> Call:
        runner = ClientRunner(self._contract, self._interaction, self._vendor, proxy, log, self._token)
        try:
            self._vendor.restore()
            url = await runner.inject(fault) if fault else None
            return await runner.call(url)
        finally:
            await runner.close()

    async def _run_case(self, subject: Subject, fault: Fault, proxy: FaultProxy, log: io.StringIO) -> Cell:
        correlation_id = f"case-{fault.name}"
        set_correlation_id(correlation_id)
        runner = ClientRunner(self._contract, self._interaction, self._vendor, proxy, log, self._token)
        try:
            self._vendor.restore()
            call = await runner.call(await runner.inject(fault))
            expected = expectation(subject, fault)
            problems = find_problems(subject, fault, call, expected, correlation_id)
            problems += await self._find_circuit_problems(call, runner)
            if fault.group in POOL_DAMAGING_GROUPS:
                problems += await self._find_recovery_problems(subject, runner)
        finally:
            await runner.close()
        return _cell(subject, fault, call, expected, problems)

    async def _find_circuit_problems(self, call: Call, runner: ClientRunner) -> list[str]:
        if call.breaker != "open":
            return []
        rejected = await runner.call()
        await runner.close_circuit()
        if rejected.attempts or getattr(rejected.outcome, "code", None) != "circuit_open":
            return ["the open circuit should reject the next call without a request"]
        return []

    async def _find_recovery_problems(self, subject: Subject, runner: ClientRunner) -> list[str]:
        """Call once more with the same client after the fault."""
        await runner.recover()
        recovered = await runner.call()
        if recovered.error == subject.baseline.error:
            return []
        return [f"the next call after the fault ended with {recovered.outcome!r}"]


def _identity(interaction: HttpInteraction, fault: Fault) -> Cell:
    return {
        "matrix": "client",
        "section": interaction.vendor,
        "row": interaction.description,
        "request": f"{interaction.request.method} {interaction.request.path}",
        "fault": fault.name,
    }


def _left_out_cell(interaction: HttpInteraction, fault: Fault) -> Cell:
    return {**_identity(interaction, fault), "reaction": LEFT_OUT, "problems": [], "facts": {}, "log": []}


def _cell(subject: Subject, fault: Fault, call: Call, expected: Expectation, problems: list[str]) -> Cell:
    return {
        **_identity(subject.interaction, fault),
        "reaction": Reaction.FINDING if problems else _reaction(subject, call),
        "problems": problems,
        "facts": {
            "Client operation": subject.operation + (" (idempotent)" if subject.idempotent else ""),
            "Expected": expected.error or subject.baseline.error or "the result",
            "Outcome": str(call.outcome) if call.error else "the result",
            "Error": call.error or "none",
            "Attempts at": ", ".join(f"{at:.3f} s" for at in call.attempts),
            "Requests at the vendor": call.at_vendor,
            "Duration (virtual)": f"{call.seconds:.3f} s",
            "Guard's outcome": ", ".join(event.outcome for event in call.events),
            "Circuit afterwards": call.breaker,
        },
        "log": [{name: value for name, value in line.items() if name not in LOG_NOISE} for line in call.log],
    }


def _reaction(subject: Subject, call: Call) -> Reaction:
    repeated = len(call.attempts) > len(subject.baseline.attempts)
    if call.error == subject.baseline.error:
        return Reaction.RECOVERED if repeated else Reaction.UNAFFECTED
    if call.error == "VendorTimeout":
        return Reaction.DEADLINE
    return Reaction.FAILED_AFTER_RETRIES if repeated else Reaction.FAILED
