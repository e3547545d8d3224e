"""Vendor requests, Redis and SQL round trips of each endpoint, compared with reviewed numbers.

A count is the same on every machine and under any load, so it finds a new round trip that no measurement of time does.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.integration import pact_coverage
from tests.integration.deployment import require_local_stack
from tests.integration.performance.endpoint_scenarios import SCENARIOS, route_of, routes_of
from tests.integration.performance.request_counts import (
    CountedService,
    counted_service,
    describe_differences,
    read_counts,
)
from tests.thoroughness import choose

RUNS = choose(1, 3)
"""How often each endpoint is counted after the warm-up."""
HINT = "python -m tests.integration.performance.record_counts rewrites counts.json, for review"


@pytest.fixture(scope="module")
def counted(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Iterator[CountedService]:
    """A service of its own: its connections lead through proxies, and nothing else uses it."""
    require_local_stack("counts the round trips of the service")
    with counted_service(tmp_path_factory.mktemp("counted"), worker_id) as service:
        yield service


class TestCounts:
    """Every endpoint makes exactly the requests and round trips that were reviewed."""

    @pytest.mark.parametrize("scenario", SCENARIOS)
    def test_counts_of_an_endpoint_are_the_reviewed_ones(
        self, counted: CountedService, scenario: str, request: pytest.FixtureRequest
    ) -> None:
        """Each request after the first; the message names the endpoint, the quantity, the expected and the actual count."""
        expected = read_counts().get(scenario, {})
        counted.warm_up(scenario)

        runs = [counted.count(scenario) for _ in range(RUNS)]
        pact_coverage.fail_on_unknown_requests(request.config, counted.world.vendors)

        differences = [describe_differences(scenario, expected, counts) for counts in runs]
        if any(differences):
            lines = dict.fromkeys(line for lines in differences for line in lines)
            pytest.fail("\n".join([*lines, HINT]), pytrace=False)

    def test_every_route_has_a_scenario_and_reviewed_counts(self, counted: CountedService) -> None:
        """A new route has to be added, and a removed one has to be deleted."""
        routes = routes_of(counted.document)

        assert {route_of(scenario) for scenario in SCENARIOS} == routes
        assert read_counts().keys() == SCENARIOS.keys()
