"""Processes that are no children of the test: found and waited for by their ids (Linux)."""

from __future__ import annotations

import os
import select
import time
from collections.abc import Callable
from pathlib import Path

TIMEOUT_SECONDS = 60.0
POLL_SECONDS = 0.02


def descendants_of(pid: int) -> list[int]:
    """Return the running child processes of a process, theirs, and so on."""
    children: dict[int, list[int]] = {}
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, parent = status.read_text().rpartition(")")[2].split()[:2]
        except OSError:
            continue
        if state != "Z":
            children.setdefault(int(parent), []).append(int(status.parent.name))
    found = [pid]
    for process in found:
        found += children.get(process, [])
    return found[1:]


def wait_until(condition: Callable[[], bool]) -> bool:
    """Wait for a condition that no event announces; return whether it is met in time."""
    deadline = time.monotonic() + TIMEOUT_SECONDS
    while not condition() and time.monotonic() < deadline:
        time.sleep(POLL_SECONDS)
    return condition()


def wait_until_ended(pid: int) -> bool:
    """Wait for the end of a process; return whether it ends in time."""
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([descriptor], [], [], TIMEOUT_SECONDS)[0])
    finally:
        os.close(descriptor)
