"""The orchestrator's settings, all from the environment; whatever is wrong or missing is named at the start."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AnyUrl, HttpUrl, SecretStr, UrlConstraints, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

LiveKitUrl = Annotated[AnyUrl, UrlConstraints(allowed_schemes=["http", "https", "ws", "wss"])]


class SettingsError(Exception):
    """Variables are missing or wrong: all of them, by name, without their values."""


class Settings(BaseSettings):
    """Where the vendors are, and what proves who we are.

    The names in the environment are the fields' in upper case, such as `PMS_API_URL`.
    """

    model_config = SettingsConfigDict(frozen=True, extra="ignore")

    environment: Literal["development", "test", "production"] = "development"
    pms_api_url: HttpUrl
    pms_identity_url: HttpUrl
    pms_client_id: str
    pms_client_secret: SecretStr
    tts_service_url: HttpUrl
    tts_api_key: SecretStr
    livekit_url: LiveKitUrl
    livekit_api_key: str
    livekit_api_secret: SecretStr


def from_environment() -> Settings:
    """The settings of this process.

    Raises:
        SettingsError: naming every variable that is missing or wrong, and what it should be.
    """
    try:
        return Settings()
    except ValidationError as error:
        problems = [
            f"{str(one['loc'][0]).upper()}: {_words(one['type'], one['msg'])}" for one in error.errors()
        ]
        raise SettingsError("; ".join(problems)) from None


def _words(kind: str, message: str) -> str:
    return "is missing" if kind == "missing" else message[:1].lower() + message[1:]
