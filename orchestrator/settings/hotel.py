"""The hotel: its PMS, time zone, services and telephone numbers."""

from __future__ import annotations

from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, PlainValidator, field_validator

from orchestrator.settings.section import SettingsSection

PMS_KINDS = ("apaleo", "mews", "memory")


def _parse_time_zone(name: str | ZoneInfo) -> ZoneInfo:
    try:
        return name if isinstance(name, ZoneInfo) else ZoneInfo(name)
    # ValueError: a name that could be a path out of the zone database
    except (ZoneInfoNotFoundError, ValueError):
        raise ValueError("should be a time zone, such as 'Europe/Berlin'") from None


TimeZone = Annotated[ZoneInfo, PlainValidator(_parse_time_zone)]


class HotelSettings(SettingsSection):
    """What the service needs to know of the hotel.

    Attributes:
        pms_provider: the kind of PMS; `memory` keeps reservations in the process.
        pms_cache_ttl_seconds: how long a PMS read is cached.
        transfer_number: the number a call is transferred to when the guest asks for a person, as a `tel:` or SIP URI.
        service_ids: the PMS's id of each service that guests can order, by its name in the conversation; at Mews
            `service/product`, the ids of an additional service and of its product.
        default_phone_region: the ISO country of phone numbers without a country code.
        time_zone: the hotels' time zone. It determines the current date.
    """

    pms_provider: str = Field(default="apaleo", validation_alias="PMS_KIND")
    pms_cache_ttl_seconds: float = Field(default=60.0, validation_alias="PMS_CACHE_SECONDS")
    transfer_number: str = Field(
        default="tel:+4930000000", pattern=r"^(tel|sips?):\S+$", validation_alias="TRANSFER_NUMBER"
    )
    service_ids: dict[str, str] = Field(
        default={"breakfast": "MUC-BREAKFAST", "late_checkout": "MUC-LATE_CHECKOUT"},
        validation_alias="SERVICES",
    )
    default_phone_region: str = Field(default="DE", validation_alias="DEFAULT_REGION")
    time_zone: TimeZone = Field(default=ZoneInfo("Europe/Berlin"), validation_alias="TIME_ZONE")

    @field_validator("pms_provider")
    @classmethod
    def _require_known_kind(cls, kind: str) -> str:
        if kind not in PMS_KINDS:
            raise ValueError(f"PMS_KIND should be one of {', '.join(PMS_KINDS)}, it is '{kind}'")
        return kind
