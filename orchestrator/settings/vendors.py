"""Addresses and credentials of the vendors."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AnyUrl, BeforeValidator, Field, HttpUrl, UrlConstraints, field_validator

from orchestrator.settings.section import Credential, CredentialName, SettingsSection

# LiveKit's own tools use ws(s) addresses; TwirpClient turns them into http(s)
LiveKitUrl = Annotated[AnyUrl, UrlConstraints(allowed_schemes=["http", "https", "ws", "wss"])]


class ApaleoSettings(SettingsSection):
    """Apaleo's API and its OAuth2 token endpoint. Required if PMS_KIND is `apaleo`."""

    api_url: HttpUrl = Field(validation_alias="PMS_API_URL")
    identity_url: HttpUrl = Field(validation_alias="PMS_IDENTITY_URL")
    client_id: CredentialName = Field(validation_alias="PMS_CLIENT_ID")
    client_secret: Credential = Field(validation_alias="PMS_CLIENT_SECRET")


class MewsSettings(SettingsSection):
    """The Mews Connector API. Required if PMS_KIND is `mews`.

    Attributes:
        service_id: the service that rooms are booked with; required if the hotel sells several services by the night,
            such as parking.
    """

    api_url: HttpUrl = Field(validation_alias="MEWS_API_URL")
    client_token: Credential = Field(validation_alias="MEWS_CLIENT_TOKEN")
    access_token: Credential = Field(validation_alias="MEWS_ACCESS_TOKEN")
    service_id: str | None = Field(default=None, validation_alias="MEWS_SERVICE_ID")


DEFAULT_LANGUAGE = "en"
"""The language that is spoken if a guest's language has no voice."""
MAX_TTS_CHARACTERS = 40_000
"""The longest text that the vendor's model accepts in one request (its documentation of the models)."""


def _as_list(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


VoiceNames = Annotated[list[str], BeforeValidator(_as_list), Field(min_length=1)]
"""One voice, or several in the order of preference."""


class TtsSettings(SettingsSection):
    """The text-to-speech API.

    Attributes:
        voice_ids: the vendor's voices by language, and by language and kind (`de-female`); `en` is used for languages
            that are not listed, and after the voices of a language that the vendor does not have.
        hotel_voice_ids: the same for single hotels, by hotel; they precede `voice_ids`.
        max_characters: the longest text of one request, which the plan may limit further than the model.
        quota_interval_seconds: seconds between two readings of the characters that are left of the plan.
        quota_warning_share: the share of the plan's characters at which it is nearly used up.
    """

    service_url: HttpUrl = Field(validation_alias="TTS_SERVICE_URL")
    api_key: Credential = Field(validation_alias="TTS_API_KEY")
    voice_ids: dict[str, VoiceNames] = Field(default={"en": ["concierge"]}, validation_alias="VOICES")
    hotel_voice_ids: dict[str, dict[str, VoiceNames]] = Field(default={}, validation_alias="HOTEL_VOICES")
    max_characters: int = Field(
        default=MAX_TTS_CHARACTERS, ge=100, le=MAX_TTS_CHARACTERS, validation_alias="TTS_MAX_CHARACTERS"
    )
    quota_interval_seconds: float = Field(default=300.0, gt=0, validation_alias="TTS_QUOTA_SECONDS")
    quota_warning_share: float = Field(default=0.1, ge=0, le=1, validation_alias="TTS_QUOTA_WARNING_SHARE")

    @field_validator("voice_ids")
    @classmethod
    def _require_default_voice(cls, voice_ids: dict[str, list[str]]) -> dict[str, list[str]]:
        if DEFAULT_LANGUAGE not in voice_ids:
            raise ValueError(f"VOICES should have a voice for '{DEFAULT_LANGUAGE}'")
        return voice_ids


class LiveKitSettings(SettingsSection):
    """The LiveKit server. Its webhooks are signed with the same key.

    Attributes:
        agent_name: the voice agent that is dispatched to each call. Without it, an agent that has no name joins by itself.
        agent_join_seconds: how long the named agent may take to join a call; then it is dispatched again.
        agent_rejoin_seconds: how long an agent that was dispatched again may take to join; then the caller is transferred
            to the staff.
        transfer_ringing_seconds: how long the staff's telephone rings.
    """

    url: LiveKitUrl = Field(validation_alias="LIVEKIT_URL")
    api_key: CredentialName = Field(validation_alias="LIVEKIT_API_KEY")
    api_secret: Credential = Field(validation_alias="LIVEKIT_API_SECRET")
    agent_name: str = Field(default="", max_length=100, validation_alias="AGENT_NAME")
    agent_join_seconds: float = Field(default=10.0, gt=0, le=86_400, validation_alias="AGENT_JOIN_SECONDS")
    agent_rejoin_seconds: float = Field(default=3.0, gt=0, le=60, validation_alias="AGENT_REJOIN_SECONDS")
    transfer_ringing_seconds: int = Field(
        default=30, ge=5, le=70, validation_alias="TRANSFER_RINGING_SECONDS"
    )
