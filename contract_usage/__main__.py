"""`python -m contract_usage FOLDER`: compare what service and suites recorded in a folder with the pacts.

Exit code: 0 the fields demanded are read and the interactions exercised, 1 they are not, 2 there is no record or the
exceptions are invalid.
"""

from __future__ import annotations

import sys
from pathlib import Path

from contract_usage.comparison import compare
from contract_usage.coverage import describe, find_problems
from contract_usage.demands import read_demands
from contract_usage.exceptions import InvalidExceptionsError, read_exceptions
from contract_usage.report import describe_usage
from contract_usage.session_coverage import read_coverage
from contract_usage.usage_log import read_usage


def main(folder: Path) -> int:
    """Compare, print the report, and return the exit code."""
    usage = read_usage(folder)
    if not usage:
        print(f"{folder} holds no record of a service", file=sys.stderr)
        return 2
    try:
        result = compare(read_demands(), usage, read_exceptions())
        coverage = read_coverage(folder)
    except InvalidExceptionsError as error:
        print(error, file=sys.stderr)
        return 2
    problems = find_problems(coverage)
    print("\n".join([*describe_usage(result), "", *describe(coverage, is_complete=True), *problems]))
    return 1 if result.problems or problems else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1] if len(sys.argv) > 1 else "build/contract-usage")))
