"""`python tests/integration/test_runner.py`: run the suites; docs/test-runner.md describes it. It holds no tests."""

from __future__ import annotations

import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]


def main() -> int:
    """Run the command line; return the exit code."""
    # Python puts the script's folder there, whose modules have the names of others
    sys.path[0] = str(REPOSITORY)
    try:
        # Imported here: the dependencies may be absent.
        from suite_runner.cli import main as run  # noqa: PLC0415
    except ModuleNotFoundError as error:
        sys.stderr.write(f"{error.name} is not installed: run 'make setup', and use .venv/bin/python\n")
        return 2
    return run(REPOSITORY)


if __name__ == "__main__":
    sys.exit(main())
