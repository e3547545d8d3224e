"""The base of every section, and variables that hold a list."""

from __future__ import annotations

from typing import Any

from pydantic import BeforeValidator
from pydantic_settings import BaseSettings, SettingsConfigDict


class SettingsSection(BaseSettings):
    """Settings of one concern. Every field names its environment variable in `validation_alias`."""

    # extra="ignore", because every section is given the overrides of all
    model_config = SettingsConfigDict(frozen=True, extra="ignore")


def _split_at_commas(value: Any) -> Any:
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


SplitAtCommas = BeforeValidator(_split_at_commas)
"""Reads a variable as the parts between its commas; beside `NoDecode`, because pydantic-settings would read it as JSON."""
