"""The service's settings: one model per section, all read from environment variables."""

from __future__ import annotations

from orchestrator.settings.load import Settings, SettingsError, load_settings

__all__ = ["Settings", "SettingsError", "load_settings"]
