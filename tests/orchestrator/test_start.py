"""What is wrong with the service's settings is said at the start, in one line and without a trace."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.orchestrator.dummy_settings import DUMMY_VENDOR_SETTINGS

REPOSITORY = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("change", "said"),
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
def test_the_service_says_why_it_does_not_start(tmp_path: Path, change: dict[str, str], said: str) -> None:
    """The variable, and what would be right; the exit code is 1."""
    database = {"DATABASE_URL": f"sqlite+aiosqlite:///{tmp_path}/x.sqlite"}
    environment = {"PATH": os.environ["PATH"], **DUMMY_VENDOR_SETTINGS, **database, **change}

    done = subprocess.run(
        [sys.executable, "-m", "orchestrator", "--port", "1"],
        cwd=REPOSITORY,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert done.returncode == 1
    assert done.stderr.startswith(f"the orchestrator cannot start: {said}")
    assert "Traceback" not in done.stderr
