"""Settings and arguments: what is wrong is named, with what would be right; the exit code is 2."""

from __future__ import annotations

import json
from typing import Any

import pytest

from suite_runner.config import load_config
from suite_runner.plan import suite_files
from tests.conftest import REPOSITORY
from tests.suite_runner.conftest import PASSING, SmallCheckout


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ({"thresholds": {"min_pas_rate": 1}}, "thresholds.min_pas_rate: unknown key; did you mean min_pass_rate?"),
        ({"treshold": {}}, "treshold: unknown key; did you mean thresholds?"),
        ({"thresholds": {"min_pass_rate": "high"}}, 'thresholds.min_pass_rate: input should be a valid number, not "high"'),
        ({"thresholds": {"min_pass_rate": 95}}, "thresholds.min_pass_rate: input should be less than or equal to 1, not 95"),
        ({"test_suites": {"auth_flow": {"timeout": 0}}}, "test_suites.auth_flow.timeout: input should be greater than 0"),
        ({"test_suites": {"auth_flow": {"required": 1}}}, "test_suites.auth_flow.required: input should be a valid boolean"),
        ({"test_suites": {"new": {}}}, "test_suites.new.module: missing"),
        ({"reporting": {"formats": ["pdf"]}}, "reporting.formats.0: input should be 'json', 'html'"),
        ({"reporting": []}, "reporting: input should be a valid dictionary"),
        ({"regression": {"endpoints": {"/healthz": -1}}}, "regression.endpoints./healthz: input should be greater than 0"),
        ({"test_suites": {"new": {"module": "tests.integration.test_auth_flow"}}}, "belongs to the suite auth_flow already"),
        ({"test_suites": {"new": {"module": "../x.py"}}}, "must be a path or a dotted name in the checkout"),
    ],
)  # fmt: skip
def test_wrong_setting_is_named(checkout: SmallCheckout, document: dict[str, Any], message: str) -> None:
    """The key, what is there, and what would be right."""
    checkout.write(auth_flow=PASSING)

    code = checkout.run("--config", str(checkout.configure(document)), "--suites", "auth_flow")

    assert code == 2
    assert message in checkout.errors


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--config", "no-such-file.json"], "the settings cannot be read: no-such-file.json"),
        (["--suites", "autth_flow"], "no such suite: autth_flow; the suites are call_flow, auth_flow"),
        (["--shard", "3/2"], "--shard must be I/N"),
        (["--shard", "a"], "--shard must be I/N"),
        (["--timeout", "0"], "--timeout must be a number of seconds above 0"),
        (["--timeout", "soon"], "invalid float value"),
        (["--suite", "auth_flow"], "unrecognized arguments"),
        (["--suites", "performance", "--skip-performance"], "these arguments select no suite"),
        (["--suites", "auth_flow", "--output-dir", "pytest.ini/x"], "the reports cannot be written to"),
    ],
)
def test_wrong_argument_exits_with_2(
    checkout: SmallCheckout, monkeypatch: pytest.MonkeyPatch, arguments: list[str], message: str
) -> None:
    """Nothing runs."""
    monkeypatch.chdir(checkout.root)

    assert checkout.run(*arguments) == 2
    assert message in checkout.errors
    assert not checkout.reports.exists()


def test_settings_are_merged_over_the_default(checkout: SmallCheckout) -> None:
    """What a file does not name stays as it is."""
    file = checkout.configure({"test_suites": {"auth_flow": {"timeout": 7}}, "fail_fast": True})

    config = load_config(checkout.root, file)

    assert config.test_suites["auth_flow"].timeout == 7
    assert config.test_suites["auth_flow"].module == ("tests.integration.test_auth_flow",)
    assert list(config.test_suites) == ["call_flow", "auth_flow", "performance"]
    assert (config.fail_fast, config.thresholds.min_pass_rate) == (True, 0.95)


def test_each_file_of_the_project_belongs_to_a_named_suite() -> None:
    """The suites of the original runner exist with ten times its time-outs or more, and no file is in the suite `other`."""
    config = load_config(REPOSITORY, None)

    suites = suite_files(REPOSITORY, config)

    assert "other" not in suites
    assert [name for name, (_, files) in suites.items() if not files and name != "performance"] == []
    names = ("call_flow", "pms_connector", "auth_flow", "resilience", "error_recovery", "performance")
    assert [config.test_suites[name].timeout for name in names] == [3000, 2400, 1800, 3000, 3600, 6000]
    assert [name for name, suite in config.test_suites.items() if not suite.required] == ["performance"]


def test_formats_select_the_reports(checkout: SmallCheckout) -> None:
    """Only those that the settings name are written; the history always is."""
    checkout.write(auth_flow=PASSING)
    settings = checkout.configure({"reporting": {"formats": ["xml"], "output_dir": "elsewhere"}})

    checkout.run("--suites", "auth_flow", "--config", str(settings))

    written = {path.name for path in (checkout.root / "elsewhere").iterdir()}
    assert written == {"history.jsonl", "integration_test_results.xml", "logs"}
    assert json.loads((checkout.root / "elsewhere/history.jsonl").read_text())["overall_status"] == "passed"
