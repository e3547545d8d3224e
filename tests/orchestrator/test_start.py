"""Invalid settings are reported at start-up, in one line and without a traceback."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from local_stack.orchestrator_command import run_command
from tests.orchestrator.dummy_settings import DUMMY_VENDOR_SETTINGS

REPOSITORY = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"PMS_API_URL": ""}, "PMS_API_URL: input should be a valid URL"),
        ({"DATABASE_URL": "sqlite+aiosqlite:////nowhere/x"}, "DATABASE_URL: the database cannot be opened"),
        (
            {"DATABASE_URL": "postgresql+asyncpg://u:p@127.0.0.1:9/x"},
            "DATABASE_URL: the database cannot be opened",
        ),
        ({"JWT_KEYS": "short"}, "JWT_KEYS should be 'kid:secret,…'"),
        ({"PMS_KIND": "opera"}, "PMS_KIND should be one of apaleo, mews, memory, it is 'opera'"),
        (
            {"PMS_KIND": "mews"},
            "MEWS_API_URL: is missing; MEWS_CLIENT_TOKEN: is missing; MEWS_ACCESS_TOKEN: is missing",
        ),
        ({"VAULT_ADDR": "http://127.0.0.1:9"}, "VAULT_ROLE_ID and VAULT_SECRET_ID should be set"),
    ],
)
def test_invalid_settings_stop_the_start(tmp_path: Path, change: dict[str, str], message: str) -> None:
    """The message names the variable and what is valid; the exit code is 1."""
    code, output = run_command(["--port", "1"], environment(tmp_path) | change)

    assert code == 1
    assert output.startswith(f"the orchestrator cannot start: {message}")
    assert "Traceback" not in output


def test_message_is_on_standard_error(tmp_path: Path) -> None:
    """It is not mixed with the output of a command."""
    process = subprocess.run(
        [sys.executable, "-m", "orchestrator", "--port", "1"],
        cwd=REPOSITORY,
        env={"PATH": os.environ["PATH"], **environment(tmp_path), "PMS_KIND": "opera"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert (process.returncode, process.stdout) == (1, "")
    assert process.stderr.startswith("the orchestrator cannot start: PMS_KIND should be one of")


def environment(folder: Path) -> dict[str, str]:
    """Return valid settings with a database in a folder."""
    return {**DUMMY_VENDOR_SETTINGS, "DATABASE_URL": f"sqlite+aiosqlite:///{folder}/x.sqlite"}
