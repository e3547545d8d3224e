"""`python -m tests.integration.performance.record_counts`: count every endpoint and rewrite counts.json.

The difference is for review: a number that grows is a round trip more in every such request.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from tests.integration.performance.endpoint_scenarios import SCENARIOS
from tests.integration.performance.request_counts import (
    COUNTS_FILE,
    Counts,
    counted_service,
    describe_differences,
    read_counts,
    write_counts,
)


def main() -> int:
    """Count, write the file and print what has changed."""
    earlier = read_counts() if COUNTS_FILE.exists() else {}
    counts: dict[str, Counts] = {}
    with tempfile.TemporaryDirectory() as folder, counted_service(Path(folder), "record") as service:
        for scenario in SCENARIOS:
            service.warm_up(scenario)
            counts[scenario] = service.count(scenario)
    write_counts(counts)
    for scenario in sorted({*earlier, *counts}):
        for line in describe_differences(scenario, earlier.get(scenario, {}), counts.get(scenario, {})):
            sys.stdout.write(f"{line}\n")
    sys.stdout.write(f"{len(counts)} endpoints are in {COUNTS_FILE}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
