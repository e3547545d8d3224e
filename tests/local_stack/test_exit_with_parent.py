"""A process ends with the process that started it, even if that is killed."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from local_stack.exit_with_parent import child_command
from tests.conftest import REPOSITORY, CreateCheckout
from tests.processes import descendants_of, wait_until, wait_until_ended

TIMEOUT_SECONDS = 30.0
PARENT = """
import signal, subprocess, sys
from local_stack.exit_with_parent import child_command
subprocess.Popen(child_command(*sys.argv[1:]), stdin=subprocess.DEVNULL)
signal.pause()
"""
SUITE = """
import pathlib, threading
def test_small():
    pathlib.Path("started").touch()
    threading.Event().wait()
"""


def test_child_ends_when_its_parent_is_killed() -> None:
    """SIGKILL leaves the parent no time to stop anything."""
    command = [sys.executable, "-c", PARENT, "http.server", "0", "--bind", "127.0.0.1"]
    with subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        parent.stdout.readline()
        (child,) = descendants_of(parent.pid)

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


@pytest.mark.parametrize("target", ["broker", "stubs", "run", "suites", "gate", "test"])
def test_target_runs_its_module_as_a_child_that_ends_with_make(target: str) -> None:
    """Make would print this command, and start its process."""
    command = ["make", "--no-print-directory", "--dry-run", "--assume-old=.venv/.ready", target]

    printed = subprocess.check_output(command, cwd=REPOSITORY, text=True, timeout=TIMEOUT_SECONDS)

    *_, last = printed.replace("\\\n", "").splitlines()
    assert last.startswith("exec .venv/bin/python -m local_stack.exit_with_parent $PPID ")


def wait_for_children(make: subprocess.Popen[str], count: int) -> bool:
    """Wait until make has this many children, and children of these; return whether it has them in time."""
    return wait_until(lambda: len(descendants_of(make.pid)) >= count)


@pytest.mark.parametrize(
    ("target", "is_running"),
    [
        # they print their address as soon as they run, and start no processes
        pytest.param(
            "broker",
            lambda make, _: "http" in make.stdout.readline() and wait_for_children(make, 1),
            marks=pytest.mark.thorough,
        ),
        pytest.param(
            "stubs",
            lambda make, _: bool(make.stdout.readline()) and wait_for_children(make, 1),
            marks=pytest.mark.thorough,
        ),
        # its child is the orchestrator
        ("run", lambda make, _: wait_for_children(make, 2)),
        pytest.param(
            "suites", lambda _, folder: wait_until((folder / "started").exists), marks=pytest.mark.thorough
        ),
        # its child is the broker
        pytest.param("gate", lambda make, _: wait_for_children(make, 2), marks=pytest.mark.thorough),
    ],
)
def test_target_ends_when_make_is_killed(
    create_checkout: CreateCheckout,
    target: str,
    is_running: Callable[[subprocess.Popen[str], Path], bool],
) -> None:
    """Nothing that `make` started, or that was started by it, remains."""
    checkout = create_checkout("vault")
    shutil.copy(REPOSITORY / "Makefile", checkout.folder)
    (checkout.folder / "tests/integration/test_small.py").write_text(SUITE)
    shutil.copy(REPOSITORY / "tests/integration/quality_gates.json", checkout.folder / "tests/integration")
    (checkout.folder / ".venv").symlink_to(sys.prefix)
    # below another make, it would print the directory first
    command = ["make", "--no-print-directory", "--assume-old=.venv/.ready", target, "PORT=0"]
    environment = checkout.environment(PYTHONUNBUFFERED="1", PYTEST_XDIST_AUTO_NUM_WORKERS="1")
    with subprocess.Popen(
        command, cwd=checkout.folder, env=environment, stdout=subprocess.PIPE, text=True
    ) as make:
        assert is_running(make, checkout.folder)
        processes = descendants_of(make.pid)

        make.kill()

        assert processes
        assert [process for process in processes if not wait_until_ended(process)] == []
