"""Addresses and credentials of the vendors."""

from __future__ import annotations

from typing import Annotated

from pydantic import AnyUrl, Field, HttpUrl, SecretStr, UrlConstraints, field_validator

from orchestrator.settings.section import SettingsSection

# LiveKit's own tools use ws(s) addresses; TwirpClient turns them into http(s)
LiveKitUrl = Annotated[AnyUrl, UrlConstraints(allowed_schemes=["http", "https", "ws", "wss"])]


class ApaleoSettings(SettingsSection):
    """Apaleo's API and its OAuth2 token endpoint. Required if PMS_KIND is `apaleo`."""

    api_url: HttpUrl = Field(validation_alias="PMS_API_URL")
    identity_url: HttpUrl = Field(validation_alias="PMS_IDENTITY_URL")
    client_id: str = Field(validation_alias="PMS_CLIENT_ID")
    client_secret: SecretStr = Field(validation_alias="PMS_CLIENT_SECRET")


class MewsSettings(SettingsSection):
    """The Mews Connector API. Required if PMS_KIND is `mews`.

    Attributes:
        service_id: the service that rooms are booked with; required if the hotel sells several services by the night,
            such as parking.
    """

    api_url: HttpUrl = Field(validation_alias="MEWS_API_URL")
    client_token: SecretStr = Field(validation_alias="MEWS_CLIENT_TOKEN")
    access_token: SecretStr = Field(validation_alias="MEWS_ACCESS_TOKEN")
    service_id: str | None = Field(default=None, validation_alias="MEWS_SERVICE_ID")


DEFAULT_LANGUAGE = "en"
"""The language that is spoken if a guest's language has no voice."""


class TtsSettings(SettingsSection):
    """The text-to-speech API.

    Attributes:
        voice_ids: the vendor's voice by language; `en` is used for languages that are not listed.
    """

    service_url: HttpUrl = Field(validation_alias="TTS_SERVICE_URL")
    api_key: SecretStr = Field(validation_alias="TTS_API_KEY")
    voice_ids: dict[str, str] = Field(default={"en": "concierge"}, validation_alias="VOICES")

    @field_validator("voice_ids")
    @classmethod
    def _require_default_voice(cls, voice_ids: dict[str, str]) -> dict[str, str]:
        if DEFAULT_LANGUAGE not in voice_ids:
            raise ValueError(f"VOICES should have a voice for '{DEFAULT_LANGUAGE}'")
        return voice_ids


class LiveKitSettings(SettingsSection):
    """The LiveKit server. Its webhooks are signed with the same key."""

    url: LiveKitUrl = Field(validation_alias="LIVEKIT_URL")
    api_key: str = Field(validation_alias="LIVEKIT_API_KEY")
    api_secret: SecretStr = Field(validation_alias="LIVEKIT_API_SECRET")
