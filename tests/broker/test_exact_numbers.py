"""Numbers of a pact come back exactly as they were published, and different numbers make different contents."""

from __future__ import annotations

import base64
import json
import re
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

import broker
from broker.domain.json_document import (
    decode_json,
    encode_canonical_json,
    encode_json,
    find_value_error,
)
from tests.broker.payloads import pact, publication


def publication_with_number(number: str, version: str = "1") -> dict[str, Any]:
    """Return a publication of a pact whose response has this number, written exactly so."""
    document = pact("A", "B", "x")
    document["interactions"][0]["response"]["body"] = {"n": "NUMBER"}
    body = publication(version, document)
    text = json.dumps(document).replace('"NUMBER"', number)
    body["contracts"][0]["content"] = base64.b64encode(text.encode()).decode()
    return body


async def sha_of_version(broker: httpx.AsyncClient, version: str) -> str:
    """Return the sha of the content of a version's pact."""
    read = await broker.get(f"/pacts/provider/B/consumer/A/version/{version}")
    sha: str = read.json()["_links"]["pb:pact-version"]["name"]
    return sha


@pytest.mark.parametrize(
    "number",
    [
        "1563454500.123456789", "0.1", "1.0", "1.00", "1e5", "1E5", "-0", "-0.0", "1e-400", "12345678901234567890123",
        "0.30000000000000000001", "9007199254740993", "1" * 4300,
    ],
)  # fmt: skip
async def test_number_comes_back_as_it_was_published(broker: httpx.AsyncClient, number: str) -> None:
    """The text of the number is in every representation of the pact."""
    published = await broker.post("/contracts/publish", json=publication_with_number(number))
    read = await broker.get("/pacts/provider/B/consumer/A/version/1")

    assert published.status_code == 200
    assert f'"body": {{"n": {number}}}' in read.text


async def test_number_in_test_results_and_contacts_comes_back_exactly(broker: httpx.AsyncClient) -> None:
    """What clients store beside pacts is not changed either."""
    json_type = {"Content-Type": "application/json"}
    await broker.post("/contracts/publish", json=publication("1", pact("A", "B", "x")))
    latest = (await broker.get("/pacts/provider/B/consumer/A/latest")).json()
    link = latest["_links"]["pb:publish-verification-results"]["href"]
    result = '{"success": true, "providerApplicationVersion": "1", "testResults": [{"n": 1.00}]}'
    environment = '{"name": "e", "production": false, "contacts": [{"name": "x", "n": 1.10}]}'

    stored = await broker.post(link, content=result, headers=json_type)
    created = await broker.post("/environments", content=environment, headers=json_type)

    assert '"testResults": [{"n": 1.00}]' in (await broker.get(stored.headers["location"])).text
    assert '"contacts": [{"name": "x", "n": 1.10}]' in (await broker.get(created.headers["location"])).text


async def test_pacts_that_differ_in_the_17th_digit_are_two_contents(broker: httpx.AsyncClient) -> None:
    """Both numbers are the same double."""
    await broker.post("/contracts/publish", json=publication_with_number("1563454500.123456788"))

    same_version = await broker.post(
        "/contracts/publish", json=publication_with_number("1563454500.123456789")
    )
    await broker.post("/contracts/publish", json=publication_with_number("1563454500.123456789", "2"))

    assert float("1563454500.123456788") == float("1563454500.123456789")
    assert same_version.status_code == 409
    assert await sha_of_version(broker, "1") != await sha_of_version(broker, "2")


@pytest.mark.parametrize("numbers", [("1", "1.0"), ("0", "-0", "0.0", "-0.0")])
async def test_integer_and_decimal_are_two_contents(
    broker: httpx.AsyncClient, numbers: tuple[str, ...]
) -> None:
    """`1` and `1.0` have different types for a matching rule, also with the sign of zero."""
    for number in numbers:
        await broker.post("/contracts/publish", json=publication_with_number(number, f"v{number}"))

    shas = {await sha_of_version(broker, f"v{number}") for number in numbers}
    assert len(shas) == len(numbers)


@pytest.mark.parametrize("number", ["1.00", "1e0", "10E-1"])
async def test_other_text_of_the_same_number_is_the_same_content(
    broker: httpx.AsyncClient, number: str
) -> None:
    """Pact libraries write a number in different ways; the official broker calls the pacts equal too."""
    await broker.post("/contracts/publish", json=publication_with_number("1.0"))
    published = await broker.post("/contracts/publish", json=publication_with_number(number))

    assert published.status_code == 200


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1E400", "-1e400", "1" * 4301])
async def test_number_that_json_lacks_is_refused_in_a_pact(broker: httpx.AsyncClient, number: str) -> None:
    """The message names the number, and nothing is stored."""
    response = await broker.post("/contracts/publish", json=publication_with_number(number))

    assert response.status_code == 400
    (message,) = response.json()["errors"]["contracts"]
    assert message.startswith("content is not JSON: ")
    assert number.lstrip("-")[:20] in message
    assert (await broker.get("/pacticipants")).json()["pacticipants"] == []


@given(st.from_regex(r"-?(0|[1-9][0-9]{0,30})(\.[0-9]{1,30})?([eE][+-]?[0-9]{1,2})?", fullmatch=True))
def test_any_number_survives_decoding_and_encoding(number: str) -> None:
    """The text is the same, and its canonical text has the same value."""
    value = decode_json(number)

    assert encode_json([value]) == f"[{number}]"
    assert decode_json(encode_canonical_json(decode_json(encode_canonical_json(value)))) is not None
    assert float(encode_canonical_json(value)) == float(number)


def nested(depth: int, innermost: str) -> str:
    """Return a document of lists and objects in turn."""
    opening = "".join('{"a":' if level % 2 else "[" for level in range(depth))
    closing = "".join("}" if level % 2 else "]" for level in reversed(range(depth)))
    return f"{opening}{innermost}{closing}"


@pytest.mark.parametrize(
    "source",
    [
        *(nested(depth, innermost) for depth in (198, 199, 200, 201) for innermost in ("1", "[]", "[1]", "{}")),
        '"x"', "1", '"\\ud83d\\ude00"', '{"a": ["\\ud83d"]}', '{"\\udc00": 1}', '["\\\\ud83d"]', '["\ud83d"]', '["\N{GRINNING FACE}"]',
        nested(250, '"\\ud83d"'), nested(100, '"\\uDBFF"'),
    ],
)  # fmt: skip
def test_source_shows_what_the_value_shows(source: str) -> None:
    """The cheap check of a document's text has the result of the walk through its value."""
    value = decode_json(source)

    assert find_value_error(value, source) == find_value_error(value)


def test_all_json_is_read_and_written_by_one_module() -> None:
    """The library's own functions would change numbers, or fail on one that is kept exactly."""
    files = Path(broker.__file__).parent.rglob("*.py")
    importing = {
        file.name for file in files if re.search(r"^(import|from) json\b", file.read_text(), re.MULTILINE)
    }

    assert importing == {"json_document.py"}
