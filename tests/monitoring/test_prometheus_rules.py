"""The rules are valid, and each alert fires when it should and only then."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
import yaml

from tests.external_tools import require_program
from tests.monitoring.rules import (
    DASHBOARD_FILES,
    FOLDER,
    RULE_FILES,
    TEST_FILES,
    dashboard_queries,
    load_rules,
)


@pytest.mark.parametrize(
    "arguments",
    [["check", "rules", *map(str, RULE_FILES)], ["test", "rules", *map(str, TEST_FILES)]],
    ids=["check", "test"],
)
def test_promtool_accepts_the_rules(arguments: list[str]) -> None:
    """`promtool check rules` and the unit tests in monitoring/prometheus/tests/."""
    promtool = require_program("promtool", "prometheus")

    run = subprocess.run([promtool, *arguments], capture_output=True, text=True, check=False)

    assert run.returncode == 0, run.stdout + run.stderr


def test_promtool_accepts_the_queries_of_the_panels(tmp_path: Path) -> None:
    """Each as the expression of a rule, which promtool can check."""
    promtool = require_program("promtool", "prometheus")
    queries = dashboard_queries()
    rules = [{"record": f"panel:{index}", "expr": query} for index, query in enumerate(queries)]
    path = tmp_path / "panels.yml"
    path.write_text(yaml.safe_dump({"groups": [{"name": "panels", "rules": rules}]}))

    run = subprocess.run([promtool, "check", "rules", path], capture_output=True, text=True, check=False)

    assert run.returncode == 0, run.stdout + run.stderr
    assert f"SUCCESS: {len(queries)} rules found" in run.stdout


def test_every_alert_is_tested_to_fire_and_to_be_silent() -> None:
    """An alert without a test that expects it may have a condition that never holds."""
    cases = [
        case
        for path in TEST_FILES
        for group in yaml.safe_load(path.read_text())["tests"]
        for case in group.get("alert_rule_test", [])
    ]

    alerts = {rule["alert"] for rule in load_rules() if "alert" in rule}

    assert {case["alertname"] for case in cases if case.get("exp_alerts")} == alerts
    assert {case["alertname"] for case in cases if not case.get("exp_alerts")} == alerts


def test_every_alert_has_a_severity_and_a_summary() -> None:
    """A route of the Alertmanager needs the one, a person the other."""
    alerts = [rule for rule in load_rules() if "alert" in rule]

    assert {rule["labels"]["severity"] for rule in alerts} == {"critical", "warning"}
    assert [rule["alert"] for rule in alerts if not rule["annotations"].get("summary")] == []


def test_every_recording_rule_is_used_or_tested() -> None:
    """Nothing is recorded for nobody: an alert, a dashboard or a rule's test names each rule."""
    texts = [path.read_text() for path in (*TEST_FILES, FOLDER / "alert_rules.yml")]
    texts += [path.read_text() for path in DASHBOARD_FILES]

    recorded = [rule["record"] for rule in load_rules() if "record" in rule]

    assert [name for name in recorded if not any(name in text for text in texts)] == []
