"""Reads all sections and reports every missing or invalid variable at once."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from orchestrator.settings.alerts import AlertSettings
from orchestrator.settings.hotel import HotelSettings
from orchestrator.settings.limits import LimitSettings
from orchestrator.settings.outbound_calls import OutboundCallSettings
from orchestrator.settings.section import SettingsSection
from orchestrator.settings.security import SecuritySettings
from orchestrator.settings.service import ServiceSettings
from orchestrator.settings.storage import StorageSettings
from orchestrator.settings.vendors import ApaleoSettings, LiveKitSettings, MewsSettings, TtsSettings

NAMED_VARIABLE = re.compile(r"Value error, [A-Z][A-Z_]+ ")
Section = TypeVar("Section", bound=SettingsSection)


class SettingsError(Exception):
    """Variables are missing or invalid. The message names all of them, without their values."""


class Settings(BaseModel):
    """All sections. `apaleo` and `mews` are set if PMS_KIND names them."""

    model_config = ConfigDict(frozen=True)

    service: ServiceSettings
    hotel: HotelSettings
    apaleo: ApaleoSettings | None
    mews: MewsSettings | None
    tts: TtsSettings
    livekit: LiveKitSettings
    storage: StorageSettings
    security: SecuritySettings
    limits: LimitSettings
    alerts: AlertSettings
    outbound_calls: OutboundCallSettings


class _SectionReader:
    """Reads sections and collects what is wrong with them."""

    def __init__(self, overrides: Mapping[str, str]) -> None:
        self._overrides: dict[str, Any] = dict(overrides)
        self.problems: list[str] = []

    def read(self, section: type[Section]) -> Section | None:
        """Return the section, or None if one of its variables is missing or invalid."""
        try:
            return section(**self._overrides)
        except ValidationError as error:
            self.problems += [
                _describe_problem(str(details["loc"][0]).upper(), details["type"], details["msg"])
                for details in error.errors()
            ]
            return None


def load_section(section: type[Section], overrides: Mapping[str, str] | None = None) -> Section:
    """Read one section, for commands that need nothing else; otherwise as `load_settings`."""
    reader = _SectionReader(overrides or {})
    settings = reader.read(section)
    if settings is None:
        raise SettingsError("; ".join(reader.problems))
    return settings


def load_settings(overrides: Mapping[str, str] | None = None) -> Settings:
    """Read the settings of this process.

    Args:
        overrides: variables that take precedence over the environment, such as secrets from Vault.

    Raises:
        SettingsError: a variable is missing or invalid.
    """
    reader = _SectionReader(overrides or {})
    service, hotel = reader.read(ServiceSettings), reader.read(HotelSettings)
    pms = hotel.pms_provider if hotel else None
    sections: dict[str, Any] = {
        "service": service,
        "hotel": hotel,
        "apaleo": reader.read(ApaleoSettings) if pms == "apaleo" else None,
        "mews": reader.read(MewsSettings) if pms == "mews" else None,
        "tts": reader.read(TtsSettings),
        "livekit": reader.read(LiveKitSettings),
        "storage": reader.read(StorageSettings),
        "security": reader.read(SecuritySettings),
        "limits": reader.read(LimitSettings),
        "alerts": reader.read(AlertSettings),
        "outbound_calls": reader.read(OutboundCallSettings),
    }
    if reader.problems:
        raise SettingsError("; ".join(reader.problems))
    settings = Settings(**sections)
    _require_production_secrets(settings)
    return settings


def _require_production_secrets(settings: Settings) -> None:
    names = settings.security.development_values() if settings.service.environment == "production" else []
    if names:
        raise SettingsError(f"{', '.join(names)} should be set for production")


def _describe_problem(variable: str, kind: str, message: str) -> str:
    if kind == "missing":
        return f"{variable}: is missing"
    # a validator that names the variable itself: pydantic names a field by its default, not by its variable
    if NAMED_VARIABLE.match(message):
        return message.removeprefix("Value error, ")
    return f"{variable}: {message[:1].lower()}{message[1:]}"
