"""Events that trigger webhooks; what they trigger is stored in the transaction of their cause and sent after it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from broker.database import Database, Row
from broker.domain.contracts import Publication
from broker.services.publishing import PublicationResult, publish
from broker.store import triggered_webhooks, webhook_events, webhooks
from broker.store.triggered_webhooks import Trigger


@dataclass(frozen=True, slots=True)
class TriggeredWebhook:
    """An execution that an event triggered."""

    description: str
    event: str
    uuid: str


@dataclass(frozen=True, slots=True)
class PublicationEvents:
    """The events of a publication, in words, and what they triggered."""

    detected: list[str]
    triggered: list[TriggeredWebhook]


def publish_with_events(
    db: Database, publication: Publication, base_url: str
) -> tuple[PublicationResult, list[PublicationEvents]]:
    """Store a publication and trigger webhooks for each of its pacts.

    Raises:
        ContractConflictError: A pact of the version has another content already, or a name resembles a known one.
    """
    before = webhook_events.current_pacts(db, publication.pacticipant, publication.version_number)
    result = publish(db, publication)
    events = [
        trigger_publication_events(db, item.pact, before.get(item.pact["provider_name"]), base_url)
        for item in result.pacts
    ]
    return result, events


def trigger_publication_events(
    db: Database, pact: Row, previous_pact: int | None, base_url: str
) -> PublicationEvents:
    """Trigger the webhooks for a pact that was published.

    Args:
        db: the database, in the transaction that stored the pact.
        pact: the stored pact.
        previous_pact: the id of the pact that the version had before, if it had one.
        base_url: the broker's URL.
    """
    triggers = [Trigger("contract_published", pact, base_url)]
    detected = ["contract_published"]
    requiring = list(_requiring_verification(db, pact, base_url))
    if requiring:
        triggers += requiring
        detected.append("contract_requiring_verification_published")
    reason = _content_change(db, pact, previous_pact)
    if reason:
        triggers.append(Trigger("contract_content_changed", pact, base_url))
        detected.append(f"contract_content_changed ({reason})")
    return PublicationEvents(detected, [item for trigger in triggers for item in _trigger(db, trigger)])


def trigger_result_events(
    db: Database, pact: Row, result: int, base_url: str, *, success: bool
) -> list[TriggeredWebhook]:
    """Trigger the webhooks for a verification result of a pact."""
    events = (
        "provider_verification_published",
        f"provider_verification_{'succeeded' if success else 'failed'}",
    )
    return [item for event in events for item in _trigger(db, Trigger(event, pact, base_url, result))]


def _trigger(db: Database, trigger: Trigger) -> Iterator[TriggeredWebhook]:
    for webhook in webhooks.list_matching(db, trigger.pact, trigger.event):
        description = webhook.definition.description or triggered_webhooks.name_of(webhook)
        yield TriggeredWebhook(description, trigger.event, triggered_webhooks.add(db, webhook, trigger))


def _content_change(db: Database, pact: Row, previous_pact: int | None) -> str | None:
    """Return how the content differs from the one that this version, or the version before, had."""
    if previous_pact is not None:
        return None if previous_pact == pact["id"] else "pact content was modified for this version"
    tags = webhook_events.tags_of_version(db, pact["version"])
    if not tags:
        # also after tagged versions only, and also with equal content, as at the official broker
        before = webhook_events.previous_untagged_content(db, pact)
        if before is None:
            return "first time untagged pact published"
        return (
            None if before == pact["content"] else "pact content has changed since previous untagged version"
        )
    contents = {tag: webhook_events.previous_content_with_tag(db, pact, tag) for tag in tags}
    first = [tag for tag, content in contents.items() if content is None]
    if first:
        return f"first time pact published with consumer version tagged {', '.join(first)}"
    changed = [tag for tag, content in contents.items() if content != pact["content"]]
    if changed:
        return f"pact content has changed since the last consumer version tagged with {', '.join(changed)}"
    return None


def _requiring_verification(db: Database, pact: Row, base_url: str) -> Iterator[Trigger]:
    """Yield a trigger for each provider version that is in use and has no result for the content."""
    descriptions: defaultdict[int, list[str]] = defaultdict(list)
    for row in webhook_events.provider_versions_in_use(db, pact["provider_id"]):
        descriptions[row["version"]].append(row["description"])
    verified = webhook_events.versions_with_result(db, pact["content"])
    for version, texts in descriptions.items():
        if version not in verified:
            yield Trigger(
                "contract_requiring_verification_published", pact, base_url, None, version, ", ".join(texts)
            )
