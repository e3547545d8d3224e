"""`python -m contract_usage.service`: the orchestrator, recording what it reads of vendors' responses.

The record is a file in the folder that CONTRACT_USAGE_FOLDER names.
"""

from __future__ import annotations

import os
import runpy
from pathlib import Path

from contract_usage.instrumentation import install
from contract_usage.usage_log import FOLDER_VARIABLE, UsageLog

if __name__ == "__main__":
    install(UsageLog(Path(os.environ[FOLDER_VARIABLE])))
    runpy.run_module("orchestrator", run_name="__main__", alter_sys=True)
