"""Where the service stores its data."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import AnyUrl, Field, UrlConstraints

from orchestrator.settings.section import SettingsSection

RedisUrl = Annotated[AnyUrl, UrlConstraints(allowed_schemes=["redis", "rediss", "unix"])]
DatabaseUrl = Annotated[str, Field(pattern=r"^(sqlite\+aiosqlite|postgresql\+asyncpg)://")]


class StorageSettings(SettingsSection):
    """The state store, the database, the recordings and the retention period.

    Attributes:
        redis_url: stores live calls, sessions and rate limits. Without it they are in the memory of one process.
        database_url: `sqlite+aiosqlite:///FILE` or `postgresql+asyncpg://…`.
        redis_timeout_seconds: the limit of one operation of Redis, after which a request gets 503.
        database_timeout_seconds: the limit of connecting to the database and of one statement, likewise.
        retention_days: days after which call records and recordings are deleted.
        retention_interval_seconds: seconds between two deletions of expired call records and recordings.
        recordings_folder: where this service finds the files of recordings, to delete them. Without it calls are not
            recorded.
        egress_folder: the same folder as LiveKit's egress worker sees it, if its path is another one.
    """

    redis_url: RedisUrl | None = Field(default=None, validation_alias="REDIS_URL")
    database_url: DatabaseUrl = Field(
        default="sqlite+aiosqlite:///orchestrator.sqlite", validation_alias="DATABASE_URL"
    )
    redis_timeout_seconds: float = Field(default=2.0, gt=0, validation_alias="REDIS_TIMEOUT")
    database_timeout_seconds: float = Field(default=2.0, gt=0, validation_alias="DATABASE_TIMEOUT")
    retention_interval_seconds: float = Field(
        default=3600.0, gt=0, validation_alias="RETENTION_INTERVAL_SECONDS"
    )
    retention_days: int = Field(default=90, ge=1, validation_alias="RETENTION_DAYS")
    recordings_folder: Path | None = Field(default=None, validation_alias="RECORDINGS_FOLDER")
    egress_folder: str | None = Field(default=None, validation_alias="EGRESS_FOLDER")

    @property
    def recorder_folder(self) -> str | None:
        """The folder that LiveKit's egress worker writes to; None if calls are not recorded."""
        if self.recordings_folder is None:
            return None
        return self.egress_folder or str(self.recordings_folder)
