"""build/verdict.json: the outcome of a gate run for programs. It imports only the standard library."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

BUILD = Path("build")
VERDICT_FILE = BUILD / "verdict.json"
ERROR_LOG = BUILD / "gate-error.log"
EXIT_CODES = {"yes": 0, "no": 1, "no verdict": 2}


def write_error_log(text: str) -> None:
    """Write the traceback of an unexpected error to `ERROR_LOG`.

    Raises:
        OSError: if the file cannot be written.
    """
    # with a broker that the gate did not start, nothing has created it yet
    BUILD.mkdir(exist_ok=True)
    ERROR_LOG.write_text(text, encoding="utf-8")


def write_outcome(*, verdict: str, **fields: Any) -> None:
    """Write the outcome.

    Args:
        verdict: `yes`, `no` or `no verdict`.
        fields: what else is known, for example version, environment, rows, reason.

    Raises:
        OSError: if the file cannot be written.
    """
    document = {
        "verdict": verdict,
        "exit_code": EXIT_CODES[verdict],
        "deployable": verdict == "yes",
        "rows": [],
        **fields,
    }
    BUILD.mkdir(exist_ok=True)
    draft = VERDICT_FILE.with_suffix(".draft")
    draft.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
    # atomic, so that no program reads half a verdict
    draft.replace(VERDICT_FILE)
