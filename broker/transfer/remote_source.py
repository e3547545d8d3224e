"""The history of another broker, read over the public protocol, as steps in the order in which it happened.

The protocol has times in whole seconds, no time of a tag and no flag of work in progress: a tag has the time of its
version, and no result counts as one of work in progress.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any
from urllib.parse import quote, unquote

from broker.domain.json_document import encode_json
from broker.domain.pact_content import remove_generated_ids
from broker.transfer.connection import Connection
from broker.transfer.replay import RESULT_FIELDS
from broker.transfer.steps import Step, TransferError

PACTICIPANT_FIELDS = ("displayName", "mainBranch", "repositoryUrl", "repositoryName", "repositoryNamespace")
ENVIRONMENT_FIELDS = ("displayName", "production", "contacts")
RANKS = (
    "pacticipant",
    "environment",
    "label",
    "version",
    "branch",
    "tag",
    "pact",
    "result",
    "deployment",
    "end",
)
ENDS = {
    "deployed": ("undeployedAt", "currentlyDeployed"),
    "released": ("supportEndedAt", "currentlySupported"),
}
MAX_RESULTS_OF_PACT = 1000
"""The newest results of the pact of a version; a broker may list no more."""


@dataclass(frozen=True, slots=True)
class _Event:
    """A step before its content is read; `position` sorts it into the history."""

    position: tuple[Any, ...]
    key: str
    kind: str
    arguments: dict[str, Any]


@dataclass(slots=True)
class _History:
    """What is known of all steps."""

    events: list[_Event] = field(default_factory=list)

    def add(self, kind: str, key: str, at: str, arguments: dict[str, Any], *order: int) -> None:
        """Add a step at a time; `order` decides between equal times."""
        position = (datetime.fromisoformat(at), RANKS.index(kind), *order, len(self.events))
        self.events.append(_Event(position, f"{kind}:{key}", kind, arguments))


class RemoteSource:
    """Reads the steps of a broker.

    Args:
        connection: to the broker.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def steps(self) -> AsyncIterator[Step]:
        """Yield the history, oldest first; pacts and results are read one by one.

        Raises:
            TransferError: The broker does not respond as one.
        """
        history = _History()
        for item in (await self._connection.get("/environments"))["_embedded"]["environments"]:
            arguments = {"name": item["name"], "fields": _select(item, ENVIRONMENT_FIELDS)}
            history.add("environment", item["name"], item["createdAt"], arguments)
        async for item in self._connection.pages("/pacticipants", "pacticipants"):
            arguments = {"name": item["name"], "fields": _select(item, PACTICIPANT_FIELDS)}
            history.add("pacticipant", item["name"], item["createdAt"], arguments)
            for label in item["_embedded"].get("labels", []):
                arguments = {"pacticipant": item["name"], "label": label["name"]}
                history.add("label", f"{item['name']}:{label['name']}", item["createdAt"], arguments)
            await self._add_versions(history, item["name"])
        for event in sorted(history.events, key=lambda event: event.position):
            yield Step(event.key, event.kind, partial(self._load, event))

    async def _add_versions(self, history: _History, name: str) -> None:
        target = f"/pacticipants/{quote(name, safe='')}/versions"
        newest_first = [item async for item in self._connection.pages(target, "versions")]
        for order, item in enumerate(reversed(newest_first)):
            number, at = item["number"], item["createdAt"]
            version = {"pacticipant": name, "number": number}
            history.add(
                "version", f"{name}:{number}", at, {**version, "build_url": item.get("buildUrl")}, order
            )
            tags = [tag["name"] for tag in item["_embedded"]["tags"]]
            branches = item["_embedded"]["branchVersions"]
            for count, tag in enumerate(tags, start=1):
                tagging = {"tag": tag, "tags": tags[:count], "alone": count == 1 and not branches}
                history.add("tag", f"{name}:{number}:{tag}", at, {**version, **tagging}, order, count)
            for branch in branches:
                resource = self._connection.target_of(branch["_links"]["self"])
                added = (await self._connection.get(resource))["createdAt"]
                # the head was added last; another version can have the same second
                arguments = {**version, "branch": branch["name"]}
                history.add(
                    "branch", f"{name}:{number}:{branch['name']}", added, arguments, branch["latest"], order
                )
            for pact in item["_links"]["pb:pact-versions"]:
                href = self._connection.target_of(pact)
                arguments = {"consumer": name, "number": number, "provider": _provider_of(href)}
                history.add("pact", href, at, {**arguments, "href": href}, order)
                await self._add_results(history, arguments)
            await self._add_deployments(history, item, version)

    async def _add_deployments(
        self, history: _History, item: dict[str, Any], version: dict[str, Any]
    ) -> None:
        for kind, (end, flag) in ENDS.items():
            for link in item["_links"].get(f"pb:{kind}-environments", []):
                body = await self._connection.get(self._connection.target_of(link))
                environment = body["_embedded"]["environment"]["name"]
                instance = body.get("applicationInstance")
                arguments = {"kind": kind, **version, "environment": environment, "instance": instance}
                history.add("deployment", body["uuid"], body["createdAt"], arguments, body[flag])
                if not body[flag] and body.get(end):
                    history.add("end", body["uuid"], body[end], arguments)

    async def _add_results(self, history: _History, arguments: dict[str, str]) -> None:
        selectors = {"pacticipant": arguments["consumer"], "version": arguments["number"]}
        query = "&".join(f"q[][{key}]={quote(value, safe='')}" for key, value in selectors.items())
        query += f"&q[][pacticipant]={quote(arguments['provider'], safe='')}&limit={MAX_RESULTS_OF_PACT}&rules=official"
        # oldest consumer version first: a result is in the matrix of every version with the content
        for row in reversed((await self._connection.get(f"/matrix?{query}"))["matrix"]):
            result = row["verificationResult"]
            if result:
                href = self._connection.target_of(result["_links"]["self"])
                identifier = int(href.rpartition("/")[2])
                history.add(
                    "result", str(identifier), result["verifiedAt"], {**arguments, "href": href}, identifier
                )

    async def _load(self, event: _Event) -> dict[str, Any]:
        """Return the arguments of a step, with the content at their `href`."""
        if "href" not in event.arguments:
            return event.arguments
        arguments = {key: value for key, value in event.arguments.items() if key != "href"}
        body = await self._connection.get(event.arguments["href"])
        if event.kind == "result":
            return {**arguments, "body": _select(body, RESULT_FIELDS), "wip": False}
        document = {key: value for key, value in body.items() if key not in {"createdAt", "_links"}}
        return {**arguments, "document": encode_json(remove_generated_ids(document))}


def _select(item: dict[str, Any], keys: tuple[str, ...]) -> dict[str, Any]:
    return {key: item[key] for key in keys if item.get(key) is not None}


def _provider_of(href: str) -> str:
    match = re.search(r"/pacts/provider/([^/]+)/consumer/", href)
    if match is None:
        raise TransferError(f"{href} is not the address of a pact")
    return unquote(match[1])
