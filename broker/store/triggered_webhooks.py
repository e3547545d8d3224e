"""Queries and statements on triggered webhooks: what is to be sent, its attempts and their logs."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from dataclasses import dataclass

from broker.database import Database, Row, now_microseconds
from broker.domain.webhook_definition import host_of
from broker.store.webhooks import Webhook

NOT_RUN, RETRYING, SUCCESS, FAILURE = "not_run", "retrying", "success", "failure"

MAX_PENDING = 10_000
"""How many triggered webhooks may wait; a further one is recorded as failed without being sent."""
MAX_FINISHED = 5_000
"""How many finished ones are kept with their logs."""
MAX_LISTED = 200
"""How many a list has at most, the newest ones."""


@dataclass(frozen=True, slots=True)
class Trigger:
    """What triggered a webhook.

    Attributes:
        event: the event's name.
        pact: a row of the store.
        base_url: the broker's URL, for links in the request.
        result: the id of the verification result of the event; None means the newest one for the pact's content.
        provider_version: the id of the version that has to verify the pact, if the event is about one.
        provider_descriptions: why that version has to.
    """

    event: str
    pact: Row
    base_url: str
    result: int | None = None
    provider_version: int | None = None
    provider_descriptions: str = ""


def add(db: Database, webhook: Webhook, trigger: Trigger) -> str:
    """Store that a webhook is to be sent now, and return the UUID of this execution."""
    identifier, now = str(uuid.uuid4()), now_microseconds()
    is_full = _count_pending(db) >= MAX_PENDING
    row_id = db.insert(
        "triggered_webhooks", uuid=identifier, webhook=webhook.id, webhook_uuid=webhook.uuid, name=name_of(webhook),
        event=trigger.event, pact=trigger.pact["id"], result=trigger.result, provider_version=trigger.provider_version,
        provider_descriptions=trigger.provider_descriptions, base_url=trigger.base_url,
        status=FAILURE if is_full else NOT_RUN, attempts=0, due=None if is_full else now, created=now,
    )  # fmt: skip
    if is_full:
        log = f"not sent: {MAX_PENDING} webhooks are waiting already\n"
        db.insert("webhook_attempts", triggered_webhook=row_id, success=0, log=log, created=now)
    return identifier


def name_of(webhook: Webhook) -> str:
    """Return the name of a webhook's executions: method and host."""
    request = webhook.definition.request
    return f"{request.method} {host_of(request.url)}"


def find(db: Database, identifier: str) -> Row | None:
    """Return an execution by its UUID."""
    return db.fetch_one("SELECT * FROM triggered_webhooks WHERE uuid = ?", identifier)


def list_due(db: Database, limit: int, excluded: Collection[int]) -> list[Row]:
    """Return executions whose next attempt is due, the longest waiting first, except some by their id."""
    rows = db.fetch_all(
        "SELECT * FROM triggered_webhooks WHERE due <= ? ORDER BY due, id LIMIT ?",
        now_microseconds(), limit + len(excluded),
    )  # fmt: skip
    return [row for row in rows if row["id"] not in excluded][:limit]


def next_due(db: Database, excluded: Collection[int]) -> int | None:
    """Return when the next attempt of an execution is due, except of some by their id."""
    rows = db.fetch_all(
        "SELECT id, due FROM triggered_webhooks WHERE due IS NOT NULL ORDER BY due LIMIT ?", len(excluded) + 1
    )
    return next((row["due"] for row in rows if row["id"] not in excluded), None)


def add_attempt(
    db: Database, execution: Row, *, success: bool, log: str, retry_after_seconds: float | None
) -> None:
    """Store an attempt and when the next one is due (None: there is none); old executions are deleted."""
    now = now_microseconds()
    db.insert(
        "webhook_attempts", triggered_webhook=execution["id"], success=int(success), log=log, created=now
    )
    retry = not success and retry_after_seconds is not None
    db.update(
        "triggered_webhooks", execution["id"], attempts=execution["attempts"] + 1,
        status=SUCCESS if success else RETRYING if retry else FAILURE,
        due=now + int((retry_after_seconds or 0) * 1e6) if retry else None,
    )  # fmt: skip
    db.execute(
        """DELETE FROM triggered_webhooks WHERE id IN
           (SELECT id FROM triggered_webhooks WHERE due IS NULL ORDER BY id DESC LIMIT -1 OFFSET ?)""",
        MAX_FINISHED,
    )


def list_for_pact(db: Database, pact: Row) -> list[Row]:
    """Return the executions for a consumer version's pact, newest first; also those before it was changed."""
    condition = "pact IN (SELECT id FROM pacts WHERE version = ? AND provider = ?)"
    return _list(db, condition, pact["version"], pact["provider"])


def status_of_pact(db: Database, pact: Row) -> tuple[str, int | None]:
    """Return the status of all executions for a pact together, `none` without any, and when the newest was triggered."""
    executions = list_for_pact(db, pact)
    statuses = {row["status"] for row in executions}
    status = next((item for item in (FAILURE, RETRYING, NOT_RUN, SUCCESS) if item in statuses), "none")
    return status, executions[0]["created"] if executions else None


def list_for_result(db: Database, result: int) -> list[Row]:
    """Return the executions for a verification result, newest first."""
    return _list(db, "result = ?", result)


def list_for_webhook(db: Database, webhook_uuid: str) -> list[Row]:
    """Return the executions of a webhook, newest first."""
    return _list(db, "webhook_uuid = ?", webhook_uuid)


def logs_of(db: Database, execution: Row) -> str:
    """Return the logs of all attempts of an execution."""
    rows = db.fetch_all(
        "SELECT log FROM webhook_attempts WHERE triggered_webhook = ? ORDER BY id", execution["id"]
    )
    return "\n".join(row["log"] for row in rows)


def _list(db: Database, condition: str, *values: object) -> list[Row]:
    return db.fetch_all(
        f"SELECT * FROM triggered_webhooks WHERE {condition} ORDER BY id DESC LIMIT {MAX_LISTED}", *values
    )


def _count_pending(db: Database) -> int:
    number: int = db.fetch_value("SELECT count(*) FROM triggered_webhooks WHERE due IS NOT NULL")
    return number
