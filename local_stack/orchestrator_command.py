"""A command of the orchestrator, such as `python -m orchestrator telephony plan`, as a process."""

from __future__ import annotations

import os
import runpy
import socket
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import cast

from local_stack.orchestrator_process import FORK_SERVER, INHERITED_ENV_VARS, MODULE_VARIABLE, SERVICE

TIMEOUT_SECONDS = 120.0
READ_BYTES = 65_536


class RunningCommand:
    """A command that is running; it reads its input from, and writes all its output to, this process."""

    def __init__(self, process: BaseProcess, terminal: Connection) -> None:
        self._process = process
        self._terminal = terminal
        self._printed = bytearray()

    @property
    def output(self) -> str:
        """Return what it has printed so far."""
        return self._printed.decode(errors="replace")

    def read_until(self, text: str) -> str:
        """Wait until it has printed a text; return all output so far.

        Raises:
            EOFError: it ended without printing the text.
        """
        while text not in self.output:
            if not self._read():
                raise EOFError(f"the command ended without {text!r}: {self.output}")
        return self.output

    def write(self, text: str) -> None:
        """Type a text."""
        os.write(self._terminal.fileno(), text.encode())

    def end_input(self) -> None:
        """Let it find the end of its input."""
        with socket.socket(fileno=os.dup(self._terminal.fileno())) as terminal:
            terminal.shutdown(socket.SHUT_WR)

    def wait(self) -> int:
        """Wait until it ends; return its exit code."""
        while self._read():
            pass
        self._process.join(TIMEOUT_SECONDS)
        return cast("int", self._process.exitcode)

    def _read(self) -> bool:
        if not self._terminal.poll(TIMEOUT_SECONDS):
            raise TimeoutError(f"the command is silent for {TIMEOUT_SECONDS:.0f} s: {self.output}")
        try:
            data = os.read(self._terminal.fileno(), READ_BYTES)
        # the other end was closed with unread input
        except ConnectionResetError:
            return False
        self._printed += data
        return bool(data)


@contextmanager
def start_command(arguments: Sequence[str], environment: Mapping[str, str]) -> Iterator[RunningCommand]:
    """Run `python -m orchestrator ARGUMENTS`, or the instrumented module in its place, for the block.

    Args:
        arguments: the command line.
        environment: its settings.
    """
    inherited = {name: value for name, value in os.environ.items() if name in INHERITED_ENV_VARS}
    module = os.environ.get(MODULE_VARIABLE, SERVICE)
    terminal, of_process = FORK_SERVER.Pipe()
    process = FORK_SERVER.Process(
        target=_run, args=(list(arguments), {**inherited, **environment}, of_process, module)
    )
    process.start()
    # so that the end of the process is the end of its output
    of_process.close()
    try:
        yield RunningCommand(process, terminal)
    finally:
        process.kill()
        process.join()
        process.close()
        terminal.close()


def run_command(arguments: Sequence[str], environment: Mapping[str, str]) -> tuple[int, str]:
    """Run a command without input to its end; return its exit code and its output."""
    with start_command(arguments, environment) as command:
        command.end_input()
        return command.wait(), command.output


def _run(arguments: list[str], environment: Mapping[str, str], terminal: Connection, module: str) -> None:
    """Run `python -m MODULE` in this process, which the fork server has just created."""
    os.environ.clear()
    os.environ.update(environment)
    for descriptor in (0, 1, 2):
        os.dup2(terminal.fileno(), descriptor)
    terminal.close()
    # multiprocessing gives a process no input
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115 - lasts as long as the process
    sys.argv = ["orchestrator", *arguments]
    runpy.run_module(module, run_name="__main__", alter_sys=True)
