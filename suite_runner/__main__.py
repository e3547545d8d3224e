"""`python -m suite_runner`: the same as `python tests/integration/test_runner.py`, run in the checkout's root."""

from __future__ import annotations

import sys
from pathlib import Path

from suite_runner.cli import main

if __name__ == "__main__":
    sys.exit(main(Path.cwd()))
