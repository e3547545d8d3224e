"""Compilation of what the suites import, beside the steps that come before them."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from gate.suites import SUITES, without_filters
from local_stack.exit_with_parent import child_command

COMMANDS = (("pytest", str(SUITES), "--collect-only", "-q"), ("orchestrator", "--help"))
"""The tests and the packages that they import, and those of the service."""


@contextmanager
def compiling_suites() -> Iterator[list[subprocess.Popen[bytes]]]:
    """Compile the suites' modules in the background of the block, unless they have been compiled in this checkout.

    All processes of the first run would otherwise compile the same thousand modules at the same time. Yields the processes
    that compile; they end with the block.
    """
    started: list[subprocess.Popen[bytes]] = []
    if sys.dont_write_bytecode or (SUITES / "__pycache__").exists():
        yield started
        return
    with ExitStack() as processes:
        for command in COMMANDS:
            process = subprocess.Popen(  # noqa: S603 - fixed command
                child_command(*command),
                env=without_filters(os.environ),
                stdin=subprocess.DEVNULL,
                # an error is one of the suites, which report it
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            processes.callback(process.wait)
            processes.callback(process.terminate)
            started.append(process)
        yield started
