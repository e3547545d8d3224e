"""No test depends on chance or on the speed of the machine."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.internal.conjecture import providers

from tests.conftest import REPOSITORY

SET_BY_THE_PROFILE = re.compile(r"\b(derandomize|deadline|print_blob)=")
RUN_TWICE = """
import tests.conftest
from hypothesis import given, strategies as st
runs = []

@given(st.integers())
def sample(number):
    runs[-1].append(number)

for _ in range(2):
    runs.append([])
    sample()
print(runs[0] == runs[1])
"""


def test_examples_are_the_same_in_every_run() -> None:
    """The default profile has fixed examples, no time limits, and prints how to repeat a failure."""
    profile = settings.get_profile("repeatable")

    assert (profile.derandomize, profile.deadline, profile.print_blob) == (True, None, True)
    assert HealthCheck.too_slow in profile.suppress_health_check


def test_explored_examples_differ_in_nothing_else() -> None:
    """The other profile has new examples in each run, or those of a seed."""
    repeatable, explore = settings.get_profile("repeatable"), settings.get_profile("explore")

    assert not explore.derandomize
    assert str(settings(explore, derandomize=True)) == str(repeatable)


def test_no_test_module_overrides_the_profile() -> None:
    """One place decides about chance and time."""
    modules = [path for path in (REPOSITORY / "tests").rglob("*.py") if "hypothesis" in path.read_text()]
    overriding = [path.name for path in modules if SET_BY_THE_PROFILE.search(path.read_text())]

    assert len(modules) > 5
    assert sorted(overriding) == ["conftest.py", "test_hypothesis_profiles.py"]


def test_examples_do_not_depend_on_the_modules_that_are_loaded() -> None:
    """The constants of the project's modules are no examples."""
    assert len(providers._get_local_constants()) == 0  # noqa: SLF001 - there is no public access


@pytest.mark.parametrize(("profile", "same_examples"), [("", True), ("explore", False)])
def test_variable_chooses_the_profile(profile: str, *, same_examples: bool) -> None:
    """Without HYPOTHESIS_PROFILE two runs have the same examples."""
    variables = {name: value for name, value in os.environ.items() if name != "HYPOTHESIS_PROFILE"}
    if profile:
        variables["HYPOTHESIS_PROFILE"] = profile

    run = subprocess.run(
        [sys.executable, "-c", RUN_TWICE],
        cwd=REPOSITORY,
        env=variables,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )

    assert run.stdout.strip() == str(same_examples)
