"""The memory of a service's process, as the kernel of Linux counts it."""

from __future__ import annotations

import re
from pathlib import Path

import httpx

LISTENING = "0A"
RESET_PEAK = "5"
KIB = 1024


def find_listener(url: str) -> int:
    """Return the id of the process that listens on a URL's port.

    Raises:
        LookupError: none does, or it belongs to another user.
    """
    port = f":{httpx.URL(url).port:04X}"
    rows = (line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:])
    sockets = {f"socket:[{row[9]}]" for row in rows if row[1].endswith(port) and row[3] == LISTENING}
    for process in Path("/proc").glob("[0-9]*"):
        if _has_open_file(process, sockets):
            return int(process.name)
    raise LookupError(f"no process listens on {url}")


def _has_open_file(process: Path, names: set[str]) -> bool:
    try:
        return any(str(descriptor.readlink()) in names for descriptor in (process / "fd").iterdir())
    # the process, or one of its files, is gone by now
    except OSError:
        return False


def reset_peak(pid: int) -> None:
    """Let the peak of a process start at its memory now."""
    Path(f"/proc/{pid}/clear_refs").write_text(RESET_PEAK)


def peak_bytes(pid: int) -> int:
    """Return the largest resident memory of a process since the last reset.

    A scrape of `process_resident_memory_bytes` cannot see it: the service responds between two events, not within one.
    """
    status = Path(f"/proc/{pid}/status").read_text()
    found = re.search(r"VmHWM:\s+(\d+) kB", status)
    assert found is not None
    return int(found[1]) * KIB
