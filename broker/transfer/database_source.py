"""The history in a database of this broker, as steps in the order in which it happened."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import asdict
from functools import partial
from typing import Any

from broker.database import Database, Row
from broker.domain.json_document import decode_json, encode_json
from broker.domain.pact_content import remove_generated_ids
from broker.domain.webhook_definition import PacticipantFilter
from broker.store import webhooks
from broker.store.deployments import SELECT_DEPLOYMENT
from broker.store.pacts import SELECT_PACT
from broker.store.verification_results import SELECT_RESULT
from broker.store.versions import SELECT_VERSION
from broker.transfer.steps import Step

# rank is the order within one transaction of the broker; a result comes after the oldest pact that still has its content;
# webhooks come last, so that the replay triggers none
_HISTORY = """
    SELECT 'pacticipant' AS kind, 0 AS rank, id, created AS at, updated AS revision FROM pacticipants
    UNION ALL SELECT 'environment', 1, id, created, updated FROM environments
    UNION ALL SELECT 'label', 1, id, created, NULL FROM labels
    UNION ALL SELECT 'version', 2, id, created, build_url FROM versions
    UNION ALL SELECT 'branch', 3, id, created, NULL FROM branch_versions
    UNION ALL SELECT 'tag', 4, id, created, NULL FROM tags
    UNION ALL SELECT 'pact', 5, id, created, NULL FROM pacts WHERE current = 1
    UNION ALL SELECT 'result', 6, r.id, max(r.created, p.created), NULL FROM results r
        JOIN pacts p ON p.id = (SELECT id FROM pacts WHERE content = r.content AND current = 1 ORDER BY version LIMIT 1)
    UNION ALL SELECT 'deployment', 7, id, created, NULL FROM deployments
    UNION ALL SELECT 'end', 8, id, ended, ended FROM deployments WHERE ended IS NOT NULL
    UNION ALL SELECT 'webhook', 9, id, 9223372036854775807, updated FROM webhooks
    ORDER BY at, rank, id"""

PACTICIPANT_FIELDS = {
    "displayName": "display_name",
    "mainBranch": "main_branch",
    "repositoryUrl": "repository_url",
    "repositoryName": "repository_name",
    "repositoryNamespace": "repository_namespace",
}


class DatabaseSource:
    """Reads the steps of a database; the contents are loaded one by one.

    Args:
        db: the database.
    """

    def __init__(self, db: Database) -> None:
        self._db = db
        self._loaders: dict[str, Callable[[int], dict[str, Any]]] = {
            "pacticipant": self._pacticipant,
            "environment": self._environment,
            "version": self._version,
            "label": self._label,
            "webhook": self._webhook,
            "branch": self._branch,
            "tag": self._tag,
            "pact": self._pact,
            "result": self._result,
            "deployment": self._deployment,
            "end": self._deployment,
        }

    async def steps(self) -> AsyncIterator[Step]:
        """Yield the history, oldest first."""
        for row in self._db.fetch_all(_HISTORY):
            kind = row["kind"]
            revision = "" if row["revision"] is None else f":{row['revision']}"
            yield Step(f"{kind}:{row['id']}{revision}", kind, partial(self._load, kind, row["id"]))

    async def _load(self, kind: str, row_id: int) -> dict[str, Any]:
        return self._loaders[kind](row_id)

    def _pacticipant(self, row_id: int) -> dict[str, Any]:
        row = self._row("SELECT * FROM pacticipants WHERE id = ?", row_id)
        fields = {key: row[column] for key, column in PACTICIPANT_FIELDS.items() if row[column] is not None}
        return {"name": row["name"], "fields": fields}

    def _environment(self, row_id: int) -> dict[str, Any]:
        row = self._row("SELECT * FROM environments WHERE id = ?", row_id)
        fields: dict[str, Any] = {"production": bool(row["production"])}
        if row["display_name"]:
            fields["displayName"] = row["display_name"]
        if contacts := decode_json(row["contacts"]):
            fields["contacts"] = contacts
        return {"name": row["name"], "fields": fields}

    def _version(self, row_id: int) -> dict[str, Any]:
        row = self._row(f"{SELECT_VERSION} WHERE v.id = ?", row_id)
        return {"pacticipant": row["name"], "number": row["number"], "build_url": row["build_url"]}

    def _label(self, row_id: int) -> dict[str, Any]:
        sql = "SELECT p.name AS pacticipant, l.name AS label FROM labels l JOIN pacticipants p ON p.id = l.pacticipant"
        return dict(self._row(f"{sql} WHERE l.id = ?", row_id))

    def _webhook(self, row_id: int) -> dict[str, Any]:
        webhook = webhooks.find_by_id(self._db, row_id)
        if webhook is None:
            raise LookupError(f"there is no webhook {row_id}")
        definition, request = webhook.definition, webhook.definition.request
        body = {
            "description": definition.description,
            "enabled": definition.enabled,
            "consumer": _filter(definition.consumer),
            "provider": _filter(definition.provider),
            "events": [{"name": event} for event in definition.events],
            "request": {key: value for key, value in asdict(request).items() if value is not None},
        }
        return {
            "uuid": webhook.uuid,
            "body": {key: value for key, value in body.items() if value is not None},
        }

    def _branch(self, row_id: int) -> dict[str, Any]:
        return dict(
            self._row(
                """SELECT p.name AS pacticipant, v.number, b.name AS branch FROM branch_versions bv
                   JOIN branches b ON b.id = bv.branch JOIN versions v ON v.id = bv.version
                   JOIN pacticipants p ON p.id = v.pacticipant WHERE bv.id = ?""",
                row_id,
            )
        )

    def _tag(self, row_id: int) -> dict[str, Any]:
        row = self._row(
            """SELECT t.version, t.name, p.name AS pacticipant, v.number, EXISTS (SELECT 1 FROM branch_versions bv
                   WHERE bv.version = t.version AND bv.created <= t.created) AS on_branch
               FROM tags t JOIN versions v ON v.id = t.version JOIN pacticipants p ON p.id = v.pacticipant WHERE t.id = ?""",
            row_id,
        )
        earlier = self._db.fetch_all(
            "SELECT name FROM tags WHERE version = ? AND id <= ? ORDER BY id", row["version"], row_id
        )
        tags = [item["name"] for item in earlier]
        return {
            "pacticipant": row["pacticipant"],
            "number": row["number"],
            "tag": row["name"],
            "tags": tags,
            "alone": not row["on_branch"] and len(tags) == 1,
        }

    def _pact(self, row_id: int) -> dict[str, Any]:
        row = self._row(f"{SELECT_PACT} WHERE p.id = ?", row_id)
        document = encode_json(remove_generated_ids(decode_json(row["json"])))
        return {
            "consumer": row["consumer"],
            "number": row["version_number"],
            "provider": row["provider_name"],
            "document": document,
        }

    def _result(self, row_id: int) -> dict[str, Any]:
        row = self._row(f"{SELECT_RESULT} WHERE r.id = ?", row_id)
        pact = self._row(
            f"{SELECT_PACT} WHERE p.content = ? AND p.current = 1 ORDER BY p.version LIMIT 1", row["content"]
        )
        body = {
            "success": bool(row["success"]),
            "providerApplicationVersion": row["version_number"],
            "buildUrl": row["build_url"],
            "testResults": decode_json(row["test_results"]) if row["test_results"] else None,
            "verifiedBy": decode_json(row["verified_by"]) or None,
        }
        return {
            "consumer": pact["consumer"],
            "number": pact["version_number"],
            "provider": pact["provider_name"],
            "body": {key: value for key, value in body.items() if value is not None},
            "wip": bool(row["wip"]),
        }

    def _deployment(self, row_id: int) -> dict[str, Any]:
        row = self._row(f"{SELECT_DEPLOYMENT} WHERE d.id = ?", row_id)
        return {
            "kind": row["kind"],
            "pacticipant": row["pacticipant_name"],
            "number": row["number"],
            "environment": row["environment_name"],
            "instance": row["instance"],
        }

    def _row(self, sql: str, row_id: int) -> Row:
        row = self._db.fetch_one(sql, row_id)
        if row is None:
            raise LookupError(f"there is no row {row_id} of {sql}")
        return row


def _filter(pacticipant: PacticipantFilter) -> dict[str, str] | None:
    named = {key: value for key, value in asdict(pacticipant).items() if value is not None}
    return named or None
