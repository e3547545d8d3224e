"""Prints each violation of a client as it happens, one line each."""

from __future__ import annotations

import queue
import sys
import threading
from collections.abc import Callable, Mapping

from provider_verification.stubs.control.violation_report import FAILING_KINDS, VIOLATION_KINDS, render_line
from provider_verification.stubs.engine.journal import Violation

MAX_LINE_LENGTH = 300
MAX_PRINTED_REPEATS = 10
"""Afterwards a repeated violation is printed at 100, 1,000 and so on: a load test may repeat one at each request."""
MAX_WAITING_LINES = 1_000


class ViolationPrinter:
    """Prints to standard output from a thread of its own, because a terminal that does not read must not stop the stubs."""

    def __init__(self) -> None:
        self._lines: queue.Queue[str] = queue.Queue(MAX_WAITING_LINES)
        threading.Thread(target=self._print_lines, daemon=True).start()

    def printer_of(self, vendor: str) -> Callable[[Violation], None]:
        """Return what prints a violation at the vendor's stub."""

        def print_violation(violation: Violation) -> None:
            if _is_printed(violation):
                self._put(violation_line(vendor, violation.kind, violation.to_json()))

        return print_violation

    def _put(self, line: str) -> None:
        try:
            self._lines.put_nowait(line)
        except queue.Full:
            # the journal has it
            return

    def _print_lines(self) -> None:
        while True:
            line = self._lines.get()
            try:
                sys.stdout.buffer.write(f"{line}\n".encode(sys.stdout.encoding, errors="backslashreplace"))
                sys.stdout.buffer.flush()
            except (OSError, ValueError):
                # the reader of the output has gone
                return


def violation_line(vendor: str, kind: str, violation: Mapping[str, str | int]) -> str:
    """Return one line of at most MAX_LINE_LENGTH characters, without control characters."""
    title = VIOLATION_KINDS[kind].title.lower()
    line = f"{vendor}: {title}: {render_line(violation)}"
    printable = "".join(character if character.isprintable() else "?" for character in line)
    return printable if len(printable) <= MAX_LINE_LENGTH else f"{printable[: MAX_LINE_LENGTH - 1]}…"


def _is_printed(violation: Violation) -> bool:
    count = violation.count
    if violation.kind not in FAILING_KINDS:
        return count == 1
    return count <= MAX_PRINTED_REPEATS or str(count).strip("0") == "1"
