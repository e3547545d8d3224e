"""Stored baselines: what a version took relative to the yardstick, on one machine."""

from __future__ import annotations

import hashlib
import json
import os
import platform
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import jsonschema_rs

from performance.http_client import MeasurementError
from performance.measure import QUANTITIES, Measurement, Plan, Values
from performance.yardstick import YARDSTICK

SCHEMA_VERSION = 1
FOLDER = Path("test_reports/baselines")
YARDSTICK_PACKAGES = ("fastapi", "starlette", "pydantic", "uvicorn", "uvloop", "httptools")
_BY_ENDPOINT = {
    "type": "object",
    "additionalProperties": {"type": "array", "items": {"type": "number"}, "minItems": 3},
}
_BY_QUANTITY = {
    "type": "object",
    "additionalProperties": False,
    "required": list(QUANTITIES),
    "properties": dict.fromkeys(QUANTITIES, _BY_ENDPOINT),
}
SCHEMA = {
    "type": "object",
    "additionalProperties": False,
    "required": [
        "schema", "machine", "yardstick", "commit", "uncommitted_changes", "recorded_at", "rounds", "pairs",
        "against_yardstick", "milliseconds",
    ],
    "properties": {
        "schema": {"const": SCHEMA_VERSION},
        "machine": {"type": "object", "additionalProperties": {"type": ["string", "integer"]}},
        "yardstick": {"type": "integer"},
        "commit": {"type": "string", "pattern": "^[0-9a-f]{40}$"},
        "uncommitted_changes": {"type": "boolean"},
        "recorded_at": {"type": "string"},
        "rounds": {"type": "integer", "minimum": 3},
        "pairs": {"type": "integer", "minimum": 1},
        "against_yardstick": _BY_QUANTITY,
        "milliseconds": _BY_QUANTITY,
    },
}  # fmt: skip
"""The JSON schema of a file. `against_yardstick` has the logarithm of a ratio for each round."""


@dataclass(frozen=True, slots=True)
class Baseline:
    """A measurement that later ones are compared with.

    Attributes:
        commit: the commit that was measured.
        uncommitted_changes: whether it was measured with further changes.
        machine: the machine's fingerprint.
        rounds: starts of fresh processes.
        pairs: requests of each endpoint in a round.
        against_yardstick: the logarithm of the ratio to the yardstick, for each round.
        milliseconds: typical durations, for each round; for readers, not compared.
        recorded_at: the time, ISO 8601.
        yardstick: the version of the yardstick.
        schema: the version of the file's format.
    """

    commit: str
    uncommitted_changes: bool
    machine: Mapping[str, str | int]
    rounds: int
    pairs: int
    against_yardstick: Values
    milliseconds: Values
    recorded_at: str
    yardstick: int = YARDSTICK
    schema: int = SCHEMA_VERSION


def create_baseline(measurement: Measurement, plan: Plan, commit: str, *, changed: bool) -> Baseline:
    """Return the baseline of a measurement on this machine."""
    return Baseline(
        commit=commit,
        uncommitted_changes=changed,
        machine=machine_fingerprint(),
        rounds=plan.rounds,
        pairs=plan.pairs,
        against_yardstick=measurement.against_yardstick,
        milliseconds=measurement.milliseconds,
        recorded_at=datetime.now(UTC).isoformat(timespec="seconds"),
    )


def machine_fingerprint() -> dict[str, str | int]:
    """Return everything that makes figures of two machines incomparable although both know the yardstick."""
    packages = {f"package {name}": version(name) for name in YARDSTICK_PACKAGES}
    return {
        "processor": _processor(),
        "processors": os.cpu_count() or 0,
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        **packages,
    }


def baseline_path(machine: Mapping[str, str | int], folder: Path = FOLDER) -> Path:
    """Return the file of a machine's baseline."""
    text = json.dumps(machine, sort_keys=True)
    return folder / f"{hashlib.sha256(text.encode()).hexdigest()[:12]}.json"


def store(baseline: Baseline, folder: Path = FOLDER) -> Path:
    """Write a baseline in place of the machine's earlier one, and return its file."""
    path = baseline_path(baseline.machine, folder)
    folder.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(asdict(baseline), indent=1) + "\n", encoding="utf-8")
    return path


def load(path: Path) -> Baseline:
    """Read a baseline.

    Raises:
        MeasurementError: it does not match the schema, or another yardstick measured it.
    """
    document: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    try:
        jsonschema_rs.validate(SCHEMA, document)
    except jsonschema_rs.ValidationError as error:
        steps = (f"[{step}]" if isinstance(step, int) else f".{step}" for step in error.instance_path)
        location = "$" + "".join(steps)
        raise MeasurementError(f"{path}: {location}: {error.message}") from None
    if document["yardstick"] != YARDSTICK:
        raise MeasurementError(f"{path}: another yardstick measured it: store a new baseline with UPDATE=1")
    return Baseline(**document)


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    return next(
        (line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown"
    )
