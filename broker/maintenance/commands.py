"""The commands `backup`, `restore` and `check`.

Exit codes: 0 done, 1 the answer is no (damage was found), 2 the command could not run.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from broker.maintenance.backup import BackupError, back_up, restore
from broker.maintenance.check import CheckError, check_database

DONE, FOUND, CANNOT_RUN = 0, 1, 2


def _back_up(arguments: list[str]) -> int:
    parser = _parser("backup", "Copy the database, also while a broker uses it.")
    parser.add_argument("target", type=Path, metavar="FILE", help="the copy, which must not exist yet")
    options = parser.parse_args(arguments)
    try:
        back_up(options.database, options.target)
        summary, findings = check_database(options.target)
    except (BackupError, CheckError) as error:
        return _fail("backup", error)
    sys.stdout.write(f"{options.target}: {summary}; {options.target.stat().st_size:,} bytes\n")
    return _report(findings)


def _restore(arguments: list[str]) -> int:
    parser = _parser("restore", "Replace the database by a backup; no broker may be using it.")
    parser.add_argument("backup", type=Path, metavar="FILE", help="the backup")
    options = parser.parse_args(arguments)
    try:
        kept = restore(options.backup, options.database)
        summary, findings = check_database(options.database)
    except (BackupError, CheckError) as error:
        return _fail("restore", error)
    sys.stdout.write(f"{options.database}: {summary}\n")
    if kept:
        sys.stdout.write(f"the previous database is kept as {kept}\n")
    return _report(findings)


def _check(arguments: list[str]) -> int:
    options = _parser("check", "Look for damage in the database, also while a broker uses it.").parse_args(
        arguments
    )
    try:
        summary, findings = check_database(options.database)
    except CheckError as error:
        return _fail("check", error)
    sys.stdout.write(f"{options.database}: {summary}\n")
    return _report(findings)


COMMANDS: dict[str, Callable[[list[str]], int]] = {"backup": _back_up, "restore": _restore, "check": _check}
"""By name: the function that runs the command with its arguments and returns the exit code."""


def _parser(command: str, description: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=f"python -m broker {command}", description=description)
    parser.add_argument("--database", type=Path, required=True, help="the SQLite file of the broker")
    return parser


def _report(findings: list[str]) -> int:
    for finding in findings:
        sys.stdout.write(f"{finding}\n")
    sys.stdout.write(f"{len(findings)} problems: restore a backup\n" if findings else "no problem found\n")
    return FOUND if findings else DONE


def _fail(command: str, error: Exception) -> int:
    sys.stderr.write(f"{command} failed: {error}\n")
    return CANNOT_RUN
