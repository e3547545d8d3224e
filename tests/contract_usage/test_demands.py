"""What the pacts demand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from contract_usage.demands import Interaction, read_demands
from contract_usage.exchanges import Exchange


def write_pact(folder: Path, *interactions: dict[str, Any]) -> None:
    """Write a pact of the vendor Mews."""
    pact = {"provider": {"name": "mews"}, "interactions": interactions}
    (folder / "consumer-mews.json").write_text(json.dumps(pact))


def http(description: str, **body: Any) -> dict[str, Any]:
    """Return an interaction of an operation that Mews's schemas contain."""
    return {
        "type": "Synchronous/HTTP",
        "description": description,
        "request": {"method": "POST", "path": "/api/connector/v1/configuration/get"},
        "response": {"status": 200, "body": body} if body else {"status": 204},
    }


def test_interactions_of_an_exchange(tmp_path: Path) -> None:
    """Interactions of one operation and status stay apart; a response without a body demands no field."""
    write_pact(
        tmp_path,
        http("one", contentType="application/json", content={"Id": "x"}),
        http("two", contentType="application/json;charset=utf-8", content={"Name": "x"}),
        http("three"),
    )

    assert read_demands(tmp_path) == {
        Exchange("mews", "getConfiguration", 200): [
            Interaction("one", frozenset({"$.Id"})),
            Interaction("two", frozenset({"$.Name"})),
        ],
        Exchange("mews", "getConfiguration", 204): [Interaction("three", frozenset())],
    }


def test_headers(tmp_path: Path) -> None:
    """The headers of a response are demanded, except the content type, which Pact adds to each body."""
    limit = http("limit", contentType="application/json", content={"Message": "x"})
    limit["response"]["headers"] = {"Retry-After": ["7"], "Content-Type": ["application/json"]}
    write_pact(tmp_path, limit)

    [[interaction]] = read_demands(tmp_path).values()

    assert interaction.paths == {"$.Message", "header retry-after"}


def test_audio(tmp_path: Path) -> None:
    """A body that is not JSON has no fields."""
    write_pact(tmp_path, http("audio", contentType="audio/mpeg", content="SUQz", encoded="base64"))

    [[interaction]] = read_demands(tmp_path).values()

    assert interaction.paths == frozenset()


def test_stream(tmp_path: Path) -> None:
    """Each line of a stream of JSON documents counts."""
    write_pact(tmp_path, http("lines", contentType="application/x-ndjson", content='{"a": 1}\n{"b": 1}\n'))

    [[interaction]] = read_demands(tmp_path).values()

    assert interaction.paths == {"$.a", "$.b"}


def test_pacts_of_the_project() -> None:
    """The schemas know every operation; messages are told apart by their kind."""
    demands = read_demands()

    assert {exchange.vendor for exchange in demands} == {"apaleo", "livekit", "mews", "tts", "vault"}
    assert [exchange for exchange in demands if "/" in exchange.operation] == []
    assert Exchange("livekit", "message room_finished", 0) in demands
    assert Exchange("apaleo", "message Booking", 0) in demands
    [created] = [
        item for item in demands[Exchange("apaleo", "createBooking", 201)] if "again" not in item.description
    ]
    assert created.paths == {"$.reservationIds[*].id"}
