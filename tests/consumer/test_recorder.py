"""A recording is refused when the client does something else than its expectation says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import httpx
import pytest
from pydantic import BaseModel

from consumer_tests.contract import (
    ConsumerContract,
    error_response,
    expected_error,
    get,
    no_content,
    ok,
    provider_state,
)
from consumer_tests.interaction import (
    CredentialSpec,
    ExpectedError,
    HttpInteraction,
    ProviderState,
    Request,
    Response,
)
from consumer_tests.recorder import InteractionMismatchError, record_interaction
from orchestrator.resilience.policy import NO_RETRY
from orchestrator.vendors.errors import ErrorDetails, NotFound, RateLimited
from orchestrator.vendors.http_client import VendorHttpClient, VendorRequest


class Room(BaseModel):
    """What the client reads."""

    number: str


class Rooms:
    """A client of a vendor with one operation."""

    def __init__(self, url: str, http: httpx.AsyncClient) -> None:
        self._transport = VendorHttpClient(
            vendor="rooms", base_url=url, http=http, policy=NO_RETRY, parse_error=lambda _: ErrorDetails()
        )

    async def room(self, number: str, path: str = "/rooms/") -> Room:
        """One room."""
        headers = {"Authorization": "Bearer of-the-client"}
        call = VendorRequest(operation="room", method="GET", path=path + number, headers=headers)
        return self._transport.parse_json(Room, await self._transport.send(call))


BEARER = CredentialSpec(
    "Authorization", "Bearer ${token}", r"^Bearer \S+$", "Bearer example", ProviderState("an access token")
)
CONTRACT = ConsumerContract("rooms", client=Rooms, credential=BEARER)
CONTRACT.add_interaction(
    "a room by its number",
    given=provider_state("a room", number="12"),
    invoke=lambda rooms: rooms.room("12"),
    request=get("/rooms/12"),
    response=ok(Room, {"number": "12"}),
)
(A_ROOM,) = CONTRACT.expectations


async def played(expectation: HttpInteraction) -> dict[str, Any]:
    """The recorded interaction."""
    async with httpx.AsyncClient() as http:
        return await record_interaction(CONTRACT, expectation, http)


async def test_an_expectation_that_is_met_becomes_an_interaction() -> None:
    """The interaction holds states, request, credential generator, answer and matchers, and no real credential."""
    interaction = await played(A_ROOM)

    assert interaction["providerStates"] == [
        {"name": "an access token"},
        {"name": "a room", "params": {"number": "12"}},
    ]
    assert interaction["request"]["headers"] == {"Authorization": ["Bearer example"]}
    assert interaction["request"]["generators"]["header"]["Authorization"]["expression"] == "Bearer ${token}"
    assert interaction["response"]["body"]["content"] == {"number": "12"}
    assert interaction["response"]["matchingRules"]["body"]["$.number"]["matchers"] == [{"match": "type"}]
    assert "of-the-client" not in str(interaction)


@pytest.mark.parametrize(
    ("part", "value", "message"),
    [
        ("request", get("/rooms/13"), "the request is not the expected one"),
        ("request", Request("POST", "/rooms/12"), "the request is not the expected one"),
        ("request", get("/rooms/12", {"expand": "beds"}), "the request is not the expected one"),
        ("invoke", lambda rooms: rooms.room("12", path="/room/"), "the request is not the expected one"),
        ("returns", Room(number="13"), "the client made Room"),
        ("response", error_response(404), "the client raised NotFound"),
        ("response", no_content(), "the client raised InvalidVendorResponse"),
        ("raises", ExpectedError(NotFound), "NotFound expected, the client gave Room"),
    ],
)
async def test_mismatching_client_stops_recording(part: str, value: Any, message: str) -> None:
    """Another request, another result, or an error that was not expected each stop the recording."""
    expectation = replace(A_ROOM, **{part: value})

    with pytest.raises(InteractionMismatchError, match=message):
        await played(expectation)


async def test_the_data_of_an_error_is_checked() -> None:
    """A failure is told apart by its data too."""
    response = Response(429, headers={"Retry-After": ("2", r"^\d+$")})

    await played(replace(A_ROOM, response=response, raises=expected_error(RateLimited, retry_after=2.0)))
    with pytest.raises(InteractionMismatchError, match=r"retry_after=3\.0 expected, the error has 2\.0"):
        await played(replace(A_ROOM, response=response, raises=expected_error(RateLimited, retry_after=3.0)))


async def test_the_credential_that_was_really_sent_is_looked_at() -> None:
    """An expectation can hold the sent credential to more than a pattern."""
    seen: list[str] = []
    look: Callable[[str], None] = seen.append

    await played(replace(A_ROOM, credential=replace(BEARER, verify=look)))

    assert seen == ["Bearer of-the-client"]
