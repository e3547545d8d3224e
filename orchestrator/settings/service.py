"""The deployment: its environment, region and trace receiver."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, HttpUrl

from orchestrator.settings.section import SettingsSection


class ServiceSettings(SettingsSection):
    """How this deployment identifies itself.

    Attributes:
        deployment_region: the cloud region; regions that start with `eu-` keep data in the European Union.
        otel_exporter_otlp_endpoint: the OTLP/HTTP receiver of traces, as `http://collector:4318`. Without it no
            traces are recorded.
    """

    environment: Literal["development", "test", "production"] = Field(
        default="development", validation_alias="ENVIRONMENT"
    )
    deployment_region: str = Field(default="eu-central-1", validation_alias="REGION")
    otel_exporter_otlp_endpoint: HttpUrl | None = Field(
        default=None, validation_alias="OTEL_EXPORTER_OTLP_ENDPOINT"
    )
