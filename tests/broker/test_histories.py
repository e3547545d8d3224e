"""Random histories that were played against the official Pact Broker: ours must answer the same to every step.

Compared are statuses, matrix rows and counts, verdicts, kinds of notices, and the pacts chosen for verification with
their flags; not wording, order, dates or links.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest

from tests.broker.payloads import pact, path, publication

Step = dict[str, Any]
LINES = Path(__file__).with_name("histories.jsonl").read_text().splitlines()
HISTORIES = [json.loads(line) for line in LINES]


@pytest.mark.parametrize("history", HISTORIES, ids=lambda history: f"history-{history['history']}")
async def test_history(history: dict[str, Any], broker: httpx.AsyncClient) -> None:
    """Every step has the recorded outcome."""
    for number, step in enumerate(history["steps"]):
        outcome = await PLAY[step["step"].get("do") or step["step"]["ask"]](broker, step["step"])
        assert outcome == step["outcome"], f"step {number}: {step['step']}"


def test_all_histories_are_played() -> None:
    """All 60 histories with all their steps are there."""
    assert (len(HISTORIES), sum(len(history["steps"]) for history in HISTORIES)) == (60, 1988)


async def create(broker: httpx.AsyncClient, step: Step) -> int:
    """Create a pacticipant."""
    body = {"name": step["pacticipant"]} | (
        {"mainBranch": step["main_branch"]} if step["main_branch"] else {}
    )
    return (await broker.post("/pacticipants", json=body)).status_code


async def publish(broker: httpx.AsyncClient, step: Step) -> int:
    """Publish one of three contents as a version's pact."""
    document = pact(step["consumer"], step["provider"], f"content {step['content']}")
    branch = {"branch": step["branch"]} if step["branch"] else {}
    body = publication(step["version"], document, tags=step["tags"], **branch)
    return (await broker.post("/contracts/publish", json=body)).status_code


async def verify(broker: httpx.AsyncClient, step: Step) -> Any:
    """Publish a result, as a verifier that read the pact by its version would."""
    found = await broker.get(
        path(
            "pacts",
            "provider",
            step["provider"],
            "consumer",
            step["consumer"],
            "version",
            step["consumer_version"],
        )
    )
    if found.is_error:
        return ["no pact", found.status_code]
    owner, version = step["provider"], step["provider_version"]
    if step["branch"]:
        await broker.put(
            path("pacticipants", owner, "branches", step["branch"], "versions", version), json={}
        )
    for tag in step["tags"]:
        await broker.put(path("pacticipants", owner, "versions", version, "tags", tag), json={})
    link = found.json()["_links"]["pb:publish-verification-results"]["href"]
    result = {"success": step["success"], "providerApplicationVersion": version}
    return (await broker.post(link, json=result)).status_code


async def tag(broker: httpx.AsyncClient, step: Step) -> int:
    """Tag a version."""
    where = path("pacticipants", step["pacticipant"], "versions", step["version"], "tags", step["tag"])
    return (await broker.put(where, json={})).status_code


async def put_on_branch(broker: httpx.AsyncClient, step: Step) -> int:
    """Put a version on a branch."""
    where = path("pacticipants", step["pacticipant"], "branches", step["branch"], "versions", step["version"])
    return (await broker.put(where, json={})).status_code


async def environment(broker: httpx.AsyncClient, name: str) -> str:
    """The uuid of an environment."""
    known = (await broker.get("/environments", params={"name": name})).json()
    uuid: str = known["_embedded"]["environments"][0]["uuid"]
    return uuid


async def record(broker: httpx.AsyncClient, step: Step) -> int:
    """Record a deployment or a release."""
    kind = "deployed-versions" if step["do"] == "deploy" else "released-versions"
    where = await environment(broker, step["environment"])
    instance = {"applicationInstance": step["instance"]} if step.get("instance") else {}
    version = ("pacticipants", step["pacticipant"], "versions", step["version"])
    return (await broker.post(path(*version, kind, "environment", where), json=instance)).status_code


async def undeploy(broker: httpx.AsyncClient, step: Step) -> list[int]:
    """End what is deployed of a pacticipant under an instance."""
    where = await environment(broker, step["environment"])
    there = await broker.get(
        path("environments", where, "deployed-versions", "currently-deployed"),
        params={"pacticipant": step["pacticipant"]},
    )
    wanted = [
        one["_links"]["self"]["href"]
        for one in there.json()["_embedded"]["deployedVersions"]
        if one.get("applicationInstance") == step["instance"]
    ]
    patch = {"Content-Type": "application/merge-patch+json"}
    ended = [
        await broker.patch(link, content=b'{"currentlyDeployed": false}', headers=patch) for link in wanted
    ]
    return [answer.status_code for answer in ended]


async def ask_matrix(broker: httpx.AsyncClient, step: Step) -> dict[str, Any]:
    """Ask the matrix."""
    nested = [(f"q[][{key}]", value) for one in step["selectors"] for key, value in one.items()]
    nested += [(f"ignore[][{key}]", value) for one in step["ignore"] for key, value in one.items()]
    query = urlencode([*nested, *step["options"].items()])  # httpx would put equal keys together
    return _judged(await broker.get(f"/matrix?{query}"))


async def ask_deployable(broker: httpx.AsyncClient, step: Step) -> dict[str, Any]:
    """Ask whether a version may go to an environment."""
    keys = ("pacticipant", "version", "environment")
    return _judged(await broker.get("/can-i-deploy", params={key: step[key] for key in keys}))


def _judged(answer: httpx.Response) -> dict[str, Any]:
    if answer.is_error:
        return {"status": answer.status_code}
    body = answer.json()
    summary = body["summary"]
    counts = ("success", "failed", "unknown", "ignored")
    return {
        "status": answer.status_code,
        "deployable": summary["deployable"],
        "rows": sorted((_row(row) for row in body["matrix"]), key=json.dumps),
        "counts": {name: summary[name] for name in counts if name in summary},
        "notices": sorted({notice["type"] for notice in body["notices"]}),
    }


def _row(row: dict[str, Any]) -> list[Any]:
    provider, result = row["provider"]["version"], row["verificationResult"]
    return [
        row["consumer"]["name"],
        row["consumer"]["version"]["number"],
        row["provider"]["name"],
        provider and provider["number"],
        result and result["success"],
        row.get("ignored", False),
    ]


async def ask_pacts(broker: httpx.AsyncClient, step: Step) -> dict[str, Any]:
    """Ask for the pacts a provider is to verify."""
    where = path("pacts", "provider", step["provider"], "for-verification")
    answer = await broker.post(where, json=step["body"])
    if answer.is_error:
        return {"status": answer.status_code}
    found = []
    for entry in answer.json()["_embedded"]["pacts"]:
        properties = entry["verificationProperties"]
        whens = sorted({notice["when"] for notice in properties["notices"]})
        found.append(
            [entry["_links"]["self"]["name"], properties.get("pending"), properties.get("wip"), whens]
        )
    return {"status": answer.status_code, "pacts": sorted(found, key=json.dumps)}


async def ask_version(broker: httpx.AsyncClient, step: Step) -> dict[str, Any]:
    """Read a version."""
    answer = await broker.get(path("pacticipants", step["pacticipant"], "versions", step["version"]))
    if answer.is_error:
        return {"status": answer.status_code}
    body = answer.json()
    return {
        "status": answer.status_code,
        "number": body["number"],
        "tags": sorted(one["name"] for one in body["_embedded"]["tags"]),
        "branches": sorted(one["name"] for one in body["_embedded"]["branchVersions"]),
    }


async def ask_pacticipant(broker: httpx.AsyncClient, step: Step) -> dict[str, Any]:
    """Read a pacticipant."""
    answer = await broker.get(path("pacticipants", step["pacticipant"]))
    body = answer.json()
    return {"status": answer.status_code, "name": body.get("name"), "mainBranch": body.get("mainBranch")}


async def pacticipant(broker: httpx.AsyncClient, step: Step) -> Any:
    """Create or read a pacticipant: both steps have this name."""
    return await (create if "do" in step else ask_pacticipant)(broker, step)


PLAY = {
    "pacticipant": pacticipant,
    "publish": publish,
    "verify": verify,
    "tag": tag,
    "branch": put_on_branch,
    "deploy": record,
    "release": record,
    "undeploy": undeploy,
    "matrix": ask_matrix,
    "can-i-deploy": ask_deployable,
    "for-verification": ask_pacts,
    "version": ask_version,
}
