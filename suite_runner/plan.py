"""Which tests of which suites run, and with which arguments of pytest."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from suite_runner.config import ConfigError, RunConfig, SuiteConfig
from suite_runner.errors import UsageError
from suite_runner.suite_process import SuiteJob

SUITES = "tests/integration"
SCRIPT = "test_runner.py"
"""It is named like a test file and has no tests."""
OTHER = "other"
"""The suite of test files that no suite names, so that none is left out."""
PERFORMANCE = "performance"
LOAD_TESTS_TOO = ("-m", "not recordings")
"""The project's own selection leaves out tests that send load."""


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line asks for.

    Attributes:
        suites: names of suites; empty for all.
        shard: part and number of parts, such as (1, 3).
        test_timeout: limit of each test in seconds.
        rerun: by suite, the tests to run again, or None for all tests of the suite.
        arguments: further arguments of pytest; `{suite}` stands for the name of the suite.
    """

    suites: Sequence[str] = ()
    skip_performance: bool = False
    fail_fast: bool = False
    shard: tuple[int, int] | None = None
    test_timeout: float | None = None
    rerun: Mapping[str, Sequence[str] | None] | None = None
    allure_folder: Path | None = None
    arguments: Sequence[str] = field(default=())

    @property
    def is_selection(self) -> bool:
        """Whether tests of a suite may be left out."""
        return bool(self.shard or self.rerun is not None or self.arguments)


def suite_files(root: Path, config: RunConfig) -> dict[str, tuple[SuiteConfig, list[str]]]:
    """Return each suite with its files, relative to the checkout; files that no suite names are the suite `other`.

    Raises:
        ConfigError: if two suites have the same file.
    """
    owners: dict[str, str] = {}
    suites: dict[str, tuple[SuiteConfig, list[str]]] = {}
    for name, suite in config.test_suites.items():
        files = [file for module in suite.module for file in _matching_files(root, module)]
        for file in files:
            if owners.setdefault(file, name) != name:
                raise ConfigError(
                    f"test_suites.{name}.module: {file} belongs to the suite {owners[file]} already"
                )
        suites[name] = (suite, files)
    rest = [file for file in _matching_files(root, f"{SUITES}/test_*.py") if file not in owners]
    if rest:
        suites[OTHER] = (SuiteConfig(module=tuple(rest), description="files that no suite names"), rest)
    return suites


def _matching_files(root: Path, module: str) -> list[str]:
    pattern = module if module.endswith(".py") else f"{module.replace('.', '/')}.py"
    if Path(pattern).is_absolute() or ".." in Path(pattern).parts:
        raise ConfigError(f"{module}: a module must be a path or a dotted name in the checkout")
    found = sorted(path.relative_to(root).as_posix() for path in root.glob(pattern))
    return [file for file in found if file != f"{SUITES}/{SCRIPT}"]


def create_jobs(root: Path, config: RunConfig, options: Options, work: Path) -> list[SuiteJob]:
    """Return the suites to run, those with the longest time-out first; exclusive ones last.

    Args:
        root: the checkout.
        config: its suites.
        options: the selection.
        work: a folder for files that pytest reads.

    Raises:
        UsageError: if a suite does not exist.
    """
    suites = suite_files(root, config)
    names = list(options.suites or (suites if options.rerun is None else options.rerun))
    if unknown := [name for name in names if name not in suites]:
        raise UsageError(f"no such suite: {', '.join(unknown)}; the suites are {', '.join(suites)}")
    if options.rerun is not None:
        names = [name for name in names if name in options.rerun]
    if options.skip_performance:
        names = [name for name in names if name != PERFORMANCE]
    jobs = [_create_job(name, *suites[name], options, work) for name in dict.fromkeys(names)]
    return sorted(jobs, key=lambda job: (job.config.exclusive, -job.config.timeout))


def _create_job(
    name: str, suite: SuiteConfig, files: Sequence[str], options: Options, work: Path
) -> SuiteJob:
    arguments = _common_arguments(suite, options)
    tests = (options.rerun or {}).get(name)
    if tests is not None:
        selection = work / f"{name}.tests"
        selection.write_text("\n".join(tests), encoding="utf-8")
        arguments.append(f"--runner-tests={selection}")
        files = sorted({test.partition("::")[0] for test in tests} & set(files)) or files
    return SuiteJob(
        name=name,
        config=suite,
        files=files,
        arguments=[*arguments, *(argument.replace("{suite}", name) for argument in options.arguments)],
        # a deployment cannot be controlled, for which many tests are skipped
        may_be_empty=options.is_selection or bool(os.environ.get("ORCHESTRATOR_URL")),
        stops_early=options.fail_fast,
    )


def _common_arguments(suite: SuiteConfig, options: Options) -> list[str]:
    # the tests of a class share a service; an exclusive suite measures time, so that its tests run one by one
    arguments = ["-n", "1" if suite.exclusive else "auto", "--dist", "loadscope", "-q"]
    if not options.skip_performance:
        arguments += LOAD_TESTS_TOO
    if options.fail_fast:
        arguments.append("--exitfirst")
    if options.shard:
        arguments.append("--runner-shard={}/{}".format(*options.shard))
    if options.test_timeout:
        arguments.append(f"--runner-test-timeout={options.test_timeout}")
    if options.allure_folder:
        arguments.append(f"--alluredir={options.allure_folder}")
    return arguments
