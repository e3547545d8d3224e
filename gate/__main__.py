"""`python -m gate` and `voicehive-gate`: exit code 0 is yes, 1 is no, 2 is no verdict.

Whatever goes wrong ends with a message and exit code 2: the exit code of a Python traceback is 1, which means no.
"""

from __future__ import annotations

import os
import sys
import traceback
from typing import NoReturn

from gate.outcome import ERROR_LOG, write_error_log, write_outcome


def main() -> NoReturn:
    """Run the command line; never exits with a traceback."""
    os.environ["PACT_DO_NOT_TRACK"] = "true"  # the Pact library sends usage statistics without it
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # a terminal without '✓' shows '?'
    try:
        # Imported here: an error in any module of the project is reported like every other error.
        from gate.cli import app  # noqa: PLC0415

        app()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # the interpreter flushes stdout once more when it exits
        sys.exit(2)
    except Exception as error:  # noqa: BLE001 - the last resort, see the module's docstring
        _report_unexpected(error)
        sys.exit(2)
    sys.exit(0)


def _report_unexpected(error: Exception) -> None:
    reason = f"the gate cannot start: {type(error).__name__}: {error}"
    if isinstance(error, ModuleNotFoundError):
        reason += "; run 'make setup'"
    sys.stderr.write(f"{reason}\nNo verdict: the gate cannot decide, so nothing may be deployed.\n")
    try:
        write_outcome(verdict="no verdict", reason=reason)
        write_error_log(traceback.format_exc())
    except OSError as unwritable:
        sys.stderr.write(f"({unwritable})\n")
    else:
        sys.stderr.write(f"Details: {ERROR_LOG}\n")


if __name__ == "__main__":
    main()
