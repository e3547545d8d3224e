"""The command line of the runner: arguments, the run, reports, and the exit code, which is the gates' verdict."""

from __future__ import annotations

import argparse
import json
import signal
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console

from gate.console import create_console
from suite_runner.config import ConfigError, RunConfig, load_config
from suite_runner.errors import UsageError
from suite_runner.gates import GateResult, evaluate
from suite_runner.history import failed_tests, load_history
from suite_runner.plan import Options, create_jobs
from suite_runner.progress import create_progress
from suite_runner.results import RunResult
from suite_runner.runner import SuiteRunner, SuitesInterrupted
from suite_runner.suite_list import print_suites
from suite_runner.suite_process import SuiteJob
from suite_runner.summary import passed, print_summary
from suite_runner.version import current_commit
from suite_runner.write import Reports, write_reports

PASSED, FAILED, WRONG_ARGUMENTS, INTERRUPTED = 0, 1, 2, 130
LOGS = "logs"


@dataclass(frozen=True, slots=True)
class Command:
    """A parsed command line: the selection, and what is done with the results."""

    options: Options
    config: RunConfig
    output: Path
    is_listing: bool = False
    is_json: bool = False


def main(root: Path, arguments: Sequence[str] | None = None) -> int:
    """Run the command line in a checkout; return the exit code.

    0: the gates let the run pass, 1: they do not, 2: wrong arguments or settings, 130: interrupted.
    """
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            # a terminal without '✓' shows '?'
            stream.reconfigure(errors="replace")
    try:
        command = _parse(root, sys.argv[1:] if arguments is None else arguments)
        if command.is_listing:
            print_suites(create_console(), root, command.config, is_json=command.is_json)
            return PASSED
        return _run(root, command)
    except (UsageError, ConfigError) as error:
        sys.stderr.write(f"{error}\n")
        return WRONG_ARGUMENTS
    except OSError as error:
        # such as a full disk: exit code 1 would be a verdict
        sys.stderr.write(f"the runner cannot go on: {error}\n")
        return WRONG_ARGUMENTS
    except KeyboardInterrupt:
        return INTERRUPTED
    except SystemExit as error:
        # argparse has printed what is wrong, or the help
        return WRONG_ARGUMENTS if error.code else PASSED


def _create_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="test_runner.py",
        allow_abbrev=False,
        description="Run the suites and apply the quality gates. Exit code 0: passed, 1: failed, 2: wrong arguments, "
        "130: interrupted. Arguments after -- are passed to pytest.",
    )
    add = parser.add_argument
    add("--suites", nargs="+", metavar="NAME", default=[], help="run these suites only (see --list)")
    add(
        "--skip-performance",
        action="store_true",
        help="do not run the performance suite and tests that send load",
    )
    add("--output-dir", type=Path, help="folder of the reports (default: test_reports)")
    add("--config", type=Path, metavar="FILE", help="JSON, merged over tests/integration/quality_gates.json")
    add("--fail-fast", action="store_true", help="stop at the first failed test")
    add("--rerun-failed", action="store_true", help="run again what failed in the last run")
    add("--shard", metavar="I/N", help="run the I-th of N parts of the tests")
    add("--timeout", type=float, metavar="SECONDS", help="limit of each test")
    add("--alluredir", type=Path, metavar="FOLDER", help="write results for Allure")
    add("--json", action="store_true", help="print the result as JSON; progress goes to standard error")
    add("--list", action="store_true", help="list the suites with their files")
    return parser


def _parse(root: Path, arguments: Sequence[str]) -> Command:
    # argparse would take what follows `--` for the names of suites
    own, rest = _split(arguments)
    values = _create_parser().parse_args(own)
    config = load_config(root, values.config)
    output = (values.output_dir or root / config.reporting.output_dir).absolute()
    if values.timeout is not None and not values.timeout > 0:
        raise UsageError(f"--timeout must be a number of seconds above 0, not {values.timeout:g}")
    if any(argument.startswith("--cov") for argument in rest) and not any(
        "--cov-report" in item for item in rest
    ):
        rest = [*rest, f"--cov-report=html:{output}/coverage_{{suite}}"]
    options = Options(
        suites=values.suites,
        skip_performance=values.skip_performance,
        fail_fast=values.fail_fast or config.fail_fast,
        shard=_parse_shard(values.shard) if values.shard else None,
        test_timeout=values.timeout,
        rerun=_tests_to_rerun(output) if values.rerun_failed else None,
        allure_folder=values.alluredir.absolute() if values.alluredir else None,
        arguments=rest,
    )
    return Command(options, config, output, is_listing=values.list, is_json=values.json)


def _split(arguments: Sequence[str]) -> tuple[list[str], list[str]]:
    items = [*arguments, "--"]
    position = items.index("--")
    return items[:position], items[position + 1 : -1]


def _parse_shard(text: str) -> tuple[int, int]:
    index, _, count = text.partition("/")
    if index.isdecimal() and count.isdecimal() and 1 <= int(index) <= int(count):
        return int(index), int(count)
    raise UsageError(f"--shard must be I/N with I from 1 to N, such as 1/3, not {text}")


def _tests_to_rerun(output: Path) -> dict[str, list[str] | None]:
    history = load_history(output)
    if not history:
        raise UsageError(f"--rerun-failed needs an earlier run, and {output} has none")
    return failed_tests(history[-1])


def _run(root: Path, command: Command) -> int:
    console = create_console(is_error=command.is_json)
    with _interrupted_by_termination(), tempfile.TemporaryDirectory(prefix="suites-") as work:
        jobs = create_jobs(root, command.config, command.options, Path(work))
        if not jobs:
            return _nothing_to_run(console, command)
        run = _run_suites(root, command, jobs, Path(work), console)
    gates = evaluate(run, command.config.thresholds)
    reports = write_reports(root, command.output, run, gates, command.config)
    _print_result(console, command, run, gates, reports)
    return INTERRUPTED if run.interrupted else PASSED if passed(run, gates) else FAILED


@contextmanager
def _interrupted_by_termination() -> Iterator[None]:
    """Treat SIGTERM like Ctrl-C: CI ends a run with it, and the reports are written then too."""
    previous = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, previous)


def _nothing_to_run(console: Console, command: Command) -> int:
    if command.options.rerun is not None:
        console.print("Passed: no test of the last run failed, so there is nothing to run again.")
        return PASSED
    raise UsageError("these arguments select no suite")


def _run_suites(
    root: Path, command: Command, jobs: Sequence[SuiteJob], work: Path, console: Console
) -> RunResult:
    logs = command.output / LOGS
    try:
        logs.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"the reports cannot be written to {command.output}: {error.strerror}") from None
    start = datetime.now(UTC)
    interrupted = False
    with create_progress(console) as progress:
        runner = SuiteRunner(root, logs, work, progress)
        try:
            suites = runner.run(jobs, fail_fast=command.options.fail_fast)
        except SuitesInterrupted as stop:
            interrupted, suites = True, list(stop.results)
    # what comes after a failure is left out too
    is_selection = command.options.is_selection or command.options.fail_fast
    return RunResult(
        start_time=start,
        end_time=datetime.now(UTC),
        suites=suites,
        interrupted=interrupted,
        partial=is_selection or bool(command.options.suites) or command.options.skip_performance,
        selection=is_selection,
        commit=current_commit(root),
    )


def _print_result(
    console: Console, command: Command, run: RunResult, gates: Sequence[GateResult], reports: Reports
) -> None:
    print_summary(console, run, gates, reports.files)
    if command.is_json:
        sys.stdout.write(json.dumps(reports.document, indent=2) + "\n")
