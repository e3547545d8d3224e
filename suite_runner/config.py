"""The settings of a run: suites, reporting, thresholds; a given file is merged over the default."""

from __future__ import annotations

import json
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

DEFAULT_FILE = Path("tests/integration/quality_gates.json")
"""The default settings, relative to the checkout."""

Rate = Annotated[float, Field(ge=0, le=1)]
Seconds = Annotated[float, Field(gt=0)]


class ConfigError(Exception):
    """The settings cannot be used; the message names each wrong key and what would be right."""


class _Section(BaseModel):
    # a JSON document has types: "300" is not a number
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class SuiteConfig(_Section):
    """One suite.

    Attributes:
        module: its test files: paths or dotted names, relative to the checkout; `*` stands for any characters.
        timeout: limit of the suite in seconds.
        required: whether its result counts for the gates.
        exclusive: whether no other suite may run beside it, because it measures time.
    """

    module: tuple[str, ...]
    description: str = ""
    timeout: Seconds = 300
    required: bool = True
    exclusive: bool = False

    @field_validator("module", mode="before")
    @classmethod
    def _split_module(cls, value: Any) -> Any:
        return (value,) if isinstance(value, str) else tuple(value) if isinstance(value, list) else value


class Reporting(_Section):
    """Where reports are written, and which."""

    output_dir: str = "test_reports"
    formats: list[Literal["json", "html", "junit", "xml"]] = ["json", "html", "junit"]
    include_metrics: bool = True


class Thresholds(_Section):
    """Limits of the quality gates; rates are fractions, the duration of the run is in seconds."""

    min_pass_rate: Rate = 0.95
    max_error_rate: Rate = 0.05
    max_test_duration: Seconds = 1800


class Regression(_Section):
    """Slowdown in percent that counts as a regression; read by the comparison of two versions."""

    default_percent: Annotated[float, Field(gt=0)] = 5
    endpoints: dict[str, Annotated[float, Field(gt=0)]] = {}


class RunConfig(_Section):
    """All settings of a run."""

    test_suites: dict[str, SuiteConfig]
    reporting: Reporting = Reporting()
    thresholds: Thresholds = Thresholds()
    fail_fast: bool = False
    regression: Regression = Regression()


def load_config(root: Path, file: Path | None) -> RunConfig:
    """Return the default settings, with those of a file merged over them.

    Args:
        root: the checkout.
        file: the settings that differ from the default.

    Raises:
        ConfigError: if a file cannot be read, or a key is unknown or has a value of the wrong type.
    """
    document = _read(root / DEFAULT_FILE)
    if file:
        document = _merge(document, _read(file))
    try:
        return RunConfig.model_validate(document)
    except ValidationError as error:
        problems = "\n".join(f"  {_describe(problem)}" for problem in error.errors())
        raise ConfigError(f"the settings in {file or root / DEFAULT_FILE} are wrong:\n{problems}") from None


def _read(file: Path) -> Mapping[str, Any]:
    try:
        document = json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"the settings cannot be read: {file}: {error.strerror}") from None
    except (ValueError, RecursionError) as error:
        raise ConfigError(f"the settings are not JSON: {file}: {error}") from None
    if not isinstance(document, dict):
        raise ConfigError(f"the settings in {file} must be a JSON object")
    return document


def _merge(base: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(base)
    for key, value in changes.items():
        old = merged.get(key)
        merged[key] = _merge(old, value) if isinstance(old, dict) and isinstance(value, dict) else value
    return merged


def _describe(problem: Mapping[str, Any]) -> str:
    location = problem["loc"]
    key = ".".join(map(str, location))
    if problem["type"] == "extra_forbidden":
        known = _known_keys(location)
        close = get_close_matches(str(location[-1]), known, n=1)
        return (
            f"{key}: unknown key; {f'did you mean {close[0]}? ' if close else ''}known are {', '.join(known)}"
        )
    if problem["type"] == "missing":
        return f"{key}: missing"
    return f"{key}: {problem['msg'][0].lower()}{problem['msg'][1:]}, not {json.dumps(problem['input'], default=str)}"


def _known_keys(location: tuple[str | int, ...]) -> list[str]:
    """Return the keys beside the one at a location."""
    sections: dict[str, type[BaseModel]] = {
        "test_suites": SuiteConfig,
        "reporting": Reporting,
        "thresholds": Thresholds,
        "regression": Regression,
    }
    model = sections[str(location[0])] if len(location) > 1 else RunConfig
    return list(model.model_fields)
