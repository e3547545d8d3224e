"""The command that runs one test again."""

from __future__ import annotations

import shlex

from suite_runner.results import CaseResult


def repeat_command(case: CaseResult) -> str:
    """Return the command for the root of the checkout."""
    # the project's own selection leaves out tests that send load
    selection = " -m load" if "load" in case.markers else ""
    return f".venv/bin/python -m pytest{selection} {shlex.quote(case.node_id)}"
