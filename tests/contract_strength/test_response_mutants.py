"""The mutants of a response: what the pact demands of it, and what it does not."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from contract_strength.exchange import Exchange, Reply, Sent
from contract_strength.json_mutations import Path
from contract_strength.response_mutants import ResponseMutant, demands, response_mutants
from contract_strength.vendor_schemas import VendorSchemas

SCHEMAS = VendorSchemas("mews")
JSON_HEADERS = (("content-type", "application/json"), ("x-trace", "7"))
REQUEST = Sent("POST", "/api/connector/v1/customers/getAll", (), b'{"CustomerIds": ["guest-1"]}')
BODY = {"Customers": [{"Id": "guest-1", "LastName": "Muster", "Notes": {"a": 1}}], "Cursor": None}


def exchange(response: dict[str, Any], reply: Reply, request: Sent | None = REQUEST) -> Exchange:
    """Return an exchange whose pact demands this response."""
    return Exchange("mews", {"description": "a guest", "response": response}, (), request, reply)


def json_exchange(content: Any) -> Exchange:
    """Return an exchange with the body above, of which the pact has this content."""
    response = {"status": 200, "headers": {"Content-Type": ["application/json"]}}
    if content is not None:
        response["body"] = {"content": content}
    return exchange(response, Reply(200, JSON_HEADERS, json.dumps(BODY).encode()))


def mutants_of(item: Exchange) -> list[ResponseMutant]:
    """Return the mutants of an exchange."""
    return list(response_mutants(item, SCHEMAS, random.Random(1)))  # noqa: S311 - not for security


def demanded(mutants: Sequence[ResponseMutant]) -> dict[str, set[bool]]:
    """Return whether mutants are demanded, by path."""
    found: dict[str, set[bool]] = {}
    for item in mutants:
        found.setdefault(item.mutant.path, set()).add(item.mutant.is_demanded)
    return found


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ((), True),
        (("a",), True),
        (("a", 0, "b"), True),
        (("a", 5, "b"), True),
        (("a", 0, "c"), False),
        (("empty",), True),
        (("empty", 0), False),
        (("nothing",), True),
        (("other",), False),
    ],
)
def test_path_is_demanded_if_the_pact_has_it(path: Path, expected: bool) -> None:  # noqa: FBT001 - a case of the table
    """A list of the pact has one element for any number of them."""
    assert demands({"a": [{"b": 1}], "empty": [], "nothing": None}, path) is expected


def test_only_what_the_pact_has_is_demanded() -> None:
    """Of a member that nobody reads, one mutant is made, and none of what is in it."""
    mutants = mutants_of(json_exchange({"Customers": [{"LastName": "X"}]}))
    counts = Counter(item.mutant.path for item in mutants)
    paths = demanded(mutants)

    assert (counts["$.Customers[0].Notes"], counts["$.Cursor"], counts["$.Customers[0].LastName"]) == (
        1,
        1,
        3,
    )

    assert paths["$.Customers"] == paths["$.Customers[0].LastName"] == {True}
    assert paths["$.Customers[0].Notes"] == paths["$.Customers[0].Id"] == paths["$.Cursor"] == {False}
    assert "$.Customers[0].Notes.a" not in paths
    assert (paths["content-type"], paths["x-trace"], paths["status"]) == ({True}, {False}, {True})


def test_body_that_the_pact_does_not_have_is_not_demanded() -> None:
    """It may be anything, as long as it is complete."""
    mutants = mutants_of(json_exchange(None))
    of_body = {item.mutant.kind: item.mutant.is_demanded for item in mutants if item.mutant.path == "body"}

    assert of_body == {"body truncated": False, "body emptied": False, "connection cut": True}
    assert demanded(mutants)["$"] == {False}
    assert "$.Customers" not in demanded(mutants)


def test_value_of_the_request_is_an_echo_or_an_id() -> None:
    """The id was asked for; a name that was asked for would be an echo."""
    named = replace(REQUEST, body=b'{"CustomerIds": ["Muster"]}')
    item = replace(json_exchange(BODY), request=named)

    kinds = {(found.mutant.path, found.mutant.kind) for found in mutants_of(item)}

    assert ("$.Customers[0].Id", "another id") in kinds
    assert ("$.Customers[0].LastName", "another echo") in kinds


def test_audio_is_truncated_as_audio() -> None:
    """Half of the bytes, as if that were all."""
    response = {"status": 200, "body": {"content": "//uQ"}}
    audio = Reply(200, (("content-type", "audio/mpeg"),), b"0123456789")

    found = {item.mutant.kind: item.reply for item in mutants_of(exchange(response, audio))}

    assert (found["audio truncated"].body, found["audio truncated"].missing_bytes) == (b"01234", 0)
    assert (found["connection cut"].body, found["connection cut"].missing_bytes) == (b"01234", 5)
    assert found["body emptied"].body == b""


def test_message_has_neither_status_nor_headers() -> None:
    """It is a body only."""
    message = Exchange(
        "mews", {"description": "m", "contents": {"content": {"a": "b"}}}, (), None,
        Reply(200, JSON_HEADERS, b'{"a": "b"}'),
    )  # fmt: skip

    assert demanded(mutants_of(message)).keys() == {"$", "$.a", "body"}


def test_statuses_of_the_same_and_another_class_are_tried() -> None:
    """A 204 has no body."""
    replies = [item.reply for item in mutants_of(json_exchange(BODY)) if item.mutant.kind == "other status"]

    assert [reply.status // 100 == 2 for reply in replies] == [True, False]
    assert all(reply.status != 200 and (reply.status != 204 or not reply.body) for reply in replies)
