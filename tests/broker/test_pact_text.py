"""The texts of interactions, by which their encodings are kept."""

from __future__ import annotations

import json
from typing import Any

import pytest

from broker.domain.json_document import decode_json
from broker.domain.pact_content import KnownItems, find_pact_error, identify
from broker.domain.pact_text import read_pact

NUMBERS = '{"description": "n", "request": {"body": [1.0, 1.00, 1563454500.123456789, -0]}}'
TEXT = f'{{"consumer": {{"name": "A"}}, "interactions": [{NUMBERS}, {{"description": "ü \\" ] }}"}}]}}'
DOCUMENT = json.loads(TEXT)


@pytest.mark.parametrize(
    "text",
    [
        TEXT,
        json.dumps(DOCUMENT, indent=2),
        json.dumps(DOCUMENT, separators=(",", ":"), ensure_ascii=False),
        TEXT.replace("[{", " [\n\t{ ").replace("}]", "}\r\n] ").replace(": ", " : "),
        f" {TEXT}\n",
        '{"messages": [{"description": "m"}], "interactions": [{"description": "i"}], "metadata": {}}',
    ],
    ids=["one line", "indented", "compact", "spaces", "space around it", "both lists"],
)
def test_item_texts_are_those_of_the_items(text: str) -> None:
    """The value is the one that the JSON library reads."""
    pact = read_pact(text)

    assert pact.document == decode_json(text)
    assert pact.item_texts
    for field, texts in pact.item_texts.items():
        assert [decode_json(item) for item in texts] == pact.document[field]


@pytest.mark.parametrize(
    "text",
    [
        "{}",
        '{"interactions": []}',
        '{"interactions": null}',
        '{"interactions": {}}',
        '{"interactions": [{"a": 1}], "interactions": 2}',
        "[]",
        "1",
    ],
)
def test_document_without_items_has_the_value_that_the_library_reads(text: str) -> None:
    """So has one that names a member twice: the last one counts."""
    assert read_pact(text) == (decode_json(text), {})


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        '{"interactions"',
        '{"interactions": [',
        '{"interactions": [{}',
        '{"interactions": [{},]}',
        '{"interactions": [{} {}]}',
        '{"interactions": [{}]]',
        '{"interactions": [{}]},',
        '{"interactions": [{}]} 1',
        '{"interactions": [{"a": NaN}]}',
        '{"interactions": [{"a": 1E400}]}',
        '{"interactions": ' + "[" * 5000,
        '{1: [{"a": 1}]}',
        '{"a" = 1}',
        "\ufeff{}",
    ],
)
def test_text_that_is_not_json_is_refused_with_the_message_of_the_library(text: str) -> None:
    """It names the position in the whole text."""
    with pytest.raises(ValueError, match=r".") as expected:
        decode_json(text)

    with pytest.raises(ValueError, match=r".") as error:
        read_pact(text)

    assert str(error.value) == str(expected.value)


def test_pact_has_the_same_encoding_with_and_without_known_interactions() -> None:
    """Numbers stay as they were sent, also if an equal one is known."""
    other = TEXT.replace("[1.0, 1.00,", "[1.00, 1.0,")
    for text in (TEXT, other, TEXT, other):
        pact = read_pact(text)
        stored, sha = identify(*pact)

        assert (stored, sha) == identify(pact.document)
        assert text[text.index("[1.") : text.index("]}}")] in stored
        assert sha == identify(decode_json(TEXT))[1]


@pytest.mark.parametrize(
    ("added", "message"),
    [
        ('"comments": ' + "[" * 199 + "1" + "]" * 199, "is nested more than 200 levels deep"),
        ('"comments": "\\ud83d"', "is not valid Unicode"),
        ('"messages": [' + '{"a":' * 198 + "1" + "}" * 198 + "]", "is nested more than 200 levels deep"),
        ('"messages": [{"a": "\\ud83d"}]', "is not valid Unicode"),
        ('"messages": [1]', "messages must be a list of objects"),
    ],
    ids=["deep member", "half of a character", "deep message", "half of a character in a message", "number"],
)
def test_error_beside_known_interactions_is_found_each_time(added: str, message: str) -> None:
    """Interactions with an error never become known ones."""
    identify(*read_pact(TEXT))
    text = f"{TEXT[:-1]}, {added}}}"

    errors = [find_pact_error(*read_pact(text), text) for _ in range(2)]

    assert errors == [message, message]


def test_known_interactions_are_forgotten_when_they_take_too_much_memory(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A client cannot fill the memory with interactions."""
    monkeypatch.setattr("broker.domain.pact_content.MAX_KNOWN_BYTES", 10_000)
    known = KnownItems()
    items: dict[str, dict[str, Any]] = {
        f'{{"description": "{number}"}}': {"description": f"{number}"} for number in range(100)
    }

    encodings = [known.encode(text, item) for text, item in items.items()]

    assert len({encoding.canonical for encoding in encodings}) == len(items)
    assert 0 < sum(text in known for text in items) < 50
