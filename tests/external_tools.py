"""Programs and packages that a check needs and that pip cannot install, or that the lock does not have."""

from __future__ import annotations

import os
import shutil
from importlib.util import find_spec
from typing import NoReturn

import pytest


def require_program(name: str, package: str) -> str:
    """Return the path of a program.

    Without it the test is NOT RUN, which in CI is a failure unless ALLOW_NOT_RUN lists the program (see .ci/run).

    Args:
        name: the program.
        package: Debian's package that has it.
    """
    return shutil.which(name) or not_run(name, f"install Debian's package {package}")


def require_module(name: str, distribution: str) -> None:
    """Go on only if a module can be imported; otherwise as `require_program`."""
    if find_spec(name) is None:
        not_run(name, f"install {distribution}")


def not_run(name: str, remedy: str) -> NoReturn:
    """End the test: skipped outside CI, failed in CI unless ALLOW_NOT_RUN lists the name."""
    if os.environ.get("CI") and name not in os.environ.get("ALLOW_NOT_RUN", "").split():
        pytest.fail(f"{name} is not on this machine: {remedy}, or list {name} in ALLOW_NOT_RUN")
    pytest.skip(f"NOT RUN: {name} is not on this machine; {remedy}")
