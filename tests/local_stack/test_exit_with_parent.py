"""A child process ends with the process that started it, even if that is killed."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

from local_stack.exit_with_parent import child_command

REPOSITORY = Path(__file__).parents[2]
TIMEOUT_SECONDS = 30.0
PARENT = """
import subprocess, sys, time
from local_stack.exit_with_parent import child_command
child = subprocess.Popen(child_command(*sys.argv[1:]), stdout=subprocess.DEVNULL)
print(child.pid, flush=True)
time.sleep(600)
"""


def is_running(pid: int) -> bool:
    """Return whether a process exists and is not a zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def wait_until_ended(pid: int) -> bool:
    """Wait for a process that is not a child of this one."""
    deadline = time.monotonic() + TIMEOUT_SECONDS
    while is_running(pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    return not is_running(pid)


def test_child_ends_when_its_parent_is_killed() -> None:
    """SIGKILL leaves the parent no time to stop anything."""
    command = [sys.executable, "-c", PARENT, "http.server", "0", "--bind", "127.0.0.1"]
    with subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        assert is_running(child)

        parent.kill()

    assert wait_until_ended(child)


def test_child_has_the_arguments_and_the_exit_code_of_the_module() -> None:
    """The module runs as it would with `python -m`."""
    command = child_command("json.tool", "--no-such-option")

    run = subprocess.run(
        command, cwd=REPOSITORY, capture_output=True, text=True, timeout=TIMEOUT_SECONDS, check=False
    )

    assert run.returncode == 2
    assert "--no-such-option" in run.stderr
