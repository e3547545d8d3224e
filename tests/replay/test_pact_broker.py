"""The embedded broker answers a recorded session with the official Pact Broker alike, except where it is meant to differ."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from broker.app import create_app
from broker.database import Database
from broker.domain.webhook_rules import WebhookRules, parse_host_rule
from broker.settings import OFFICIAL, Settings
from broker.webhooks.settings import WebhookSettings
from tests.replay.pact_broker_deviations import DEVIATIONS, NOT_SENT, OPTIONAL_KEYS, SENT_BODIES, WORDING

pytestmark = pytest.mark.recordings

EXCHANGES = 473
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
BEFORE_IDENTIFIER = {"metadata", "verification-results", "webhooks", "triggered-webhooks"}
"""The segments before an identifier that is no UUID: metadata of pacts, numbers of results, ids of webhooks."""


class Translation:
    """The identifiers of the recording and those of the broker under test, learned from their responses."""

    def __init__(self) -> None:
        self._segments: dict[str, str] = {}

    def path(self, recorded: str) -> str:
        """Return a recorded path with the broker's identifiers."""
        path, mark, query = recorded.partition("?")
        parts = path.split("/")
        known = [
            self._segments.get(part, part) if UUID.fullmatch(part) or before in BEFORE_IDENTIFIER else part
            for before, part in zip(["", *parts], parts, strict=False)
        ]
        return "/".join(known) + mark + query

    def learn(self, recorded: Any, actual: Any) -> None:
        """Learn from two values at the same place."""
        if isinstance(recorded, dict) and isinstance(actual, dict):
            for key in recorded.keys() & actual.keys():
                self.learn(recorded[key], actual[key])
        elif isinstance(recorded, list) and isinstance(actual, list):
            for pair in zip(recorded, actual, strict=False):
                self.learn(*pair)
        elif isinstance(recorded, str) and isinstance(actual, str):
            self._learn_text(recorded, actual)

    def _learn_text(self, recorded: str, actual: str) -> None:
        old, new = urlsplit(recorded).path.split("/"), urlsplit(actual).path.split("/")
        differing = [pair for pair in zip(old, new, strict=False) if pair[0] != pair[1]]
        # one identifier at a time: two URLs that differ in more are different resources
        if len(old) != len(new) or len(differing) != 1:
            return
        recorded_id, actual_id = differing[0]
        if UUID.fullmatch(recorded_id) or old[old.index(recorded_id) - 1] in BEFORE_IDENTIFIER:
            self._segments[recorded_id] = actual_id


def identify(exchange: dict[str, Any]) -> str:
    """Return the number and name of an exchange."""
    return f"{exchange['n']} {exchange['name']}"


def find_differences(recorded: Any, actual: Any, location: str = "") -> Iterator[str]:
    """Yield where keys, types or lengths of lists differ; more keys than recorded are no difference."""
    if type(recorded) is not type(actual):
        yield f"{location}: {recorded!r} is {actual!r}"
    elif isinstance(recorded, dict):
        for key, value in recorded.items():
            if key in OPTIONAL_KEYS:
                continue
            if key in actual:
                yield from find_differences(value, actual[key], f"{location}/{key}")
            else:
                yield f"{location}/{key} is missing"
    elif isinstance(recorded, list):
        # how many texts explain something is wording
        if len(recorded) != len(actual) and not location.endswith(WORDING):
            yield f"{location}: {len(recorded)} items are {len(actual)}"
        for number, pair in enumerate(zip(recorded, actual, strict=False)):
            yield from find_differences(*pair, f"{location}/{number}")


def compare(exchange: dict[str, Any], response: httpx.Response) -> list[str]:
    """Return how a response differs from the recorded one; of HTML, text and empty bodies only the status is compared."""
    recorded = exchange["response"]
    if response.status_code != recorded["status"]:
        return [f"status {recorded['status']} is {response.status_code}"]
    body = recorded["body"]
    if body is None or "html" in body or "text" in body:
        return []
    return list(find_differences(body, response.json()))


async def play(recordings: Path) -> list[tuple[dict[str, Any], list[str]]]:
    """Send every recorded request to an empty broker, and return the exchanges with the differences."""
    database = Database(":memory:")
    # as the recorded broker was started; nothing is sent, because the worker does not run
    rules = WebhookRules(schemes=("http", "https"), hosts=(parse_host_rule("listener"),))
    transport = httpx.ASGITransport(create_app(database, Settings(rules=OFFICIAL), WebhookSettings(rules)))
    translation, results = Translation(), []
    lines = (recordings / "pact-broker/http.jsonl").read_text().splitlines()
    async with httpx.AsyncClient(transport=transport, base_url="http://broker") as client:
        # the recorded broker had no environments at first
        for environment in (await client.get("/environments")).json()["_embedded"]["environments"]:
            await client.delete(environment["_links"]["self"]["href"])
        for line in lines:
            exchange = json.loads(line)
            if identify(exchange) in NOT_SENT:
                continue
            exchange["request"]["body"] = SENT_BODIES.get(identify(exchange), exchange["request"]["body"])
            response = await send(client, exchange["request"], translation)
            recorded = exchange["response"]
            if (
                response.headers.get("content-type", "").endswith(("json", "utf-8"))
                and response.text[:1] == "{"
            ):
                translation.learn(recorded["body"], response.json())
            translation.learn(recorded["headers"].get("location"), response.headers.get("location"))
            results.append((exchange, compare(exchange, response)))
    database.close()
    return results


async def send(
    client: httpx.AsyncClient, request: dict[str, Any], translation: Translation
) -> httpx.Response:
    """Send a recorded request."""
    body = request["body"]
    if isinstance(body, dict) and {"username", "headers"} <= body.get("request", {}).keys():
        # two credentials are rejected: the official broker drops one of them silently
        body = {**body, "request": {**body["request"], "username": None, "password": None}}
    raw = isinstance(body, dict) and set(body) == {"raw"}
    content = None if body is None else body["raw"] if raw else json.dumps(body)
    # an absent Accept header must stay absent
    built = client.build_request(
        request["method"],
        "http://broker" + translation.path(request["path"]),
        content=content,
        headers=request["headers"],
    )
    if "Accept" not in request["headers"]:
        del built.headers["Accept"]
    return await client.send(built)


async def test_broker_answers_recorded_session(recordings: Path) -> None:
    """Status, keys, types and lengths of lists of every exchange are equal, except for the listed deviations."""
    results = await play(recordings)

    differing = {identify(exchange): differences for exchange, differences in results if differences}
    unexcused = {name: differences for name, differences in differing.items() if name not in DEVIATIONS}
    assert len(results) == EXCHANGES - len(NOT_SENT)
    assert unexcused == {}
    assert DEVIATIONS.keys() - differing.keys() == set(), "these deviations excuse no difference"
