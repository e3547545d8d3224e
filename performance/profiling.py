"""Profiles of two versions, for the endpoints that became slower."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory

from performance.arms import Arm, Version, run_services, run_shared
from performance.scenarios import Scenario
from performance.session import Session

SECONDS = 5
BATCH = 20
STOP_TIMEOUT_SECONDS = 60.0


def profile_versions(
    versions: list[Version], scenarios: Iterable[Scenario], folder: Path, seconds: int = SECONDS
) -> list[str]:
    """Record each version under the load of each endpoint, for https://www.speedscope.app or any reader of its format.

    Args:
        versions: the versions.
        scenarios: the endpoints.
        folder: for the profiles.
        seconds: of each profile.

    Returns:
        The files, or the reason why there is none.
    """
    folder.mkdir(parents=True, exist_ok=True)
    results: list[str] = []
    for scenario in scenarios:
        with (
            TemporaryDirectory(prefix="performance-") as temporary,
            run_shared(Path(temporary)) as shared,
            run_services(versions, shared) as services,
        ):
            results += [_profile(arm, session, scenario, folder, seconds) for arm, session in services]
    return results


def _profile(arm: Arm, session: Session, scenario: Scenario, folder: Path, seconds: int) -> str:
    name = re.sub(r"[^a-z0-9]+", "-", scenario.name.lower()).strip("-")
    path = folder / f"{name}.{arm.name}.speedscope.json"
    command = [
        str(Path(sys.executable).parent / "py-spy"), "record", "--pid", str(arm.pid), "--duration", str(seconds),
        "--format", "speedscope", "--output", str(path),
    ]  # fmt: skip
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    try:
        while process.poll() is None:
            for request in scenario.prepare(session, BATCH):
                arm.client.send(request)
    finally:
        process.terminate()
        _, errors = process.communicate(timeout=STOP_TIMEOUT_SECONDS)
    return str(path) if path.exists() else f"no profile of {arm.name}: {errors.strip()[-300:]}"
