"""Every vendor request of every call flow under every fault: the caller, the call and the call after it."""

from __future__ import annotations

import asyncio
from collections import Counter

import httpx
import pytest

from fault_injection.results import Cell, save_cells
from local_stack.stack import ADMIN
from tests.integration.accounts import login_client
from tests.integration.api import TIMEOUT_SECONDS
from tests.integration.deployment import require_local_stack
from tests.integration.ids import IdFactory
from tests.integration.resilience.flow_calls import FlowCaller
from tests.integration.resilience.flow_cases import FlowMatrix
from tests.integration.resilience.flow_follow_ups import TRANSFER, FollowUps
from tests.integration.resilience.flow_log import ServiceLog
from tests.integration.resilience.flow_pms import ApaleoPms, MewsPms, Pms
from tests.integration.resilience.flow_stack import FlowStack, run_flow_stack

MIN_FAULTS = 3
"""An outage, a rejection and a broken response at least, of each operation."""
MIN_STEPS = {"apaleo": 20, "mews": 10}
"""Three events have a few vendor requests each, and each interaction has at least one of its own."""


@pytest.fixture(scope="module", params=[ApaleoPms(), MewsPms()], ids=lambda pms: pms.vendor)
def flow_cells(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Pms, list[Cell]]:
    """The cells of all cases of a hotel's calls, which run at the same time because most of them wait."""
    require_local_stack("needs faults in the connections to the vendors")
    pms: Pms = request.param
    with run_flow_stack(tmp_path_factory.mktemp("flows"), pms.vendor, pms.settings) as stack:
        cells = asyncio.run(_run_matrix(stack, pms))
    save_cells("flow", pms.vendor, cells)
    return pms, cells


async def _run_matrix(stack: FlowStack, pms: Pms) -> list[Cell]:
    headers = login_client(stack.url, *ADMIN).headers
    limits = httpx.Limits(max_connections=100)
    async with (
        stack.proxies() as proxies,
        httpx.AsyncClient(
            base_url=stack.url, headers=headers, timeout=2 * TIMEOUT_SECONDS, limits=limits
        ) as service,
        httpx.AsyncClient(timeout=TIMEOUT_SECONDS, limits=limits) as control,
    ):
        log = ServiceLog(stack.log)
        follow_ups = FollowUps(log, proxies["livekit"])
        caller = FlowCaller(service, stack.stub_urls, control, pms, IdFactory("flow"), follow_ups)
        credentials = stack.credentials | {headers["Authorization"].removeprefix("Bearer ")}
        return await FlowMatrix(caller, proxies, log, follow_ups, credentials).run()


@pytest.mark.slow
class TestFaultMatrix:
    """Each step of each call, under each fault that can be injected into a running service."""

    def test_caller_call_and_next_call_withstand_every_fault(
        self, flow_cells: tuple[Pms, list[Cell]]
    ) -> None:
        """The response is well-formed and in time, the call ends and is recorded once, and the next call is normal."""
        _, cells = flow_cells
        problems = [
            f"{cell['row']}, {cell['fault']}: {problem}" for cell in cells for problem in cell["problems"]
        ]

        assert problems == []

    def test_operations_of_every_vendor_meet_several_faults(self, flow_cells: tuple[Pms, list[Cell]]) -> None:
        """The cases are generated: steps from undisturbed calls, faults from the catalogue."""
        pms, cells = flow_cells
        steps = {(cell["section"], cell["row"]) for cell in cells}
        # a row is "event: operation"
        faults = Counter((cell["section"], cell["row"].partition(": ")[2]) for cell in cells)

        assert len(steps) >= MIN_STEPS[pms.vendor]
        assert min(faults.values()) >= MIN_FAULTS
        assert {section for section, _ in steps} == set(pms.dependencies)

    def test_transfer_to_a_colleague_is_a_step(self, flow_cells: tuple[Pms, list[Cell]]) -> None:
        """It follows the response to its event."""
        pms, cells = flow_cells

        steps = {(cell["section"], cell["row"]) for cell in cells}

        is_step = ("livekit", f"transfer_request: {TRANSFER}") in steps
        assert is_step == pms.serves("transfer_request")
