"""`python performance/serve.py ROOT PORT [METHOD PATH SECONDS]`: run the orchestrator whose code is in ROOT.

A script that imports nothing of the project, so that it also runs a version from before this package existed. It ends
when its standard input ends, as it does when the process that started it is killed. With METHOD, PATH and SECONDS, each
request to that route takes so much more CPU time: a slowdown of known size.
"""

from __future__ import annotations

import importlib
import os
import runpy
import signal
import sys
import threading
import time
from pathlib import Path
from typing import Any


class SlowRoute:
    """ASGI middleware that burns CPU time before the response of one route.

    Args:
        app: the application.
        method: the method of the requests that are slowed down.
        path: their path.
        seconds: the CPU time.
    """

    def __init__(self, app: Any, method: str, path: str, seconds: float) -> None:
        self._app = app
        self._target = (method, path)
        self._seconds = seconds

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        """Burn the time if the request is for the route, and let the application respond."""
        if (scope.get("method"), scope.get("path")) == self._target:
            # of the thread, so that other processes do not shorten it
            end = time.thread_time() + self._seconds
            while time.thread_time() < end:
                pass
        await self._app(scope, receive, send)


def main(root: str, port: str, *slow: str) -> None:
    """Run the service until it is terminated.

    Raises:
        SystemExit: another version's code would run.
    """
    # in the place of this script's folder, hence before every installed version
    sys.path[0] = root
    package = importlib.import_module("orchestrator")
    if not Path(str(package.__file__)).is_relative_to(root):
        sys.exit(f"the orchestrator of {package.__file__} would run, not that of {root}")
    if slow:
        _slow_down(slow[0], slow[1], float(slow[2]))
    threading.Thread(target=_stop_with_parent, daemon=True).start()
    sys.argv = ["orchestrator", "--port", port]
    runpy.run_module("orchestrator", run_name="__main__", alter_sys=True)


def _slow_down(method: str, path: str, seconds: float) -> None:
    module = importlib.import_module("orchestrator.app")
    create_app = module.create_app

    def create_slow_app(*arguments: Any) -> Any:
        app = create_app(*arguments)
        app.add_middleware(SlowRoute, method=method, path=path, seconds=seconds)
        return app

    # orchestrator.__main__ is imported later and takes this one
    setattr(module, "create_app", create_slow_app)  # noqa: B010 - an assignment would need a declared type


def _stop_with_parent() -> None:
    # not by sys.stdin, whose lock this thread would hold when the interpreter ends
    while os.read(0, 1):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    main(*sys.argv[1:])
