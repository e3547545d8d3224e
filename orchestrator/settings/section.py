"""The base of every section."""

from __future__ import annotations

from pydantic_settings import BaseSettings, SettingsConfigDict


class SettingsSection(BaseSettings):
    """Settings of one concern. Every field names its environment variable in `validation_alias`."""

    # extra="ignore", because every section is given the overrides of all
    model_config = SettingsConfigDict(frozen=True, extra="ignore")
