"""Ctrl-C that is recorded instead of raised, so that it never breaks off between reading a result and keeping it."""

from __future__ import annotations

import signal
from types import FrameType
from typing import Any, Self


class Interrupts:
    """Counts SIGINT as long as the block; the process's own handler is restored afterwards.

    A process that ignores SIGINT, such as a job in the background of a shell, goes on ignoring it.
    """

    def __init__(self) -> None:
        self.count = 0
        self._previous: Any = None

    def __enter__(self) -> Self:
        """Note SIGINT from now on."""
        if signal.getsignal(signal.SIGINT) != signal.SIG_IGN:
            self._previous = signal.signal(signal.SIGINT, self._note)
        return self

    def __exit__(self, *_: object) -> None:
        """Restore the handler."""
        if self._previous is not None:
            signal.signal(signal.SIGINT, self._previous)

    def _note(self, _number: int, _frame: FrameType | None) -> None:
        self.count += 1
