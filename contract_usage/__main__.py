"""`python -m contract_usage FOLDER`: compare what the service recorded in a folder with what the pacts demand.

Exit code: 0 the fields demanded are the fields read, 1 they are not, 2 there is no record or the exceptions are invalid.
"""

from __future__ import annotations

import sys
from pathlib import Path

from contract_usage.comparison import compare
from contract_usage.demands import read_demands
from contract_usage.exceptions import InvalidExceptionsError, read_exceptions
from contract_usage.report import describe
from contract_usage.usage_log import read_usage


def main(folder: Path) -> int:
    """Compare, print the report, and return the exit code."""
    usage = read_usage(folder)
    if not usage:
        print(f"{folder} holds no record of a service", file=sys.stderr)
        return 2
    try:
        result = compare(read_demands(), usage, read_exceptions())
    except InvalidExceptionsError as error:
        print(error, file=sys.stderr)
        return 2
    print("\n".join(describe(result)))
    return 1 if result.problems else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1] if len(sys.argv) > 1 else "build/contract-usage")))
