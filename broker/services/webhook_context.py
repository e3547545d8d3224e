"""The values of the template parameters of a webhook, read when it is sent."""

from __future__ import annotations

from urllib.parse import quote

from broker.database import Database, Row
from broker.domain.pact_url_metadata import PactUrlMetadata
from broker.domain.webhook_definition import WebhookDefinition
from broker.domain.webhook_template import commit_statuses
from broker.store import deployments, labels, pacts, verification_results, versions, webhook_events, webhooks
from broker.store.triggered_webhooks import Trigger

TEST_EVENT = "test"


def find_context(db: Database, execution: Row) -> Trigger | None:
    """Return the context of a stored execution, or None if its pact was deleted."""
    pact = pacts.find_by_id(db, execution["pact"])
    if pact is None:
        return None
    return Trigger(
        execution["event"], pact, execution["base_url"], execution["result"],
        execution["provider_version"], execution["provider_descriptions"],
    )  # fmt: skip


def parameter_values(db: Database, context: Trigger) -> dict[str, str]:
    """Return the value of every template parameter, empty if it has none."""
    pact = context.pact
    result = _result(db, context)
    provider_version = context.provider_version or (result["version"] if result else None)
    return {
        **_consumer_values(db, pact),
        **_provider_values(db, pact, provider_version),
        **commit_statuses(success=bool(result["success"]) if result else None),
        "providerVersionDescriptions": context.provider_descriptions,
        "pactUrl": _pact_url(context.base_url, pact),
        "verificationResultUrl": _result_url(context.base_url, pact, result),
        "buildUrl": (result["build_url"] or "") if result else "",
        "eventName": context.event,
    }


def test_values(db: Database, definition: WebhookDefinition, base_url: str) -> dict[str, str]:
    """Return the values for a test: those of the newest pact that the webhook is for, or placeholders."""
    pact = pacts.find_by_id(db, webhooks.latest_matching_pact(db, definition))
    if pact is not None:
        return parameter_values(db, Trigger(TEST_EVENT, pact, base_url))
    consumer, provider = definition.consumer.name or "Consumer", definition.provider.name or "Provider"
    return {
        **dict.fromkeys(_OPTIONAL_PARAMETERS, ""),
        **commit_statuses(success=None),
        "consumerName": consumer,
        "consumerVersionNumber": "1",
        "providerName": provider,
        "providerVersionNumber": "1",
        "pactUrl": _url(base_url, "pacts", "provider", provider, "consumer", consumer, "version", "1"),
        "eventName": TEST_EVENT,
    }


_OPTIONAL_PARAMETERS = (
    "consumerVersionTags", "consumerVersionBranch", "consumerLabels", "providerVersionTags", "providerVersionBranch",
    "providerLabels", "providerVersionDescriptions", "currentlyDeployedProviderVersionNumber", "verificationResultUrl",
    "buildUrl",
)  # fmt: skip


def _result(db: Database, context: Trigger) -> Row | None:
    pact = context.pact
    if context.result is not None:
        return verification_results.find_result(db, pact["content"], context.result)
    if context.provider_version is not None:
        # it may have been verified since the event
        return verification_results.latest_result_of_version(db, pact["content"], context.provider_version)
    return verification_results.latest_result(db, pact["content"])


def _consumer_values(db: Database, pact: Row) -> dict[str, str]:
    return {
        "consumerName": pact["consumer"],
        "consumerVersionNumber": pact["version_number"],
        "consumerVersionTags": ", ".join(webhook_events.tags_of_version(db, pact["version"])),
        "consumerVersionBranch": webhook_events.latest_branch(db, pact["version"]),
        "consumerLabels": _labels(db, pact["consumer_id"]),
    }


def _provider_values(db: Database, pact: Row, version_id: int | None) -> dict[str, str]:
    version = versions.find_by_id(db, version_id)
    deployed = deployments.list_current_of_pacticipant(db, pact["provider_id"])
    return {
        "providerName": pact["provider_name"],
        "providerVersionNumber": version["number"] if version else "",
        "providerVersionTags": ", ".join(webhook_events.tags_of_version(db, version["id"]))
        if version
        else "",
        "providerVersionBranch": webhook_events.latest_branch(db, version["id"]) if version else "",
        "providerLabels": _labels(db, pact["provider_id"]),
        "currentlyDeployedProviderVersionNumber": ", ".join(dict.fromkeys(row["number"] for row in deployed)),
    }


def _labels(db: Database, pacticipant: int) -> str:
    return ", ".join(row["name"] for row in labels.labels_of(db, pacticipant))


def _pact_url(base_url: str, pact: Row) -> str:
    # without the mark of work in progress that the official broker adds, by which a result never counts for it
    metadata = PactUrlMetadata(consumer_version=pact["version_number"]).encode()
    return _url(base_url, *_content_path(pact), "metadata", metadata)


def _result_url(base_url: str, pact: Row, result: Row | None) -> str:
    if result is None:
        return ""
    return _url(base_url, *_content_path(pact), "verification-results", str(result["id"]))


def _content_path(pact: Row) -> tuple[str, ...]:
    names = ("pacts", "provider", pact["provider_name"], "consumer", pact["consumer"])
    return (*names, "pact-version", pact["sha"])


def _url(base_url: str, *segments: str) -> str:
    return "/".join([base_url, *(quote(segment, safe="") for segment in segments)])
