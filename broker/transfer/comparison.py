"""Ask two brokers the same questions about one history, and name the answers that differ."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any
from urllib.parse import quote

from broker.domain.json_document import encode_json
from broker.transfer.connection import Connection, path
from broker.transfer.replay import LISTS

MATRIX_ROWS = 1000
"""The newest rows of each integration that are compared."""

MAX_DIFFERENCES = 20


async def find_differences(source: Connection, target: Connection) -> tuple[int, list[str]]:
    """Return the number of questions, and each whose answers differ; what only the target knows is not compared."""
    count = 0
    differences: list[str] = []
    async for question, answer in _answers(source):
        count += 1
        other = await _ask(target, question)
        if other != answer and len(differences) < MAX_DIFFERENCES:
            differences.append(_describe(question, answer, other))
    return count, differences


async def _answers(source: Connection) -> AsyncIterator[tuple[tuple[str, ...], Any]]:
    """Yield each question with the source's answer; the answers lead to further questions."""
    names = [item["name"] async for item in source.pages("/pacticipants", "pacticipants")]
    for name in names:
        for kind in ("pacticipant", "versions"):
            yield (kind, name), await _ask(source, (kind, name))
    for pact in (await source.get("/pacts/latest"))["pacts"]:
        pair = (pact["_embedded"]["consumer"]["name"], pact["_embedded"]["provider"]["name"])
        for kind in ("latest pact", "matrix"):
            yield (kind, *pair), await _ask(source, (kind, *pair))
    for environment in (await source.get("/environments"))["_embedded"]["environments"]:
        question = ("environment", environment["name"])
        current = await _ask(source, question)
        yield question, current
        for pacticipant, number, _ in [*current["deployed"], *current["released"]]:
            can_i_deploy = ("can-i-deploy", pacticipant, number, environment["name"])
            yield can_i_deploy, await _ask(source, can_i_deploy)


async def _ask(connection: Connection, question: tuple[str, ...]) -> Any:
    kind, *names = question
    return await QUESTIONS[kind](connection, *names)


async def _pacticipant(connection: Connection, name: str) -> Any:
    body = await connection.get(path("pacticipants", name), missing_ok=True)
    if body is None:
        return None
    labels = sorted(label["name"] for label in body["_embedded"].get("labels", []))
    fields = ("name", "displayName", "mainBranch", "repositoryUrl")
    return {"labels": labels, **{key: body.get(key) for key in fields}}


async def _versions(connection: Connection, name: str) -> list[Any]:
    """Return number, branches with whether the version is their head, and tags of each version, newest first."""
    target = path("pacticipants", name, "versions")
    return [
        [
            item["number"],
            sorted([branch["name"], branch["latest"]] for branch in item["_embedded"]["branchVersions"]),
            sorted(tag["name"] for tag in item["_embedded"]["tags"]),
        ]
        async for item in connection.pages(target, "versions")
    ]


async def _latest_pact(connection: Connection, consumer: str, provider: str) -> Any:
    target = path("pacts", "provider", provider, "consumer", consumer, "latest")
    body = await connection.get(target, missing_ok=True)
    return body and {
        # the last segment is the version's number, still encoded
        "version": body["_links"]["self"]["href"].rpartition("/")[2],
        "content": body["_links"]["pb:pact-version"]["href"].rpartition("/")[2],
    }


async def _matrix(connection: Connection, consumer: str, provider: str) -> list[Any]:
    query = f"q[][pacticipant]={quote(consumer, safe='')}&q[][pacticipant]={quote(provider, safe='')}"
    body = await connection.get(f"/matrix?{query}&latestby=cvpv&limit={MATRIX_ROWS}&rules=official")
    rows = []
    for row in body["matrix"]:
        version, result = row["provider"]["version"], row["verificationResult"]
        rows.append(
            [
                row["consumer"]["version"]["number"],
                version and version["number"],
                result and result["success"],
            ]
        )
    return sorted(rows, key=encode_json)


async def _environment(connection: Connection, name: str) -> dict[str, Any]:
    environments = (await connection.get("/environments"))["_embedded"]["environments"]
    environment: dict[str, Any] = next((item for item in environments if item["name"] == name), {})
    answer: dict[str, Any] = {
        "production": environment.get("production"),
        "deployed": [],
        "released": [],
    }
    for kind, (segment, _) in LISTS.items() if environment else ():
        target = path("environments", environment["uuid"], f"{kind}-versions", segment)
        answer[kind] = sorted(
            [
                [
                    item["_embedded"]["pacticipant"]["name"],
                    item["_embedded"]["version"]["number"],
                    item.get("applicationInstance"),
                ]
                for item in (await connection.get(target))["_embedded"][f"{kind}Versions"]
            ],
            key=encode_json,
        )
    return answer


async def _can_i_deploy(connection: Connection, pacticipant: str, number: str, environment: str) -> Any:
    query = "&".join(
        f"{key}={quote(value, safe='')}"
        for key, value in (("pacticipant", pacticipant), ("version", number), ("environment", environment))
    )
    # this broker's own rules are stricter than those of the official one, which ignores the parameter
    summary = (await connection.get(f"/can-i-deploy?{query}&rules=official"))["summary"]
    return {key: summary[key] for key in ("deployable", "success", "failed", "unknown")}


QUESTIONS: dict[str, Callable[..., Awaitable[Any]]] = {
    "pacticipant": _pacticipant,
    "versions": _versions,
    "latest pact": _latest_pact,
    "matrix": _matrix,
    "environment": _environment,
    "can-i-deploy": _can_i_deploy,
}


def _describe(question: tuple[str, ...], answer: Any, other: Any) -> str:
    if isinstance(answer, list) and isinstance(other, list):
        missing = [item for item in answer if item not in other]
        added = [item for item in other if item not in answer]
        detail = (
            f"missing {_shorten(missing)}, added {_shorten(added)}" if missing or added else "another order"
        )
        return f"{' '.join(question)}: {detail}"
    return f"{' '.join(question)}: {_shorten(answer)} became {_shorten(other)}"


def _shorten(value: Any) -> str:
    text = encode_json(value)
    return text if len(text) <= 200 else f"{text[:200]} …"
