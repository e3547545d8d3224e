"""The pacts in a stub: which interactions a request belongs to, and which messages a content is one of."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from provider_verification.stubs.engine.errors import ContractError
from provider_verification.stubs.engine.openapi import load_contract
from provider_verification.stubs.engine.pact_examples import Attribution, leaves
from provider_verification.stubs.engine.pact_index import PactIndex, decode_request
from provider_verification.stubs.engine.pact_messages import PactMessages

EXPAND = {"expand": ["booker,services"]}
GUEST = {"name": "Ada"}


def interaction(
    description: str, response: Any, rules: Mapping[str, Any] | None = None, **fields: Any
) -> dict[str, Any]:
    """Return an interaction that reads a reservation, or the one that the fields describe."""
    request = {"method": "GET", "path": "/booking/v1/reservations/A-1", "query": EXPAND, **fields}
    status = request.pop("status", 200)
    return {
        "description": description,
        "request": request,
        "response": {
            "status": status,
            "body": {"content": response},
            "matchingRules": {"body": rules or {}},
        },
    }


def message(description: str, content: Any, *fixed: str) -> dict[str, Any]:
    """Return a message in which some values have to be equal."""
    rules = {path: {"matchers": [{"match": "equality"}]} for path in fixed}
    return {
        "description": description,
        "contents": {"content": content},
        "matchingRules": {"body": {"$.id": {"matchers": [{"match": "type"}]}, **rules}},
    }


def write_pact(folder: Path, *interactions: Mapping[str, Any]) -> Path:
    """Write a pact with Apaleo; return the folder."""
    pact = {"provider": {"name": "apaleo"}, "interactions": interactions}
    (folder / "pact.json").write_text(json.dumps(pact))
    return folder


def index(folder: Path, *interactions: Mapping[str, Any]) -> PactIndex:
    """Return the index of a pact with these interactions."""
    return PactIndex("apaleo", load_contract("apaleo"), write_pact(folder, *interactions))


def attribute(pacts: PactIndex, response: Any, **fields: Any) -> Attribution:
    """Attribute a request that reads a reservation."""
    values = {"operation": "getReservation", "query": EXPAND, "request": None, "status": 200, **fields}
    return pacts.attribute(response=response, **values)


@pytest.mark.parametrize(
    "fields",
    [
        {"query": {}},
        {"query": {**EXPAND, "onlyOwed": ["true"]}},
        {"request": {"id": "1"}},
        {"status": 204},
    ],
)
def test_request_with_other_signature_has_a_nearest_interaction(
    tmp_path: Path, fields: Mapping[str, Any]
) -> None:
    """A different set of parameters, a body, or another status does not match."""
    pacts = index(tmp_path, interaction("a reservation", {"id": "1"}))

    assert attribute(pacts, {"id": "1"}, **fields) == Attribution(nearest="a reservation")


def test_names_of_parameters_and_members_decide(tmp_path: Path) -> None:
    """Their values do not: a suite reads other reservations than the pact."""
    pacts = index(tmp_path, interaction("a reservation", {"id": "1"}, query={"expand": ["booker"]}))

    assert attribute(pacts, {"id": "2"}) == Attribution(["a reservation"], ["a reservation"])


@pytest.mark.parametrize(
    ("response", "exercised"),
    [
        ({"id": "9", "guest": {"name": "Bo"}}, ["with a guest", "without a guest"]),
        ({"id": "9"}, ["without a guest"]),
        ({"id": "9", "guest": None}, ["without a guest"]),
        ({"id": "9", "guest": {}}, ["without a guest"]),
        ({"id": None, "guest": GUEST}, []),
        (None, []),
    ],
)
def test_response_without_a_demanded_member_exercises_nothing(
    tmp_path: Path, response: Any, exercised: list[str]
) -> None:
    """It is described by the interactions all the same."""
    pacts = index(
        tmp_path,
        interaction("with a guest", {"id": "1", "guest": GUEST}),
        interaction("without a guest", {"id": "1"}),
    )

    assert attribute(pacts, response) == Attribution(["with a guest", "without a guest"], exercised)


@pytest.mark.parametrize(("guests", "exercised"), [([GUEST, GUEST], ["some"]), ([], ["none"])])
def test_empty_list_differs_from_one_with_elements(
    tmp_path: Path, guests: list[Any], exercised: list[str]
) -> None:
    """The number of elements does not matter."""
    pacts = index(tmp_path, interaction("some", {"guests": [GUEST]}), interaction("none", {"guests": []}))

    assert attribute(pacts, {"guests": guests}).exercised == exercised


@pytest.mark.parametrize(
    ("status", "exercised"),
    [("InHouse", ["in the house"]), ("Confirmed", ["before"]), ("Canceled", ["before", "in the house"])],
)
def test_value_of_another_example_decides(tmp_path: Path, status: str, exercised: list[str]) -> None:
    """A value that is in none of the examples decides nothing: it may be an id or a name."""
    pacts = index(
        tmp_path,
        interaction("before", {"id": "1", "status": "Confirmed"}),
        interaction("in the house", {"id": "2", "status": "InHouse"}),
    )

    assert attribute(pacts, {"id": "3", "status": status}).exercised == exercised


def test_value_that_only_has_a_type_decides_nothing(tmp_path: Path) -> None:
    """Its example says nothing: a stub may number its bookings like another example."""
    by_type = {"$.ids[*].id": {"matchers": [{"match": "type"}]}, "$.texts": {"matchers": [{"match": "type"}]}}
    booked = {"ids": [{"id": "1"}], "texts": ["a"]}
    again = {"ids": [{"id": "2"}], "texts": ["b"]}
    pacts = index(tmp_path, interaction("booked", booked, by_type), interaction("again", again))

    assert attribute(pacts, again).exercised == ["booked", "again"]
    assert attribute(pacts, booked).exercised == ["booked", "again"]


@pytest.mark.parametrize(("scope", "exercised"), [("", ["all"]), ("offers.read", ["one scope"])])
def test_values_of_the_request_decide_too(tmp_path: Path, scope: str, exercised: list[str]) -> None:
    """Those of parameters, of JSON, and of a form."""
    token: dict[str, Any] = {"method": "POST", "path": "/connect/token", "query": {}}
    forms = {
        name: {"content": f"grant_type=client_credentials&scope={value}"}
        for name, value in {"all": "all", "one scope": "offers.read"}.items()
    }
    pacts = index(
        tmp_path,
        *(interaction(name, {"access_token": "a"}, **token, body=form) for name, form in forms.items()),
    )
    request = decode_request(b"grant_type=client_credentials&scope=" + (scope or "all").encode())

    attribution = pacts.attribute("token", {}, request, 200, {"access_token": "b"})

    assert attribution.exercised == exercised


def test_401_is_described_by_that_of_any_operation(tmp_path: Path) -> None:
    """One interaction covers rejected credentials for all operations, but only its own operation exercises it."""
    pacts = index(tmp_path, interaction("an expired token", None, status=401))

    other = pacts.attribute("listOffers", {}, None, 401, None)

    assert other == Attribution(["an expired token"])
    assert attribute(pacts, None, status=401) == Attribution(["an expired token"], ["an expired token"])


def test_operation_without_interactions_has_no_nearest(tmp_path: Path) -> None:
    """An operation that no pact contains has no nearest interaction."""
    pacts = index(tmp_path, interaction("a reservation", None))

    assert pacts.attribute("(unknown)", {}, None, 200, None) == Attribution()


@pytest.mark.parametrize("content", ["//uQZAAA", {"audio": "a line of a stream"}])
def test_members_of_audio_and_streams_are_not_known(tmp_path: Path, content: Any) -> None:
    """Of a response that is no JSON only the status counts; an empty one has no member."""
    pacts = index(tmp_path, interaction("speech", content))

    assert attribute(pacts, b"audio").exercised == ["speech"]
    assert attribute(pacts, iter([])).exercised == ["speech"]
    assert attribute(pacts, None).exercised == ([] if isinstance(content, dict) else ["speech"])


@pytest.mark.parametrize(
    ("body", "value"),
    [(b"", None), (b'{"a": 1}', {"a": 1}), (b"a=1", "a=1"), (b"[" * 100_000, "[" * 100_000)],
)
def test_request_is_json_or_a_form(body: bytes, value: Any) -> None:
    """What cannot be parsed, even if it is nested too deeply, is a text."""
    assert decode_request(body) == value


def test_deeply_nested_json_has_leaves() -> None:
    """A request may be nested more deeply than Python calls functions."""
    body: Any = 1
    for _ in range(5_000):
        body = [body]

    assert list(leaves(body, "$")) == [("$" + "[*]" * 5_000, 1)]


@pytest.mark.parametrize(
    ("content", "matching"),
    [
        ({"id": "x", "event": "left", "who": {"kind": "SIP"}, "at": 1}, ["a caller left"]),
        ({"id": "x", "event": "left", "who": {"kind": "AGENT"}, "at": 1}, ["an agent left"]),
        ({"id": "x", "event": "left", "at": 1}, []),
        ({"id": "x", "event": "joined", "who": {"kind": "SIP"}}, []),
        (["left"], []),
    ],
)
def test_message_has_the_members_and_the_fixed_values_of_its_example(
    tmp_path: Path, content: Any, matching: list[str]
) -> None:
    """Other members may be in it, and other values may differ."""
    who = ("$.event", "$.who['kind']")
    folder = write_pact(
        tmp_path,
        interaction("a reservation", {"id": "1"}),
        message("a caller left", {"id": "1", "event": "left", "who": {"kind": "SIP"}}, *who),
        message("an agent left", {"id": "1", "event": "left", "who": {"kind": "AGENT"}}, *who),
    )

    messages = PactMessages("apaleo", folder)

    assert messages.matching(content) == matching
    assert messages.descriptions == ["a caller left", "an agent left"]


def test_invalid_pact_file_is_reported(tmp_path: Path) -> None:
    """The error names the file and the command that records the pacts."""
    (tmp_path / "broken.json").write_text("{}")

    with pytest.raises(ContractError, match=r"broken\.json is not a pact: run 'make pact-consumer'"):
        PactIndex("apaleo", load_contract("apaleo"), tmp_path)
