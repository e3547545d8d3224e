"""`python -m local_stack.exit_with_parent PID MODULE …`: run a module that ends when its parent, process PID, ends.

The parent may have been killed and then stops nothing. The module is interrupted as by Ctrl-C, so that it can stop what
it has started itself.
"""

from __future__ import annotations

import os
import runpy
import signal
import sys
import threading
import time

POLL_SECONDS = 0.5
STOP_TIMEOUT_SECONDS = 10.0
"""Time the module has to stop by itself after its parent ended."""


def child_command(module: str, *arguments: str) -> list[str]:
    """Return the command that runs a module as a child of this process."""
    return [sys.executable, "-m", "local_stack.exit_with_parent", str(os.getpid()), module, *arguments]


def main() -> None:
    """Watch the parent and run the module."""
    parent = int(sys.argv[1])
    # the interrupt below must arrive in a background job too, for which a shell ignores the signal
    signal.signal(signal.SIGINT, signal.default_int_handler)
    # a daemon, so that the module can also end by itself
    threading.Thread(target=_interrupt_after_parent, args=(parent,), daemon=True).start()
    sys.argv = sys.argv[2:]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)


def _interrupt_after_parent(parent: int) -> None:
    # an orphan gets another parent on every Unix; Linux alone can send a signal when the parent ends
    while os.getppid() == parent:
        time.sleep(POLL_SECONDS)
    os.kill(os.getpid(), signal.SIGINT)
    time.sleep(STOP_TIMEOUT_SECONDS)
    # sys.exit would end this thread only
    os._exit(1)


if __name__ == "__main__":
    main()
