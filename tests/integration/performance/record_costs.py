"""`python -m tests.integration.performance.record_costs`: measure every endpoint, rewrite cpu.json and allocations.json."""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from tests.integration.performance.allocations import ALLOCATIONS_FILE, MODULE, measure_peak
from tests.integration.performance.endpoint_scenarios import SCENARIOS
from tests.integration.performance.endpoint_times import CPU_FILE, connect
from tests.integration.performance.own_stacks import measured_service


def _measure_cpu(folder: Path) -> dict[str, float]:
    with measured_service(folder, "record") as world:
        service = connect(world)
        costs = {scenario: service.measure(scenario)[2] for scenario in SCENARIOS}
    return {scenario: round(seconds / service.reference, 2) for scenario, seconds in costs.items()}


def _measure_allocations(folder: Path) -> dict[str, int]:
    with measured_service(folder, "record", MODULE) as world:
        return {scenario: measure_peak(world, scenario) for scenario in SCENARIOS}


def _write(path: Path, values: Mapping[str, float]) -> None:
    path.write_text(json.dumps(values, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    sys.stdout.write(f"{len(values)} endpoints are in {path}\n")


def main() -> int:
    """Measure and write both files."""
    with tempfile.TemporaryDirectory() as folder:
        _write(ALLOCATIONS_FILE, _measure_allocations(Path(folder, "allocations")))
        _write(CPU_FILE, _measure_cpu(Path(folder, "cpu")))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
