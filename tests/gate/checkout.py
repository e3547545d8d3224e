"""A checkout of the project that a test may change."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from contextlib import chdir
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

from gate.cli import app

GATE_TIMEOUT_SECONDS = 280.0


@dataclass(frozen=True, slots=True)
class GateRun:
    """The exit code of a gate command, its output in one line, and the output as it was printed."""

    code: int
    text: str
    output: str


@dataclass(frozen=True, slots=True)
class Checkout:
    """A git checkout of the project.

    Attributes:
        folder: its root.
        broker: the URL of the broker that its gate uses, None for an embedded one.
    """

    folder: Path
    broker: str | None = None

    def edit(self, file: str, old: str, new: str) -> None:
        """Replace a text that a file contains exactly once."""
        path = self.folder / file
        text = path.read_text()
        assert text.count(old) == 1, f"'{old}' occurs {text.count(old)} times in {file}"
        path.write_text(text.replace(old, new))

    def edit_all(self, folder: str, pattern: str, new: str) -> None:
        """Replace every match of a regular expression in a folder's modules; there must be at least one."""
        count = 0
        for path in (self.folder / folder).rglob("*.py"):
            text, replaced = re.subn(pattern, new, path.read_text(), flags=re.DOTALL)
            if replaced:
                path.write_text(text)
            count += replaced
        assert count, f"nothing in {folder} matches {pattern}"

    def commit(self, message: str) -> str:
        """Commit everything and return the commit."""
        git(self.folder, "add", "--all")
        git(self.folder, "commit", "--quiet", "--message", message)
        return git(self.folder, "rev-parse", "HEAD")

    def environment(self, **variables: str) -> dict[str, str]:
        """Return the environment of a gate command: no CI and no xdist unless the test says so."""
        inherited = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("PACT_BROKER", "GITHUB_", "PYTEST_")) and name not in {"CI", "NO_COLOR"}
        }
        defaults = {
            "COLUMNS": "400",
            "PYTHONPATH": "",
            "PYTEST_XDIST_AUTO_NUM_WORKERS": "0",
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        }
        broker = {"PACT_BROKER_BASE_URL": self.broker} if self.broker else {}
        return {**inherited, **defaults, **broker, **variables}

    def gate(self, *arguments: str, **variables: str) -> GateRun:
        """Run `python -m gate`."""
        return self.run(sys.executable, "-m", "gate", *arguments, **variables)

    def invoke(self, *arguments: str, **variables: str) -> GateRun:
        """Run a command of the gate in this process, which starts in no time, but has the code and vendors of this tree."""
        environment: dict[str, str | None] = dict.fromkeys(os.environ) | self.environment(**variables)
        with chdir(self.folder):
            result = CliRunner().invoke(app, arguments, env=environment)
        return GateRun(result.exit_code, " ".join(result.output.split()), result.output)

    def run(self, *command: str, **variables: str) -> GateRun:
        """Run a command in the checkout."""
        process = subprocess.run(
            command,
            cwd=self.folder,
            env=self.environment(**variables),
            capture_output=True,
            encoding="utf-8",
            timeout=GATE_TIMEOUT_SECONDS,
            check=False,
        )
        output = process.stdout + process.stderr
        return GateRun(process.returncode, " ".join(output.split()), output)

    def verdict(self) -> dict[str, Any]:
        """Return build/verdict.json."""
        document: dict[str, Any] = json.loads((self.folder / "build/verdict.json").read_text())
        return document

    def outcomes(self) -> dict[str, str]:
        """Return the outcome of each vendor."""
        return {row["provider"]: row["outcome"] for row in self.verdict()["rows"]}


def git(folder: Path, *arguments: str) -> str:
    """Run git in a folder."""
    identity = ["-c", "user.name=test", "-c", "user.email=test@example.org"]
    process = subprocess.run(
        ["git", "-C", str(folder), *identity, *arguments],
        check=True,
        capture_output=True,
        text=True,
        timeout=30,
    )
    return process.stdout.strip()
