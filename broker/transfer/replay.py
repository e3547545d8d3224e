"""Write the steps of a history to a broker over the public protocol."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterable
from typing import Any

from broker.domain.pact_url_metadata import PactUrlMetadata
from broker.transfer.connection import MERGE_PATCH, Connection, path
from broker.transfer.progress import Progress
from broker.transfer.steps import Step, TransferError

LISTS = {
    "deployed": ("currently-deployed", "currentlyDeployed"),
    "released": ("currently-supported", "currentlySupported"),
}
"""By kind of deployment: the last segment of its list, and the property that ends it."""

MAX_CACHED_PATHS = 1000
RESULT_FIELDS = ("success", "providerApplicationVersion", "buildUrl", "testResults", "verifiedBy")


class Replay:
    """Replays steps that are not done yet, in their order.

    Args:
        connection: to the broker that receives the history.
        progress: the steps that are done.
    """

    def __init__(self, connection: Connection, progress: Progress) -> None:
        self._connection = connection
        self._progress = progress
        self._environments: dict[str, str] | None = None
        self._content_paths: dict[tuple[str, str, str], str] = {}

    async def run(self, steps: AsyncIterable[Step]) -> int:
        """Write all steps and return how many were not done before.

        Raises:
            TransferError: A step is refused; a second run continues with it.
        """
        count = 0
        async for step in steps:
            if self._progress.is_done(step.key):
                continue
            try:
                await self._write(step)
            except TransferError as error:
                raise TransferError(f"step {step.key}: {error}") from None
            self._progress.finish(step.key)
            count += 1
        return count

    async def _write(self, step: Step) -> None:
        arguments = await step.load()
        if step.kind == "result":
            # the only write that is a new one each time
            interrupted = self._progress.was_interrupted(step.key)
            self._progress.begin(step.key)
            await self._result(**arguments, may_be_stored=interrupted)
            return
        await getattr(self, f"_{step.kind}")(**arguments)

    async def _pacticipant(self, name: str, fields: dict[str, Any]) -> None:
        # created if it is missing, also with a name that resembles another one
        await self._connection.write(
            "PATCH", path("pacticipants", name), {"name": name, **fields}, MERGE_PATCH
        )

    async def _environment(self, name: str, fields: dict[str, Any]) -> None:
        identifier = await self._environment_id(name, missing_ok=True)
        body = {"name": name, **fields}
        if identifier is None:
            await self._connection.write("POST", "/environments", body)
        else:
            await self._connection.write("PUT", path("environments", identifier), body)
        self._environments = None

    async def _label(self, pacticipant: str, label: str) -> None:
        await self._connection.write("PUT", path("pacticipants", pacticipant, "labels", label), {})

    async def _webhook(self, uuid: str, body: dict[str, Any]) -> None:
        await self._connection.write("PUT", path("webhooks", uuid), body)

    async def _version(self, pacticipant: str, number: str, build_url: str | None) -> None:
        body = {} if build_url is None else {"buildUrl": build_url}
        await self._connection.write(
            "PATCH", path("pacticipants", pacticipant, "versions", number), body, MERGE_PATCH
        )

    async def _branch(self, pacticipant: str, number: str, branch: str) -> None:
        await self._connection.write(
            "PUT", path("pacticipants", pacticipant, "branches", branch, "versions", number), {}
        )

    async def _tag(self, pacticipant: str, number: str, tag: str, tags: list[str], *, alone: bool) -> None:
        version = ("pacticipants", pacticipant, "versions", number)
        if alone or await self._environment_id(tag, missing_ok=True):
            # a tag that is put becomes the branch of a version without one, and a deployment if it names an environment
            await self._connection.write(
                "PATCH", path(*version), {"tags": [{"name": name} for name in tags]}, MERGE_PATCH
            )
        else:
            await self._connection.write("PUT", path(*version, "tags", tag), {})

    async def _pact(self, consumer: str, number: str, provider: str, document: str) -> None:
        contract = {
            "consumerName": consumer,
            "providerName": provider,
            "specification": "pact",
            "contentType": "application/json",
            "content": base64.b64encode(document.encode()).decode(),
        }
        body = {
            "pacticipantName": consumer,
            "pacticipantVersionNumber": number,
            "tags": [],
            "contracts": [contract],
        }
        await self._connection.write("POST", "/contracts/publish", body)

    async def _result(
        self,
        consumer: str,
        number: str,
        provider: str,
        body: dict[str, Any],
        *,
        wip: bool,
        may_be_stored: bool,
    ) -> None:
        content = await self._content_path(consumer, number, provider)
        if may_be_stored:
            latest = await self._connection.get(f"{content}/verification-results/latest", missing_ok=True)
            if latest is not None and all(latest.get(key) == body.get(key) for key in RESULT_FIELDS):
                return
        metadata = f"/metadata/{PactUrlMetadata(wip=True).encode()}" if wip else ""
        await self._connection.write("POST", f"{content}{metadata}/verification-results", body)

    async def _content_path(self, consumer: str, number: str, provider: str) -> str:
        key = (consumer, number, provider)
        if len(self._content_paths) > MAX_CACHED_PATHS:
            self._content_paths.clear()
        if key not in self._content_paths:
            base = ("pacts", "provider", provider, "consumer", consumer)
            pact = await self._connection.get(path(*base, "version", number))
            # composed instead of followed: behind a proxy a link may name a host that is not reachable
            sha = pact["_links"]["pb:pact-version"]["href"].rpartition("/")[2]
            self._content_paths[key] = path(*base, "pact-version", sha)
        return self._content_paths[key]

    async def _deployment(
        self, kind: str, pacticipant: str, number: str, environment: str, instance: str | None
    ) -> None:
        identifier = await self._environment_id(environment)
        target = path(
            "pacticipants",
            pacticipant,
            "versions",
            number,
            f"{kind}-versions",
            "environment",
            identifier or "",
        )
        await self._connection.write("POST", target, {"applicationInstance": instance} if instance else {})

    async def _end(
        self, kind: str, pacticipant: str, number: str, environment: str, instance: str | None
    ) -> None:
        segment, flag = LISTS[kind]
        identifier = await self._environment_id(environment)
        current = await self._connection.get(
            path("environments", identifier or "", f"{kind}-versions", segment)
        )
        for item in current["_embedded"][f"{kind}Versions"]:
            embedded = item["_embedded"]
            same = embedded["pacticipant"]["name"] == pacticipant and embedded["version"]["number"] == number
            if same and item.get("applicationInstance") == instance:
                uuid = item["_links"]["self"]["href"].rpartition("/")[2]
                await self._connection.write(
                    "PATCH", path(f"{kind}-versions", uuid), {flag: False}, MERGE_PATCH
                )

    async def _environment_id(self, name: str, *, missing_ok: bool = False) -> str | None:
        if self._environments is None:
            body = await self._connection.get("/environments")
            environments = body["_embedded"]["environments"]
            self._environments = {item["name"]: item["uuid"] for item in environments}
        if name not in self._environments and not missing_ok:
            raise TransferError(f"there is no environment '{name}'")
        return self._environments.get(name)
