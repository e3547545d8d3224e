"""Console scripts of the tools that belong to a checkout of the project: `voicehive-gate` and `pact-broker`.

The wheel holds the orchestrator only. Its metadata lists these scripts too, so they report a missing checkout with
exit code 2 (no verdict). A traceback would exit with 1, which means that the version must not be deployed.
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import NoReturn


def gate() -> NoReturn:
    """Run `python -m gate` under the name `voicehive-gate`: exit code 0 is yes, 1 is no, 2 is no verdict."""
    _run("gate.__main__", "main", "voicehive-gate")


def pact_broker() -> NoReturn:
    """Replace this process with the official Pact CLI's `pact broker …`."""
    _run("gate.official_cli", "main", "pact-broker")


def _run(module: str, function: str, script: str) -> NoReturn:
    try:
        entry_point = getattr(import_module(module), function)
    except ModuleNotFoundError as error:
        print(  # noqa: T201 - the only output of a console script that cannot start
            f"{script} needs a checkout of the project and the packages of its extra 'contracts' ({error}): "
            "clone the repository and run 'make setup'",
            file=sys.stderr,
        )
        sys.exit(2)
    sys.exit(entry_point())
