"""The tables. A change here needs a migration in `migrations/versions/`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, DateTime, Float, Index, String, text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

ALL_HOTELS = ""
"""`hotel_id` of a consent that is valid for all hotels: a primary key cannot be NULL."""
WAITING = "status IN ('scheduled', 'claimed', 'dialling')"
"""The condition that an outbound call is not over."""
HotelIds = Sequence[str] | None
"""The hotels that an operation is limited to; None means all."""


class Base(DeclarativeBase):
    """The metadata of all tables."""


class UserRow(Base):
    """A user who can log in. `hotel_ids` NULL means all hotels."""

    __tablename__ = "users"

    user_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    email: Mapped[str] = mapped_column(String(254), unique=True)
    password_hash: Mapped[str] = mapped_column(String(200))
    roles: Mapped[list[str]] = mapped_column(JSON)
    hotel_ids: Mapped[list[str] | None] = mapped_column(JSON)


class ApiKeyRow(Base):
    """An API key; only the SHA-256 of its secret is stored. `hotel_ids` NULL means all hotels."""

    __tablename__ = "api_keys"

    key_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    name: Mapped[str] = mapped_column(String(100))
    service_name: Mapped[str] = mapped_column(String(100))
    permissions: Mapped[list[str]] = mapped_column(JSON)
    secret_hash: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    expires_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    hotel_ids: Mapped[list[str] | None] = mapped_column(JSON)


class CallRecordRow(Base):
    """A finished call. The caller is identified by a pseudonym only.

    `call_id` alone is no key: the telephone systems of two hotels may use the same id, and one may use it again later.
    `recorded_at` is the service's time, unlike `started_at` and `ended_at`, which the telephone system sends.
    """

    __tablename__ = "call_records"

    hotel_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    call_id: Mapped[str] = mapped_column(String(128), primary_key=True)
    started_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), primary_key=True)
    # the column keeps its first name, because renaming it would need a migration
    caller_pseudonym: Mapped[str] = mapped_column("subject", String(64))
    reservation_id: Mapped[str | None] = mapped_column(String(64))
    language: Mapped[str] = mapped_column(String(8))
    ended_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    duration: Mapped[float] = mapped_column(Float)
    interactions: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    warnings: Mapped[list[str]] = mapped_column(JSON)
    recorded_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))

    __table_args__ = (Index("call_records_subject", "subject"),)


class ConsentRow(Base):
    """The latest consent of a data subject, per purpose and hotel."""

    __tablename__ = "consents"

    subject: Mapped[str] = mapped_column(String(64), primary_key=True)
    purpose: Mapped[str] = mapped_column(String(64), primary_key=True)
    hotel_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    granted: Mapped[bool]
    recorded_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class OutboundCallRow(Base):
    """A wake-up call or call-back. The number is kept as long as it is needed to reach the guest."""

    __tablename__ = "outbound_calls"

    call_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    hotel_id: Mapped[str] = mapped_column(String(64))
    number: Mapped[str | None] = mapped_column(String(16))
    pseudonym: Mapped[str] = mapped_column(String(64))
    language: Mapped[str] = mapped_column(String(8))
    reservation_id: Mapped[str | None] = mapped_column(String(64))
    ordered_by: Mapped[str] = mapped_column(String(64))
    ordered_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    due_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    status: Mapped[str] = mapped_column(String(16))
    reason: Mapped[str | None] = mapped_column(String(32))
    attempts: Mapped[int]
    next_attempt_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    lease_until: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    lease_token: Mapped[str | None] = mapped_column(String(32))
    finished_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))

    __table_args__ = (
        Index("outbound_calls_due", "status", "next_attempt_at"),
        # two orders at the same moment are one call
        Index(
            "outbound_calls_waiting",
            "pseudonym",
            "hotel_id",
            "kind",
            "due_at",
            unique=True,
            sqlite_where=text(WAITING),
            postgresql_where=text(WAITING),
        ),
    )


class RecordingRow(Base):
    """A recording of a call, with the caller's consent. It is stored before it is started, and deleted after its file.

    `status` is `starting`, `active`, `stopping` or `stopped`; `egress_id` is NULL until LiveKit confirms the start.
    `erasure_requested` means that the file is to be deleted before its retention period has ended.
    """

    __tablename__ = "recordings"

    file: Mapped[str] = mapped_column(String(200), primary_key=True)
    hotel_id: Mapped[str] = mapped_column(String(64))
    call_id: Mapped[str] = mapped_column(String(128))
    call_started_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    subject: Mapped[str] = mapped_column(String(64))
    egress_id: Mapped[str | None] = mapped_column(String(64))
    status: Mapped[str] = mapped_column(String(16))
    started_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    stopped_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    erasure_requested: Mapped[bool]

    __table_args__ = (
        Index("recordings_subject", "subject"),
        Index("recordings_call", "hotel_id", "call_id"),
    )


class WriteProbeRow(Base):
    """The row that the readiness check updates."""

    __tablename__ = "write_probe"

    probe_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    written_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
