"""Small suites on which the runner is tested."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from suite_runner import cli
from tests.conftest import REPOSITORY

PASSING = "def test_passes() -> None:\n    assert True\n"
FAILING = "def test_fails() -> None:\n    assert 1 == 2\n"
GATES = {
    "test_suites": {
        "call_flow": {"module": "tests/integration/test_call_flow_*.py", "timeout": 60},
        "auth_flow": {"module": "tests.integration.test_auth_flow", "timeout": 50},
        "performance": {
            "module": "tests/integration/test_performance_*.py",
            "required": False,
            "exclusive": True,
        },
    }
}


class SmallCheckout:
    """A folder with suites; the runner is called in this process and starts pytest with its plug-ins only.

    Args:
        root: the folder.
        capsys: pytest's fixture.
    """

    def __init__(self, root: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.root = root
        self.reports = root / "test_reports"
        self.output = ""
        self.errors = ""
        self._capsys = capsys

    def write(self, **files: str) -> None:
        """Write test files, by the part of their name after `test_`."""
        for name, content in files.items():
            (self.root / f"tests/integration/test_{name}.py").write_text(content)

    def configure(self, document: Mapping[str, Any]) -> Path:
        """Write settings; return the file."""
        file = self.root / "settings.json"
        file.write_text(json.dumps(document))
        return file

    def run(self, *arguments: str) -> int:
        """Run the command line; return its exit code."""
        code = cli.main(self.root, arguments)
        self.output, self.errors = self._capsys.readouterr()
        return code

    @property
    def results(self) -> dict[str, Any]:
        """The JSON report."""
        document: dict[str, Any] = json.loads((self.reports / "integration_test_results.json").read_text())
        return document

    @property
    def suites(self) -> dict[str, dict[str, Any]]:
        """The suites of the JSON report, by name."""
        return {suite["suite_name"]: suite for suite in self.results["suite_results"]}

    @property
    def tests(self) -> dict[str, dict[str, Any]]:
        """The tests of the JSON report, by the part of their node ids after the file."""
        return {
            test["node_id"].partition("::")[2]: test
            for suite in self.results["suite_results"]
            for test in suite["tests"]
        }


@pytest.fixture
def isolated_pytest(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make pytest in other processes start fast: no workers, and of the plug-ins only those that the runner needs."""
    monkeypatch.setenv("PYTHONPATH", str(REPOSITORY))
    monkeypatch.setenv("PYTEST_XDIST_AUTO_NUM_WORKERS", "0")
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    for name in ("PYTEST_ADDOPTS", "PYTEST_PLUGINS", "COLUMNS", "FORCE_COLOR", "ORCHESTRATOR_URL"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def checkout(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    isolated_pytest: None,  # noqa: ARG001 - sets variables
) -> SmallCheckout:
    """A checkout with the settings `GATES` and without tests."""
    (tmp_path / "tests/integration").mkdir(parents=True)
    (tmp_path / "tests/integration/quality_gates.json").write_text(json.dumps(GATES))
    (tmp_path / "pytest.ini").write_text(
        "[pytest]\naddopts = -p xdist -p pytest_timeout\nmarkers =\n    critical\n    load\n"
    )
    return SmallCheckout(tmp_path, capsys)
