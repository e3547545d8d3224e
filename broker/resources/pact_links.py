"""The links of a pact."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request

from broker.database import Row
from broker.resources.links import pact_link, pact_path, version_link
from broker.web import link, url


def pact_links(request: Request, pact: Row, metadata: str | None) -> dict[str, Any]:
    """Return the links of a pact; `metadata` is the segment for the URL of its verification results."""
    consumer, provider, number = pact["consumer"], pact["provider_name"], pact["version_number"]
    version = version_link(request, {"name": consumer, "number": number})
    return {
        "self": pact_link(request, pact),
        "pb:consumer": link(url(request, "pacticipants", consumer), "Consumer", consumer),
        "pb:consumer-version": version,
        # several, as the metadata of the official broker may name more than one
        **({"pb:consumer-versions": [version]} if metadata else {}),
        "pb:provider": link(url(request, "pacticipants", provider), "Provider", provider),
        **_other_pacts(request, pact),
        **_results(request, pact, metadata),
        **_webhooks(request, pact),
        **_tagging(request, consumer, number),
    }


def _other_pacts(request: Request, pact: Row) -> dict[str, Any]:
    path = pact_path(pact)
    version_path, content_path = (
        (*path, "version", pact["version_number"]),
        (*path, "pact-version", pact["sha"]),
    )
    diff = url(request, *content_path, "diff", "pact-version", "{pactVersion}")
    previous = url(request, *version_path, "diff", "previous-distinct")
    return {
        "pb:pact-version": link(url(request, *content_path), "Pact content", pact["sha"]),
        "pb:latest-pact-version": link(url(request, *path, "latest"), "Latest pact"),
        "pb:all-pact-versions": link(url(request, *path, "versions"), "All versions of this pact"),
        "pb:latest-untagged-pact-version": link(
            url(request, *path, "latest-untagged"), "Latest untagged pact"
        ),
        "pb:latest-tagged-pact-version": link(url(request, *path, "latest", "{tag}"), templated=True),
        "pb:previous-distinct": link(
            url(request, *version_path, "previous-distinct"), "Previous distinct pact"
        ),
        "pb:diff-previous-distinct": link(previous, "Difference to the previous distinct pact"),
        "pb:diff": link(diff, "Difference to another content", templated=True),
    }


def _results(request: Request, pact: Row, metadata: str | None) -> dict[str, Any]:
    content_path = (*pact_path(pact), "pact-version", pact["sha"])
    results_path = (*content_path, "metadata", metadata) if metadata else content_path
    selector = {
        "q[][pacticipant]": pact["consumer"],
        "q[][version]": pact["version_number"],
        "latestby": "cvpv",
    }
    return {
        "pb:publish-verification-results": link(url(request, *results_path, "verification-results")),
        "pb:latest-verification-results": link(url(request, *content_path, "verification-results", "latest")),
        "pb:matrix-for-consumer-version": link(f"{url(request, 'matrix')}?{urlencode(selector)}", "Matrix"),
    }


def _webhooks(request: Request, pact: Row) -> dict[str, Any]:
    consumer, provider = pact["consumer"], pact["provider_name"]
    triggered = (*pact_path(pact), "version", pact["version_number"], "triggered-webhooks")
    return {
        "pb:pact-webhooks": link(
            url(request, "webhooks", "provider", provider, "consumer", consumer), "Webhooks"
        ),
        "pb:consumer-webhooks": link(
            url(request, "webhooks", "consumer", consumer), "Webhooks of the consumer"
        ),
        "pb:triggered-webhooks": link(url(request, *triggered), "Triggered webhooks"),
    }


def _tagging(request: Request, consumer: str, number: str) -> dict[str, Any]:
    path = ("pacticipants", consumer, "versions", number, "tags")
    return {
        "pb:tag-prod-version": link(url(request, *path, "prod"), "PUT to tag this version as in production"),
        "pb:tag-version": link(url(request, *path, "{tag}"), "PUT to tag this version", templated=True),
    }
