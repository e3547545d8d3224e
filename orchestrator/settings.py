"""The orchestrator's settings, all from the environment; whatever is wrong or missing is named at the start."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    AliasGenerator,
    AnyUrl,
    Field,
    HttpUrl,
    PlainValidator,
    SecretStr,
    UrlConstraints,
    ValidationError,
    model_validator,
)
from pydantic_settings import BaseSettings, SettingsConfigDict


def _zone(name: str | ZoneInfo) -> ZoneInfo:
    try:
        return name if isinstance(name, ZoneInfo) else ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise ValueError("should be a time zone, such as 'Europe/Berlin'") from None


LiveKitUrl = Annotated[AnyUrl, UrlConstraints(allowed_schemes=["http", "https", "ws", "wss"])]
RedisUrl = Annotated[AnyUrl, UrlConstraints(allowed_schemes=["redis", "rediss", "unix"])]
TimeZone = Annotated[ZoneInfo, PlainValidator(_zone)]
DatabaseUrl = Annotated[str, Field(pattern=r"^(sqlite\+aiosqlite|postgresql\+asyncpg)://")]


ENVIRONMENT_NAMES = {
    "deployment_region": "REGION",
    "pms_provider": "PMS_KIND",
    "apaleo_api_url": "PMS_API_URL",
    "apaleo_identity_url": "PMS_IDENTITY_URL",
    "apaleo_client_id": "PMS_CLIENT_ID",
    "apaleo_client_secret": "PMS_CLIENT_SECRET",
    "jwt_signing_keys": "JWT_KEYS",
    "pseudonymization_key": "PRIVACY_KEY",
    "hotel_service_ids": "SERVICES",
    "tts_voice_ids": "VOICES",
    "default_phone_region": "DEFAULT_REGION",
    "hotel_time_zone": "TIME_ZONE",
    "pms_cache_ttl_seconds": "PMS_CACHE_SECONDS",
    "vendor_timeout_seconds": "VENDOR_DEADLINE",
    "circuit_breaker_failure_threshold": "BREAKER_FAILURES",
    "circuit_breaker_reset_seconds": "BREAKER_OPEN_SECONDS",
    "access_token_ttl_seconds": "ACCESS_TOKEN_SECONDS",
    "session_ttl_seconds": "SESSION_SECONDS",
    "user_rate_limit": "RATE_LIMIT",
    "api_key_rate_limit": "SERVICE_RATE_LIMIT",
    "rate_limit_window_seconds": "RATE_WINDOW",
    "login_rate_limit": "LOGIN_ATTEMPTS",
    "login_rate_limit_window_seconds": "LOGIN_WINDOW",
    "argon2_cost": "PASSWORD_COST",
}
"""Environment variables whose name is not the field's name in upper case."""


def _environment_name(field: str) -> str:
    return ENVIRONMENT_NAMES.get(field, field.upper())


class SettingsError(Exception):
    """Variables are missing or wrong: all of them, by name, without their values."""


class Settings(BaseSettings):
    """Where the vendors are, what proves who we are, and how the service behaves.

    The names in the environment are the fields' in upper case, such as `PMS_API_URL`.

    Attributes:
        pms_kind: which PMS the hotel has; `PMS_…` are Apaleo's variables, `MEWS_…` those of Mews.
        redis_url: where calls and sessions are kept; in memory without it, which is for one process only.
        database_url: `sqlite+aiosqlite:///FILE` or `postgresql+asyncpg://…`.
        jwt_keys: signing keys of access tokens as `kid:secret`, the current one first, separated by commas.
        privacy_key: makes pseudonyms of telephone numbers in call records.
        apaleo_webhook_secret: the last part of the address that Apaleo's events are sent to.
        admin_email: the first user, made at the start if there is none of that address.
        transfer_number: where a guest is transferred who asks for a human.
        services: the PMS's id of each service a guest may ask for; the words are searched in what the guest says.
        time_zone: of the hotels: decides what today is.
        voices: the vendor's voice by language; `en` is the one for all others.
        pms_cache_seconds: how long what the PMS said is believed.
        rate_limit: requests a user, or an address nobody has logged in from, may make in `rate_window` seconds.
        service_rate_limit: the same for a service with an API key.
        retention_days: how long records of calls are kept.
        otel_exporter_otlp_endpoint: where traces are sent over HTTP; none are made without it.
    """

    model_config = SettingsConfigDict(
        frozen=True,
        extra="ignore",
        alias_generator=AliasGenerator(validation_alias=_environment_name),
    )

    environment: Literal["development", "test", "production"] = "development"
    deployment_region: str = "eu-central-1"
    pms_provider: str = "apaleo"
    apaleo_api_url: HttpUrl
    apaleo_identity_url: HttpUrl
    apaleo_client_id: str
    apaleo_client_secret: SecretStr
    mews_api_url: HttpUrl | None = None
    mews_client_token: SecretStr | None = None
    mews_access_token: SecretStr | None = None
    tts_service_url: HttpUrl
    tts_api_key: SecretStr
    livekit_url: LiveKitUrl
    livekit_api_key: str
    livekit_api_secret: SecretStr
    redis_url: RedisUrl | None = None
    database_url: DatabaseUrl = "sqlite+aiosqlite:///orchestrator.sqlite"
    jwt_signing_keys: SecretStr = SecretStr("development:not-a-secret-and-refused-in-production")
    pseudonymization_key: SecretStr = SecretStr("not-a-secret-and-refused-in-production")
    apaleo_webhook_secret: SecretStr = SecretStr("not-a-secret-and-refused-in-production")
    admin_email: str | None = None
    admin_password: SecretStr | None = None
    cors_origins: list[str] = []
    transfer_number: str = "tel:+4930000000"
    hotel_service_ids: dict[str, str] = {"breakfast": "MUC-BREAKFAST", "late_checkout": "MUC-LATE_CHECKOUT"}
    tts_voice_ids: dict[str, str] = {"en": "concierge"}
    default_phone_region: str = "DE"
    hotel_time_zone: TimeZone = ZoneInfo("Europe/Berlin")
    pms_cache_ttl_seconds: float = 60.0
    vendor_timeout_seconds: float = Field(default=5.0, gt=0)
    circuit_breaker_failure_threshold: int = Field(default=5, ge=1)
    circuit_breaker_reset_seconds: float = Field(default=30.0, gt=0)
    access_token_ttl_seconds: int = Field(default=900, ge=1)
    session_ttl_seconds: int = Field(default=8 * 3600, ge=1)
    user_rate_limit: int = Field(default=600, ge=1)
    api_key_rate_limit: int = Field(default=60_000, ge=1)
    rate_limit_window_seconds: float = Field(default=60.0, gt=0)
    retention_days: int = Field(default=90, ge=1)
    otel_exporter_otlp_endpoint: HttpUrl | None = None
    login_rate_limit: int = Field(default=5, ge=1)
    login_rate_limit_window_seconds: float = Field(default=300.0, gt=0)
    argon2_cost: Literal["full", "least"] = "full"

    @model_validator(mode="after")
    def _require_production_secrets(self) -> Self:
        if self.environment == "production":
            made_up = [
                _environment_name(name)
                for name in ("jwt_signing_keys", "pseudonymization_key", "apaleo_webhook_secret")
                if "refused-in-production" in getattr(self, name).get_secret_value()
            ]
            made_up += ["PASSWORD_COST"] if self.argon2_cost != "full" else []
            if made_up:
                raise ValueError(f"{', '.join(made_up)} should be set for production")
        return self


def load_settings(overrides: Mapping[str, str] | None = None) -> Settings:
    """The settings of this process.

    Args:
        overrides: variables, in upper case, that come from a safer place and go before the environment's.

    Raises:
        SettingsError: naming every variable that is missing or wrong, and what it should be.
    """
    values: dict[str, Any] = dict(overrides or {})
    try:
        return Settings(**values)
    except ValidationError as error:
        raise SettingsError(
            "; ".join(_problem(one["loc"], one["type"], one["msg"]) for one in error.errors())
        ) from None


def _problem(location: tuple[str | int, ...], kind: str, message: str) -> str:
    words = "is missing" if kind == "missing" else message[:1].lower() + message[1:]
    if not location:
        return message.removeprefix("Value error, ")
    return f"{str(location[0]).upper()}: {words}"
