"""Which tests run: suites, shards, the failed ones, those after a failure, and the project's own selection."""

from __future__ import annotations

import json

import pytest

from suite_runner.plugin import shard_tests
from tests.suite_runner.conftest import FAILING, PASSING, SmallCheckout

pytestmark = pytest.mark.timeout(300)  # it starts processes, on a machine that may be busy


def test_rerun_runs_only_what_failed(checkout: SmallCheckout) -> None:
    """Then, once the tests pass, there is nothing to run again."""
    checkout.write(auth_flow=PASSING + FAILING, call_flow_a=PASSING)
    checkout.run("--suites", "auth_flow", "call_flow")
    checkout.write(auth_flow=PASSING + FAILING.replace("== 2", "== 1"))

    codes = [checkout.run("--rerun-failed"), checkout.run("--rerun-failed")]

    assert codes == [0, 0]
    assert list(checkout.tests) == ["test_fails"]
    assert "there is nothing to run again" in checkout.output


def test_rerun_repeats_a_suite_that_did_not_end(checkout: SmallCheckout) -> None:
    """Its tests are unknown."""
    checkout.write(auth_flow="import no_such_module\n")
    checkout.run("--suites", "auth_flow")
    checkout.write(auth_flow=PASSING)

    assert checkout.run("--rerun-failed") == 0
    assert list(checkout.tests) == ["test_passes"]


def test_rerun_needs_an_earlier_run(checkout: SmallCheckout) -> None:
    """Without one it is a wrong argument."""
    assert checkout.run("--rerun-failed") == 2
    assert "needs an earlier run" in checkout.errors


def test_fail_fast_stops_at_the_first_failure(checkout: SmallCheckout) -> None:
    """Neither the rest of the suite nor the next suite runs, and the reports say so."""
    checkout.write(call_flow_a=FAILING + PASSING, auth_flow=PASSING)

    code = checkout.run("--fail-fast", "--suites", "call_flow", "auth_flow")

    assert code == 1
    assert list(checkout.tests) == ["test_fails"]
    assert {name: suite["status"] for name, suite in checkout.suites.items()} == {
        "call_flow": "failed",
        "auth_flow": "not_run",
    }


@pytest.mark.parametrize("count", [1, 2, 3, 7])
def test_shards_are_disjoint_and_complete(count: int) -> None:
    """The tests of a class stay together, also with parameters that look like names."""
    tests = [
        f"test_{file}.py::Test{name}::test_{number}[x::y]"
        for file in "ab"
        for name in "XYZ"
        for number in range(5)
    ]

    shards = [shard_tests(reversed(tests), index, count) for index in range(1, count + 1)]

    assert sorted(test for shard in shards for test in shard) == sorted(tests)
    for shard in shards:
        assert all(
            len([test for test in shard if test.startswith(name)]) == 5
            for name in {test[:16] for test in shard}
        )


def test_shard_runs_its_part(checkout: SmallCheckout) -> None:
    """A suite without a test in the shard passes; the numbers are those of the command line."""
    checkout.write(
        auth_flow="class TestA:\n    def test_a(self) -> None: ...\nclass TestB:\n    def test_b(self) -> None: ...\n",
        call_flow_a=PASSING,
    )
    seen = []
    for shard in ("1/2", "2/2"):
        assert checkout.run("--suites", "auth_flow", "call_flow", "--shard", shard) == 0, checkout.output
        seen.append(set(checkout.tests))

    assert seen[0].isdisjoint(seen[1])
    assert seen[0] | seen[1] == {"TestA::test_a", "TestB::test_b", "test_passes"}


LOAD_TESTS = "import pytest\n@pytest.mark.load\ndef test_load() -> None: ...\ndef test_light() -> None: ...\n"


@pytest.mark.parametrize(
    ("arguments", "tests"),
    [
        ([], {"test_load", "test_light"}),
        (["--skip-performance"], {"test_light"}),
        (["--", "-k", "load"], {"test_load"}),
    ],
    ids=["all", "skip performance", "further arguments"],
)
def test_load_tests_run_unless_they_are_skipped(
    checkout: SmallCheckout, arguments: list[str], tests: set[str]
) -> None:
    """The project's own selection leaves them out, and arguments after `--` are pytest's."""
    (checkout.root / "pytest.ini").write_text(
        "[pytest]\naddopts = -p xdist -p pytest_timeout -m 'not load'\nmarkers =\n    load\n"
    )
    checkout.write(auth_flow=LOAD_TESTS)

    assert checkout.run("--suites", "auth_flow", *arguments) == 0, checkout.output
    assert set(checkout.tests) == tests


def test_skip_performance_leaves_the_suite_out(checkout: SmallCheckout) -> None:
    """It is not in the results."""
    checkout.write(performance_regression=PASSING, auth_flow=PASSING)

    checkout.run("--skip-performance", "--suites", "performance", "auth_flow")

    assert list(checkout.suites) == ["auth_flow"]


def test_list_names_suites_and_files(checkout: SmallCheckout) -> None:
    """Nothing runs; as JSON too. The script of the runner is no test file."""
    checkout.write(auth_flow=PASSING, runner="", unknown=PASSING)

    codes = [checkout.run("--list"), checkout.run("--list", "--json")]

    suites = {suite["suite_name"]: suite["files"] for suite in json.loads(checkout.output)}
    assert codes == [0, 0]
    assert suites == {
        "call_flow": [],
        "auth_flow": ["tests/integration/test_auth_flow.py"],
        "performance": [],
        "other": ["tests/integration/test_unknown.py"],
    }
    assert not checkout.reports.exists()
