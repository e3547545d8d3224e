"""Queries and statements on webhooks."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from broker.database import Database, Row, now_microseconds
from broker.domain.json_document import decode_json, encode_json
from broker.domain.webhook_definition import PacticipantFilter, WebhookDefinition, WebhookRequest

_SELECT_WEBHOOK = """SELECT w.*, c.name AS consumer_name, p.name AS provider_name FROM webhooks w
    LEFT JOIN pacticipants c ON c.id = w.consumer LEFT JOIN pacticipants p ON p.id = w.provider"""


@dataclass(frozen=True, slots=True)
class Webhook:
    """A stored webhook; times are microseconds since 1970 (UTC)."""

    id: int
    uuid: str
    definition: WebhookDefinition
    created: int
    updated: int


def find(db: Database, uuid: str) -> Webhook | None:
    """Return a webhook by its UUID."""
    row = db.fetch_one(f"{_SELECT_WEBHOOK} WHERE w.uuid = ?", uuid)
    return None if row is None else _webhook(row)


def find_by_id(db: Database, webhook: int | None) -> Webhook | None:
    """Return a webhook by its id."""
    row = db.fetch_one(f"{_SELECT_WEBHOOK} WHERE w.id = ?", webhook)
    return None if row is None else _webhook(row)


def list_all(db: Database) -> list[Webhook]:
    """Return all webhooks, oldest first."""
    return [_webhook(row) for row in db.fetch_all(f"{_SELECT_WEBHOOK} ORDER BY w.id")]


def list_for_pacticipants(db: Database, consumer: int | None, provider: int | None) -> list[Webhook]:
    """Return the webhooks that name the given consumer and provider (None: any), oldest first."""
    rows = db.fetch_all(
        f"""{_SELECT_WEBHOOK} WHERE (?1 IS NULL OR w.consumer = ?1) AND (?2 IS NULL OR w.provider = ?2) ORDER BY w.id""",
        consumer, provider,
    )  # fmt: skip
    return [_webhook(row) for row in rows]


def list_matching(db: Database, pact: Row, event: str) -> list[Webhook]:
    """Return the enabled webhooks for an event of a pact, oldest first."""
    rows = db.fetch_all(
        f"""{_SELECT_WEBHOOK} WHERE w.enabled = 1
            AND (w.consumer IS NULL OR w.consumer = ?1) AND (w.provider IS NULL OR w.provider = ?2)
            AND (w.consumer_label IS NULL OR w.consumer_label IN (SELECT name FROM labels WHERE pacticipant = ?1))
            AND (w.provider_label IS NULL OR w.provider_label IN (SELECT name FROM labels WHERE pacticipant = ?2))
            AND EXISTS (SELECT 1 FROM json_each(w.events) WHERE value = ?3) ORDER BY w.id""",
        pact["consumer_id"], pact["provider_id"], event,
    )  # fmt: skip
    return [_webhook(row) for row in rows]


def latest_matching_pact(db: Database, definition: WebhookDefinition) -> int | None:
    """Return the id of the newest pact that a webhook is for."""
    consumer, provider = definition.consumer, definition.provider
    pact: int | None = db.fetch_value(
        """SELECT p.id FROM pacts p JOIN contents k ON k.id = p.content WHERE p.current = 1
           AND (?1 IS NULL OR k.consumer = (SELECT id FROM pacticipants WHERE name = ?1))
           AND (?2 IS NULL OR k.consumer IN (SELECT pacticipant FROM labels WHERE name = ?2))
           AND (?3 IS NULL OR k.provider = (SELECT id FROM pacticipants WHERE name = ?3))
           AND (?4 IS NULL OR k.provider IN (SELECT pacticipant FROM labels WHERE name = ?4))
           ORDER BY p.id DESC LIMIT 1""",
        consumer.name, consumer.label, provider.name, provider.label,
    )  # fmt: skip
    return pact


def count(db: Database) -> int:
    """Return the number of webhooks."""
    number: int = db.fetch_value("SELECT count(*) FROM webhooks")
    return number


def create(db: Database, uuid: str, definition: WebhookDefinition) -> None:
    """Store a new webhook."""
    now = now_microseconds()
    db.insert("webhooks", uuid=uuid, **_columns(db, definition), created=now, updated=now)


def replace(db: Database, webhook: Webhook, definition: WebhookDefinition) -> None:
    """Replace the definition of a webhook."""
    db.update("webhooks", webhook.id, **_columns(db, definition), updated=now_microseconds())


def delete(db: Database, webhook: Webhook) -> None:
    """Delete a webhook; the history of its executions stays."""
    db.delete("webhooks", webhook.id)


def _columns(db: Database, definition: WebhookDefinition) -> dict[str, object]:
    def pacticipant_id(name: str | None) -> int | None:
        found: int | None = db.fetch_value("SELECT id FROM pacticipants WHERE name = ?", name)
        return found

    return {
        "description": definition.description,
        "enabled": int(definition.enabled),
        "consumer": pacticipant_id(definition.consumer.name),
        "consumer_label": definition.consumer.label,
        "provider": pacticipant_id(definition.provider.name),
        "provider_label": definition.provider.label,
        "events": encode_json(definition.events),
        "request": encode_json(asdict(definition.request)),
    }


def _webhook(row: Row) -> Webhook:
    definition = WebhookDefinition(
        description=row["description"],
        enabled=bool(row["enabled"]),
        consumer=PacticipantFilter(row["consumer_name"], row["consumer_label"]),
        provider=PacticipantFilter(row["provider_name"], row["provider_label"]),
        events=tuple(decode_json(row["events"])),
        request=WebhookRequest(**decode_json(row["request"])),
    )
    return Webhook(row["id"], row["uuid"], definition, row["created"], row["updated"])
