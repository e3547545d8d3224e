"""How much memory each endpoint allocates, measured by tracemalloc in the service's process."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from statistics import median

import pytest

from tests.integration import pact_coverage
from tests.integration.deployment import require_local_stack
from tests.integration.figures import record_figures
from tests.integration.performance.endpoint_scenarios import SCENARIOS
from tests.integration.performance.own_stacks import measured_service
from tests.integration.performance.peaks_path import PEAKS_PATH
from tests.integration.performance.performance_report import write_report
from tests.integration.performance.world import World

ALLOCATIONS_FILE = Path(__file__).with_name("allocations.json")
MODULE = "tests.integration.performance.allocation_server"
WARM_UPS = 2
REQUESTS = 5
KIB = 1024
MAX_RATIO = 2.0
"""Of the reviewed peak. Versions of Python and of libraries differ by a fifth; a copy of the body or of a whole table is more."""
MIN_KIB = 64
"""Smaller peaks are not compared: a cache that a library fills once is as large."""


@pytest.fixture(scope="module")
def traced(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Iterator[World]:
    """A service of its own, because tracemalloc makes it several times slower."""
    require_local_stack("runs the service under tracemalloc")
    with measured_service(tmp_path_factory.mktemp("traced"), worker_id, MODULE) as world:
        yield world


@pytest.mark.load
class TestAllocations:
    """The memory that a request needs at most at one time."""

    @pytest.mark.parametrize("scenario", SCENARIOS)
    def test_peak_is_within_twice_the_reviewed_one(
        self, traced: World, scenario: str, request: pytest.FixtureRequest
    ) -> None:
        """The median of five requests after two that are not counted."""
        peak = measure_peak(traced, scenario)
        pact_coverage.fail_on_unknown_requests(request.config, traced.vendors)

        reviewed = json.loads(ALLOCATIONS_FILE.read_text(encoding="utf-8"))[scenario]
        record_figures(request, peak=f"{peak} KiB, reviewed {reviewed} KiB")
        write_report(f"allocations/{scenario}", {"peak_kib": peak})
        assert peak <= MAX_RATIO * max(reviewed, MIN_KIB)


def measure_peak(world: World, scenario: str) -> int:
    """Return the median of the peaks of a scenario's requests, in KiB."""
    peaks: list[int] = []
    for number in range(WARM_UPS + REQUESTS):
        request = SCENARIOS[scenario](world)
        world.admin.get(PEAKS_PATH)
        world.send(request)
        [peak] = world.admin.get_json(PEAKS_PATH)
        if number >= WARM_UPS:
            peaks.append(peak)
    return round(median(peaks) / KIB)
