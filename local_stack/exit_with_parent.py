"""`python -m local_stack.exit_with_parent MODULE …`: run a module that ends when the process that started it ends.

The parent holds the other end of standard input. It is closed when the parent ends, SIGKILL included.
"""

from __future__ import annotations

import os
import runpy
import signal
import sys
import threading
import time

STOP_TIMEOUT_SECONDS = 3.0
"""Time the module has to stop by itself after its parent ended."""


def child_command(module: str, *arguments: str) -> list[str]:
    """Return the command that runs a module; start it with `stdin=subprocess.PIPE` and nothing written to it."""
    return [sys.executable, "-m", "local_stack.exit_with_parent", module, *arguments]


def main() -> None:
    """Watch standard input and run the module."""
    watched = os.dup(0)  # the module may replace standard input
    # a daemon, so that the module can also end by itself
    threading.Thread(target=_stop_at_end_of_file, args=(watched,), daemon=True).start()
    sys.argv = sys.argv[1:]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)


def _stop_at_end_of_file(descriptor: int) -> None:
    while os.read(descriptor, 4096):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(STOP_TIMEOUT_SECONDS)
    # sys.exit would end this thread only
    os._exit(1)


if __name__ == "__main__":
    main()
