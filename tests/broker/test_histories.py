"""Random histories recorded from the official Pact Broker: the embedded broker must respond the same to every step.

Statuses, matrix rows and counts, decisions, types of notices, and the pacts selected for verification with their flags
are compared; wording, order, dates and links are not.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest

from tests.broker.history_cover import find_cover
from tests.broker.payloads import pact, path, publication
from tests.thoroughness import THOROUGH

Step = dict[str, Any]
LINES = Path(__file__).with_name("histories.jsonl").read_text().splitlines()
HISTORIES = [json.loads(line) for line in LINES]
PLAYED = HISTORIES if THOROUGH else find_cover(HISTORIES)


@pytest.mark.parametrize("history", PLAYED, ids=lambda history: f"history-{history['history']}")
async def test_history(history: dict[str, Any], official_broker: httpx.AsyncClient) -> None:
    """Every step has the recorded outcome."""
    for number, step in enumerate(history["steps"]):
        outcome = await STEPS[step["step"].get("do") or step["step"]["ask"]](official_broker, step["step"])
        assert outcome == step["outcome"], f"step {number}: {step['step']}"


def test_all_histories_are_present() -> None:
    """The file has all 60 histories with all their steps."""
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
    """Publish a result, as a verifier does that read the pact by its version."""
    read = await broker.get(
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
    if read.is_error:
        return ["no pact", read.status_code]
    provider, version = step["provider"], step["provider_version"]
    if step["branch"]:
        await broker.put(
            path("pacticipants", provider, "branches", step["branch"], "versions", version), json={}
        )
    for tag in step["tags"]:
        await broker.put(path("pacticipants", provider, "versions", version, "tags", tag), json={})
    link = read.json()["_links"]["pb:publish-verification-results"]["href"]
    result = {"success": step["success"], "providerApplicationVersion": version}
    return (await broker.post(link, json=result)).status_code


async def tag(broker: httpx.AsyncClient, step: Step) -> int:
    """Tag a version."""
    url_path = path("pacticipants", step["pacticipant"], "versions", step["version"], "tags", step["tag"])
    return (await broker.put(url_path, json={})).status_code


async def put_on_branch(broker: httpx.AsyncClient, step: Step) -> int:
    """Put a version on a branch."""
    url_path = path(
        "pacticipants", step["pacticipant"], "branches", step["branch"], "versions", step["version"]
    )
    return (await broker.put(url_path, json={})).status_code


async def environment(broker: httpx.AsyncClient, name: str) -> str:
    """Return the UUID of an environment."""
    environments = (await broker.get("/environments", params={"name": name})).json()
    uuid: str = environments["_embedded"]["environments"][0]["uuid"]
    return uuid


async def record(broker: httpx.AsyncClient, step: Step) -> int:
    """Record a deployment or a release."""
    kind = "deployed-versions" if step["do"] == "deploy" else "released-versions"
    environment_uuid = await environment(broker, step["environment"])
    instance = {"applicationInstance": step["instance"]} if step.get("instance") else {}
    version = ("pacticipants", step["pacticipant"], "versions", step["version"])
    return (
        await broker.post(path(*version, kind, "environment", environment_uuid), json=instance)
    ).status_code


async def undeploy(broker: httpx.AsyncClient, step: Step) -> list[int]:
    """End the deployments of a pacticipant under an application instance."""
    environment_uuid = await environment(broker, step["environment"])
    current = await broker.get(
        path("environments", environment_uuid, "deployed-versions", "currently-deployed"),
        params={"pacticipant": step["pacticipant"]},
    )
    hrefs = [
        deployment["_links"]["self"]["href"]
        for deployment in current.json()["_embedded"]["deployedVersions"]
        if deployment.get("applicationInstance") == step["instance"]
    ]
    patch = {"Content-Type": "application/merge-patch+json"}
    responses = [
        await broker.patch(link, content=b'{"currentlyDeployed": false}', headers=patch) for link in hrefs
    ]
    return [response.status_code for response in responses]


async def query_matrix(broker: httpx.AsyncClient, step: Step) -> dict[str, Any]:
    """Query the matrix."""
    nested = [(f"q[][{key}]", value) for selector in step["selectors"] for key, value in selector.items()]
    nested += [
        (f"ignore[][{key}]", value) for selector in step.get("ignore", []) for key, value in selector.items()
    ]
    # httpx merges equal keys, which changes the selectors
    query = urlencode([*nested, *step["options"].items()])
    return _comparable_result(await broker.get(f"/matrix?{query}"))


async def query_can_i_deploy(broker: httpx.AsyncClient, step: Step) -> dict[str, Any]:
    """Query can-i-deploy for an environment."""
    keys = ("pacticipant", "version", "environment")
    return _comparable_result(await broker.get("/can-i-deploy", params={key: step[key] for key in keys}))


def _comparable_result(response: httpx.Response) -> dict[str, Any]:
    if response.is_error:
        return {"status": response.status_code}
    body = response.json()
    summary = body["summary"]
    counts = ("success", "failed", "unknown", "ignored")
    return {
        "status": response.status_code,
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


async def list_pacts_for_verification(broker: httpx.AsyncClient, step: Step) -> dict[str, Any]:
    """List the pacts a provider is to verify."""
    url_path = path("pacts", "provider", step["provider"], "for-verification")
    response = await broker.post(url_path, json=step["body"])
    if response.is_error:
        return {"status": response.status_code}
    entries = []
    for entry in response.json()["_embedded"]["pacts"]:
        properties = entry["verificationProperties"]
        whens = sorted({notice["when"] for notice in properties["notices"]})
        entries.append(
            [entry["_links"]["self"]["name"], properties.get("pending"), properties.get("wip"), whens]
        )
    return {"status": response.status_code, "pacts": sorted(entries, key=json.dumps)}


async def read_version(broker: httpx.AsyncClient, step: Step) -> dict[str, Any]:
    """Read a version."""
    response = await broker.get(path("pacticipants", step["pacticipant"], "versions", step["version"]))
    if response.is_error:
        return {"status": response.status_code}
    body = response.json()
    return {
        "status": response.status_code,
        "number": body["number"],
        "tags": sorted(tag["name"] for tag in body["_embedded"]["tags"]),
        "branches": sorted(branch["name"] for branch in body["_embedded"]["branchVersions"]),
    }


async def read_pacticipant(broker: httpx.AsyncClient, step: Step) -> dict[str, Any]:
    """Read a pacticipant."""
    response = await broker.get(path("pacticipants", step["pacticipant"]))
    body = response.json()
    return {"status": response.status_code, "name": body.get("name"), "mainBranch": body.get("mainBranch")}


async def pacticipant(broker: httpx.AsyncClient, step: Step) -> Any:
    """Create or read a pacticipant; both kinds of step have this name."""
    return await (create if "do" in step else read_pacticipant)(broker, step)


STEPS = {
    "pacticipant": pacticipant,
    "publish": publish,
    "verify": verify,
    "tag": tag,
    "branch": put_on_branch,
    "deploy": record,
    "release": record,
    "undeploy": undeploy,
    "matrix": query_matrix,
    "can-i-deploy": query_can_i_deploy,
    "for-verification": list_pacts_for_verification,
    "version": read_version,
}
