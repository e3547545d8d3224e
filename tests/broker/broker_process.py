"""A broker process that all tests of a module use."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def run_broker(database: Path, *options: str) -> Iterator[str]:
    """Run `python -m broker` with options on a database and yield its URL."""
    command = [sys.executable, "-m", "broker", "--port", "0", "--database", str(database), *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().split()[-1]
        finally:
            process.kill()
