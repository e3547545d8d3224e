"""`--list`: the suites with what they run."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from rich.console import Console

from suite_runner.config import RunConfig
from suite_runner.plan import suite_files


def print_suites(console: Console, root: Path, config: RunConfig, *, is_json: bool) -> None:
    """Print each suite's name, whether it is required, its time-out in seconds, its description and its files."""
    suites = suite_files(root, config)
    if is_json:
        document = [
            {"suite_name": name, **suite.model_dump(exclude={"module"}), "files": files}
            for name, (suite, files) in suites.items()
        ]
        sys.stdout.write(json.dumps(document, indent=2) + "\n")
        return
    for name, (suite, files) in suites.items():
        required = "required" if suite.required else "not required"
        console.print(f"{name}: {suite.description}", markup=False)
        console.print(f"    {required}, time-out {suite.timeout:g} s", markup=False)
        for file in files or ["(no file)"]:
            console.print(f"    {file}", markup=False)
