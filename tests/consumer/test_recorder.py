"""An interaction is recorded only if the client matches it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
import typer
from pydantic import BaseModel

from consumer_tests import __main__ as command
from consumer_tests.contract import (
    ConsumerContract,
    error_response,
    expected_error,
    get,
    no_content,
    ok,
    post,
    provider_state,
)
from consumer_tests.discovery import load_contract
from consumer_tests.interaction import (
    CredentialSpec,
    ExpectedError,
    HttpInteraction,
    ProviderState,
    Request,
    Response,
)
from consumer_tests.pact_files import RecordedPact, RecordingError
from consumer_tests.recorder import InteractionMismatchError, record_interaction
from orchestrator.resilience.policy import CallPolicy
from orchestrator.vendors.errors import ErrorDetails, NotFound, RateLimited
from orchestrator.vendors.http_client import VendorHttpClient, VendorRequest
from tests.conftest import REPOSITORY


class Room(BaseModel):
    """The model that the client parses."""

    number: str


class RoomsClient:
    """A client with one operation."""

    def __init__(self, url: str, http: httpx.AsyncClient, policy: CallPolicy) -> None:
        self._client = VendorHttpClient(
            vendor="rooms", base_url=url, http=http, policy=policy, parse_error=lambda _: ErrorDetails()
        )

    async def get_room(self, number: str, path: str = "/rooms/") -> Room:
        """Return a room."""
        headers = {"Authorization": "Bearer of-the-client"}
        request = VendorRequest(operation="room", method="GET", path=path + number, headers=headers)
        return self._client.parse_json(Room, await self._client.send(request))

    async def send(self, method: str, path: str, body: Any) -> None:
        """Send any request."""
        path, _, query = path.partition("?")
        parameters = dict(httpx.QueryParams(query))
        request = VendorRequest(
            operation="room",
            method=method,
            path=path,
            query=parameters,
            headers={"Authorization": "Bearer of-the-client"},
            json=body,
        )
        await self._client.send(request)


BEARER = CredentialSpec(
    "Authorization", "Bearer ${token}", r"^Bearer \S+$", "Bearer example", ProviderState("an access token")
)
CONTRACT = ConsumerContract("rooms", client=RoomsClient, credential=BEARER)
CONTRACT.add_interaction(
    "a room by its number",
    given=provider_state("a room", number="12"),
    invoke=lambda rooms: rooms.get_room("12"),
    request=get("/rooms/12"),
    response=ok(Room, {"number": "12"}),
)
(ROOM_BY_NUMBER,) = CONTRACT.interactions


async def record(interaction: HttpInteraction) -> dict[str, Any]:
    """Record an interaction."""
    async with httpx.AsyncClient() as http:
        return await record_interaction(CONTRACT, interaction, http)


async def test_matching_interaction_is_recorded() -> None:
    """It contains states, request, credential generator, response and matchers, and no real credential."""
    recorded = await record(ROOM_BY_NUMBER)

    assert recorded["providerStates"] == [
        {"name": "an access token"},
        {"name": "a room", "params": {"number": "12"}},
    ]
    assert recorded["request"]["headers"] == {"Authorization": ["Bearer example"]}
    assert recorded["request"]["generators"]["header"]["Authorization"]["expression"] == "Bearer ${token}"
    assert recorded["response"]["body"]["content"] == {"number": "12"}
    assert recorded["response"]["matchingRules"]["body"]["$.number"]["matchers"] == [{"match": "equality"}]
    assert "of-the-client" not in str(recorded)


@pytest.mark.parametrize(
    ("part", "value", "message"),
    [
        ("request", get("/rooms/13"), "the request does not match"),
        ("request", Request("POST", "/rooms/12"), "the request does not match"),
        ("request", get("/rooms/12", {"expand": "beds"}), "the request does not match"),
        ("invoke", lambda rooms: rooms.get_room("12", path="/room/"), "the request does not match"),
        ("returns", Room(number="13"), "the client returned Room"),
        ("response", error_response(404), "the client raised NotFound"),
        ("response", no_content(), "the client raised InvalidVendorResponse"),
        ("raises", ExpectedError(NotFound), "NotFound expected, the client returned Room"),
    ],
)
async def test_mismatching_client_stops_recording(part: str, value: Any, message: str) -> None:
    """Another request, another result and an unexpected error each stop the recording."""
    interaction = replace(ROOM_BY_NUMBER, **{part: value})

    with pytest.raises(InteractionMismatchError, match=message):
        await record(interaction)


@pytest.mark.parametrize(
    ("expected", "sent", "differences"),
    [
        (get("/rooms/12"), ("GET", "/room/12", None), ["path: /room/12 instead of /rooms/12"]),
        (get("/rooms/12"), ("PUT", "/rooms/12", None), ["method: PUT instead of GET"]),
        (
            get("/rooms/12", {"expand": "beds"}),
            ("GET", "/rooms/12?page=1", None),
            ['query.expand: nothing instead of "beds"', 'query.page: "1" instead of nothing'],
        ),
        (
            post("/rooms", {"beds": [{"size": 2}], "sea": True}),
            ("POST", "/rooms", {"beds": [{"size": 1}], "lake": None}),
            [
                "body.beds[0].size: 1 instead of 2",
                "body.lake: null instead of nothing",
                "body.sea: nothing instead of true",
            ],
        ),
        (post("/rooms"), ("POST", "/room", [1]), ["path: /room instead of /rooms"]),
        (
            post("/rooms", [1]),
            ("POST", "/rooms", None),
            ["body: nothing instead of [1]", "Expected a header 'Content-Type' but was missing"],
        ),
        (post("/rooms", 1), ("POST", "/rooms", True), ["body: true instead of 1"]),
        (
            post("/rooms", {"id": "r-1"}, matching_rules={"$.id": "^r-[0-9]$"}),
            ("POST", "/room", {"id": "r-2"}),
            ["path: /room instead of /rooms"],
        ),
        (
            get("/rooms/12", headers={"X-Hotel": "MUC"}),
            ("GET", "/rooms/12", None),
            ["Expected a header 'X-Hotel' but was missing"],
        ),
    ],
    ids=[
        "path",
        "method",
        "query",
        "body",
        "any body",
        "no body",
        "type",
        "body that matches by its rule",
        "header",
    ],
)
async def test_differences_of_the_sent_request_are_named(
    expected: Request, sent: tuple[str, str, Any], differences: list[str]
) -> None:
    """The message has the operation, the line of the expectation, both requests and each difference, and no more."""

    async def invoke(rooms: RoomsClient) -> None:
        await rooms.send(*sent)

    with pytest.raises(InteractionMismatchError) as caught:
        await record(replace(ROOM_BY_NUMBER, request=expected, invoke=invoke))

    title, expected_line, sent_line, *rest = str(caught.value).splitlines()
    assert title.startswith(f"'a room by its number' [{expected.method} {expected.path}] at tests/consumer/")
    assert title.endswith("the request does not match")
    assert expected_line.startswith(f"expected: {expected.method} {expected.path}")
    assert sent_line == f"sent:     {sent[0]} {sent[1]}"
    assert [line.strip().removeprefix("Header mismatch: ") for line in rest] == differences
    assert "500" not in str(caught.value)


async def test_operation_and_line_of_the_expectation_are_named() -> None:
    """The operationId is that of the vendor's schemas, the line that of the call of `add_interaction`."""
    interaction = load_contract("tts").interactions[0]

    file, _, line = interaction.source.partition(":")

    statement = (REPOSITORY / file).read_text().splitlines()[int(line) - 1 :]
    assert "contract.add_interaction(" in statement[0]
    assert interaction.description in statement[1]
    request = interaction.request
    assert re.search(rf"\[{request.method} {re.escape(request.path)}, \w+\]", interaction.title)


async def test_client_without_the_method_does_not_match() -> None:
    """A renamed method is a mismatch like any other, and no request was sent."""
    with pytest.raises(InteractionMismatchError) as caught:
        await record(replace(ROOM_BY_NUMBER, invoke=lambda rooms: rooms.get_suite("12")))

    assert "the client raised AttributeError(" in str(caught.value)
    assert "sent:     no request" in str(caught.value)


async def test_error_attributes_are_checked() -> None:
    """An error of the right class with other attributes does not match."""
    response = Response(429, headers={"Retry-After": ("2", r"^\d+$")})

    await record(
        replace(ROOM_BY_NUMBER, response=response, raises=expected_error(RateLimited, retry_after=2.0))
    )
    with pytest.raises(InteractionMismatchError, match=r"retry_after=3\.0 expected, the error has 2\.0"):
        await record(
            replace(ROOM_BY_NUMBER, response=response, raises=expected_error(RateLimited, retry_after=3.0))
        )


@pytest.mark.parametrize(
    ("params", "rules"),
    [({"retry_after": 2}, None), ({"retry_after": 3}, [{"match": "regex", "regex": r"^\d+$"}])],
)
async def test_header_that_the_state_names_is_demanded_by_value(
    params: dict[str, int], rules: list[dict[str, str]] | None
) -> None:
    """Any other header is demanded by its pattern."""
    response = Response(429, headers={"Retry-After": ("2", r"^\d+$")})
    raises = expected_error(RateLimited, retry_after=2.0)
    given = (provider_state("the rate limit reached", **params),)

    recorded = await record(replace(ROOM_BY_NUMBER, given=given, response=response, raises=raises))

    header_rules = recorded["response"].get("matchingRules", {}).get("header", {})
    assert header_rules.get("Retry-After", {}).get("matchers") == rules


async def test_sent_credential_is_verified() -> None:
    """An interaction can check the sent credential beyond its pattern."""
    verified: list[str] = []
    verify: Callable[[str], None] = verified.append

    await record(replace(ROOM_BY_NUMBER, credential=replace(BEARER, verify=verify)))

    assert verified == ["Bearer of-the-client"]


def test_vendor_whose_client_does_not_match_is_named_and_the_others_are_recorded(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The command goes on with the next vendor, and its exit code is 1."""

    def record_pacts(vendors: list[str], folder: Path) -> Iterator[RecordedPact]:
        [vendor] = vendors
        if vendor == "tts":
            raise RecordingError("1. a voice: the request does not match")
        yield RecordedPact(vendor, 3, folder / f"{vendor}.json")

    monkeypatch.setattr(command, "record_pacts", record_pacts)

    with pytest.raises(typer.Exit) as failed:
        command.main(["tts", "vault"], Path("pacts"))

    assert failed.value.exit_code == 1
    assert [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()] == [
        "✗ no pact file was written for tts:",
        "1. a voice: the request does not match",
        "Next: fix the client or the expectation",
        "✓ vault 3 interactions pacts/vault.json",
    ]
