"""The dashboard of test runs."""

from __future__ import annotations

from monitoring.dashboards.model import GREEN_RED, Dashboard, Panel, Query

TEST_RUNS = Dashboard(
    uid="voicehive-test-runs",
    title="VoiceHive test runs",
    description="Results of tests/integration as `python -m monitoring export` writes them.",
    period="30d",
    panels=(
        Panel(
            "Latest run",
            "1: it passed its quality gates.",
            (Query("voicehive_test_run_success"),),
            kind="stat",
            width=6,
            thresholds=GREEN_RED,
        ),
        Panel(
            "Since the latest passed run",
            "The suites run every night.",
            (Query("time() - voicehive_test_run_last_success_timestamp_seconds"),),
            unit="s",
            kind="stat",
            width=6,
        ),
        Panel(
            "Quality gates",
            "1: the gate passed.",
            (Query("voicehive_test_run_gate_passed", "{{gate}}"),),
            kind="stat",
            thresholds=GREEN_RED,
        ),
        Panel(
            "Suites",
            "The status of each suite.",
            (Query("voicehive_test_run_suite_status == 1"),),
            kind="table",
        ),
        Panel(
            "Pass rate of tests",
            "Without skipped ones, beside the least that the quality gate accepts.",
            (
                Query("voicehive_test_run_pass_ratio", "passed"),
                Query('voicehive_test_run_threshold{threshold="min_pass_rate"}', "threshold"),
            ),
            unit="percentunit",
        ),
        Panel(
            "Failed tests",
            "By suite, with those that ended in an error.",
            (Query('sum by (suite) (voicehive_test_run_tests{status=~"failed|error"})', "{{suite}}"),),
        ),
        Panel(
            "Duration of suites",
            "By suite.",
            (Query("voicehive_test_run_suite_duration_seconds", "{{suite}}"),),
            unit="s",
        ),
        Panel(
            "Share of the time-out",
            "A suite that reaches 100 % is stopped.",
            (
                Query(
                    "voicehive_test_run_suite_duration_seconds / voicehive_test_run_suite_timeout_seconds",
                    "{{suite}}",
                ),
            ),
            unit="percentunit",
        ),
        Panel(
            "Duration of the run",
            "From start to end.",
            (Query("voicehive_test_run_duration_seconds", "run"),),
            unit="s",
        ),
        Panel(
            "Tests",
            "By how they ended.",
            (Query("sum by (status) (voicehive_test_run_tests)", "{{status}}"),),
        ),
    ),
)
