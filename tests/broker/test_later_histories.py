"""A second kind of histories recorded from the official Pact Broker: with deletions, and results published for selected pacts.

They also read the lists of pacts, provider states, heads of branches and what is deployed. Compared as in `test_histories`.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import httpx
import pytest

from tests.broker import test_histories as first_kind
from tests.broker.history_cover import find_cover
from tests.broker.payloads import pact, path, publication
from tests.thoroughness import THOROUGH

Step = dict[str, Any]
LINES = Path(__file__).with_name("later_histories.jsonl").read_text().splitlines()
HISTORIES = [json.loads(line) for line in LINES]
PLAYED = HISTORIES if THOROUGH else find_cover(HISTORIES)


@pytest.mark.parametrize("history", PLAYED, ids=lambda history: f"history-{history['history']}")
async def test_history(history: dict[str, Any], official_broker: httpx.AsyncClient) -> None:
    """Every step has the recorded outcome."""
    for number, step in enumerate(history["steps"]):
        kind = step["step"].get("do") or f"ask {step['step']['ask']}"
        outcome = await STEPS[kind](official_broker, step["step"])
        assert outcome == step["outcome"], f"step {number}: {step['step']}"


def test_all_histories_are_present() -> None:
    """The file has all 40 histories with all their steps."""
    assert (len(HISTORIES), sum(len(history["steps"]) for history in HISTORIES)) == (40, 2938)


def document(step: Step) -> dict[str, Any]:
    """Return the pact of a step."""
    body = pact(step["consumer"], step["provider"], f"d{step['content']}")
    body["interactions"][0]["providerState"] = f"s{step['content'] % 2}"
    return body


async def publish(broker: httpx.AsyncClient, step: Step) -> int:
    """Publish a content as a version's pact."""
    branch = {"branch": step["branch"]} if step["branch"] else {}
    body = publication(step["version"], document(step), tags=step["tags"], **branch)
    return (await broker.post("/contracts/publish", json=body)).status_code


def pact_path(step: Step) -> str:
    """Return the path of the pact of a step's consumer version."""
    return path(
        "pacts", "provider", step["provider"], "consumer", step["consumer"], "version", step["version"]
    )


async def put_pact(broker: httpx.AsyncClient, step: Step) -> int:
    """Store a content as a version's pact by PUT."""
    return (await broker.put(pact_path(step), json=document(step))).status_code


async def delete_pact(broker: httpx.AsyncClient, step: Step) -> int:
    """Delete the pact of a version."""
    return (await broker.delete(pact_path(step))).status_code


async def verify_selected(broker: httpx.AsyncClient, step: Step) -> list[Any]:
    """Publish a result for one of the pacts for verification, through its links as a verifier does."""
    selection = path("pacts", "provider", step["provider"], "for-verification")
    response = await broker.post(selection, json=step["body"])
    if response.is_error:
        return ["no list", response.status_code]
    selected = sorted(response.json()["_embedded"]["pacts"], key=lambda item: item["_links"]["self"]["name"])
    if not selected:
        return ["nothing to verify"]
    item = selected[step["pick"] % len(selected)]
    link, properties = item["_links"]["self"], item["verificationProperties"]
    body = (await broker.get(link["href"])).json()
    provider, number = ("pacticipants", step["provider"]), step["provider_version"]
    if step["branch"]:
        await broker.put(path(*provider, "branches", step["branch"], "versions", number), json={})
    for tag in step["tags"]:
        await broker.put(path(*provider, "versions", number, "tags", tag), json={})
    result = {"success": step["success"], "providerApplicationVersion": number}
    published = await broker.post(body["_links"]["pb:publish-verification-results"]["href"], json=result)
    return [link["name"], properties.get("pending"), properties.get("wip"), published.status_code]


async def delete(broker: httpx.AsyncClient, step: Step) -> int:
    """Delete a pacticipant, a version, a tag of a version, a branch, or a version on a branch."""
    pacticipant = ("pacticipants", step["pacticipant"])
    segments: tuple[str, ...]
    if step["do"] == "delete-branch":
        segments = (*pacticipant, "branches", step["branch"])
    elif step["do"] == "delete-branch-version":
        segments = (*pacticipant, "branches", step["branch"], "versions", step["version"])
    else:
        version = (*pacticipant, "versions", step["version"]) if "version" in step else pacticipant
        segments = (*version, "tags", step["tag"]) if step["do"] == "untag" else version
    return (await broker.delete(path(*segments))).status_code


async def set_main_branch(broker: httpx.AsyncClient, step: Step) -> int:
    """Change the main branch of a pacticipant."""
    response = await broker.patch(
        path("pacticipants", step["pacticipant"]),
        content=json.dumps({"mainBranch": step["main_branch"]}),
        headers={"Content-Type": "application/merge-patch+json"},
    )
    return response.status_code


async def end_support(broker: httpx.AsyncClient, step: Step) -> list[int]:
    """End the support of the releases of a version."""
    environment = await first_kind.environment(broker, step["environment"])
    current = await broker.get(
        path("environments", environment, "released-versions", "currently-supported"),
        params={"pacticipant": step["pacticipant"], "version": step["version"]},
    )
    hrefs = [item["_links"]["self"]["href"] for item in current.json()["_embedded"]["releasedVersions"]]
    headers = {"Content-Type": "application/merge-patch+json"}
    return [
        (await broker.patch(href, content=b'{"currentlySupported": false}', headers=headers)).status_code
        for href in hrefs
    ]


async def read(broker: httpx.AsyncClient, step: Step) -> dict[str, Any]:
    """Read a resource and return the facts that are compared."""
    url_path = step.get("path") or path("pacticipants", step["pacticipant"], step["ask"])
    response = await broker.get(url_path)
    if response.is_error:
        return {"status": response.status_code}
    return {"status": response.status_code, **FACTS[step["ask"]](response.json())}


def _pact_facts(body: dict[str, Any]) -> dict[str, Any]:
    return {"pact": [body["_links"]["pb:consumer-version"]["name"], body["interactions"][0]["description"]]}


def _list_facts(body: dict[str, Any]) -> dict[str, Any]:
    hrefs = [link["href"] for link in body["_links"]["pb:pacts"]]
    return {"pacts": sorted(unquote(href.split("/pacts/", 1)[1]) for href in hrefs)}


def _pair_facts(body: dict[str, Any]) -> dict[str, Any]:
    return {
        "versions": [item["_embedded"]["consumerVersion"]["number"] for item in body["_embedded"]["pacts"]]
    }


def _versions_facts(body: dict[str, Any]) -> dict[str, Any]:
    return {
        "versions": [
            [
                version["number"],
                sorted(branch["name"] for branch in version["_embedded"]["branchVersions"]),
                sorted(tag["name"] for tag in version["_embedded"]["tags"]),
            ]
            for version in body["_embedded"]["versions"]
        ]
    }


FACTS: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "pact": _pact_facts,
    "pacts": _list_facts,
    "pair": _pair_facts,
    "result": lambda body: {
        key: body[key] for key in ("success", "providerApplicationVersion", "providerName")
    },
    "versions": _versions_facts,
    "branches": lambda body: {"branches": sorted(item["name"] for item in body["_embedded"]["branches"])},
    "latest-version": lambda body: {"number": body["number"]},
}


async def read_environment(broker: httpx.AsyncClient, step: Step) -> dict[str, Any]:
    """Read what is currently deployed or released."""
    kind, list_name, key = {
        "deployed": ("deployed-versions", "currently-deployed", "deployedVersions"),
        "released": ("released-versions", "currently-supported", "releasedVersions"),
    }[step["ask"]]
    environment = await first_kind.environment(broker, step["environment"])
    response = await broker.get(
        path("environments", environment, kind, list_name), params={"pacticipant": step["pacticipant"]}
    )
    versions = [
        [item["_embedded"]["version"]["number"], item.get("applicationInstance")]
        for item in response.json()["_embedded"][key]
    ]
    return {"status": response.status_code, "versions": sorted(versions, key=json.dumps)}


async def read_provider_states(broker: httpx.AsyncClient, step: Step) -> dict[str, Any]:
    """Read the provider states of the consumers' main branches."""
    response = await broker.get(path("pacts", "provider", step["provider"], "provider-states"))
    if response.is_error:
        return {"status": response.status_code}
    states = response.json()["providerStates"]
    return {
        "status": response.status_code,
        "states": [[state["name"], sorted(state["consumers"])] for state in states],
    }


STEPS = {
    "pacticipant": first_kind.create,
    "publish": publish,
    "put-pact": put_pact,
    "delete-pact": delete_pact,
    "verify": first_kind.verify,
    "verify-selected": verify_selected,
    "tag": first_kind.tag,
    "branch": first_kind.put_on_branch,
    "untag": delete,
    "delete-branch": delete,
    "delete-branch-version": delete,
    "delete-version": delete,
    "delete-pacticipant": delete,
    "main-branch": set_main_branch,
    "deploy": first_kind.record,
    "release": first_kind.record,
    "end-support": end_support,
    "ask matrix": first_kind.query_matrix,
    "ask for-verification": first_kind.list_pacts_for_verification,
    **{f"ask {kind}": read for kind in FACTS},
    "ask deployed": read_environment,
    "ask released": read_environment,
    "ask provider-states": read_provider_states,
}
