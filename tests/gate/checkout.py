"""A checkout of the project: it may be broken, and nothing else notices."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

GATE_DEADLINE = 50.0


@dataclass(frozen=True, slots=True)
class GateRun:
    """What a gate command came to: its exit code, and its words in one line."""

    code: int
    text: str


@dataclass(frozen=True, slots=True)
class Checkout:
    """A git checkout of the project with one commit."""

    folder: Path

    def edit(self, file: str, old: str, new: str) -> None:
        """Replace a text that stands in a file exactly once."""
        path = self.folder / file
        text = path.read_text()
        assert text.count(old) == 1, f"'{old}' stands {text.count(old)} times in {file}"
        path.write_text(text.replace(old, new))

    def gate(self, *arguments: str, **variables: str) -> GateRun:
        """Run `python -m gate`."""
        environment = {
            name: value for name, value in os.environ.items() if not name.startswith("PACT_BROKER")
        }
        done = subprocess.run(
            [sys.executable, "-m", "gate", *arguments],
            cwd=self.folder,
            env={**environment, "COLUMNS": "400", "PYTHONPATH": "", **variables},
            capture_output=True,
            text=True,
            timeout=GATE_DEADLINE,
            check=False,
        )
        return GateRun(done.returncode, " ".join((done.stdout + done.stderr).split()))

    def verdict(self) -> dict[str, Any]:
        """The verdict as it was written for machines."""
        read: dict[str, Any] = json.loads((self.folder / "build/verdict.json").read_text())
        return read

    def outcomes(self) -> dict[str, str]:
        """The outcome of each vendor."""
        return {row["provider"]: row["outcome"] for row in self.verdict()["rows"]}


def git(folder: Path, *arguments: str) -> str:
    """Run git in a folder."""
    identity = ["-c", "user.name=test", "-c", "user.email=test@example.org"]
    done = subprocess.run(
        ["git", "-C", str(folder), *identity, *arguments],
        check=True,
        capture_output=True,
        text=True,
        timeout=30,
    )
    return done.stdout.strip()
