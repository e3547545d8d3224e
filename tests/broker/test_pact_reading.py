"""Pacts of specifications 2 to 4 as people read them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from broker.domain.pact_reading import Rule, describe_matcher, read_interactions, specification_of

VERSION_2 = {
    "description": "a room is read",
    "providerState": "a room exists",
    "request": {"method": "get", "path": "/rooms", "query": "a=1&b=2", "headers": {"Accept": "text/plain"}},
    "response": {
        "status": 200,
        "body": {"id": 7},
        "matchingRules": {"$.body.id": {"match": "type"}, "$.headers.X": {"match": "regex", "regex": "^a"}},
    },
}
VERSION_3_MESSAGE = {
    "description": "a booking",
    "providerStates": [{"name": "a room", "params": {"number": 7}}, {"name": "a guest"}],
    "contents": {"room": "ä"},
    "metaData": {"topic": "rooms"},
    "matchingRules": {
        "body": {"$.room": {"combine": "OR", "matchers": [{"match": "null"}, {"match": "type"}]}}
    },
}
VERSION_4 = {
    "type": "Synchronous/Messages",
    "description": "a question",
    "pending": True,
    "comments": {"text": ["why it is so"]},
    "request": {
        "contents": {"content": "aGk=", "contentType": "application/octet-stream", "encoded": "base64"}
    },
    "response": [
        {"contents": {"content": {"a": 1}, "contentType": "application/json", "encoded": False}},
        {"contents": {"content": "b", "contentType": "text/plain", "encoded": False}},
    ],
}


def test_interaction_of_specification_2() -> None:
    """State, query, headers, body and flat rules."""
    [item] = read_interactions({"interactions": [VERSION_2]})

    assert (item.kind, item.description, item.states) == (
        "HTTP request",
        "a room is read",
        ("a room exists",),
    )
    assert [section.text for section in item.sections] == [
        "get /rooms?a=1&b=2\nAccept: text/plain",
        'Status 200\n\n{\n  "id": 7\n}',
    ]
    assert item.sections[1].rules == (
        Rule("$.body.id", "has the type of the example"),
        Rule("$.headers.X", "matches ^a"),
    )


def test_message_of_specification_3() -> None:
    """States with parameters, metadata, contents and grouped rules."""
    [item] = read_interactions({"messages": [VERSION_3_MESSAGE]})

    assert (item.kind, item.states) == ("message", ("a room (number = 7)", "a guest"))
    assert [section.text for section in item.sections] == ['topic: rooms\n\n{\n  "room": "ä"\n}']
    assert item.sections[0].rules == (Rule("body $.room", "is null or has the type of the example"),)


def test_message_with_responses_of_specification_4() -> None:
    """All responses, wrapped contents, comments and the pending flag."""
    [item] = read_interactions({"interactions": [VERSION_4]})

    assert (item.kind, item.is_pending, item.comments) == ("message with response", True, ("why it is so",))
    assert [(section.title, section.text) for section in item.sections] == [
        ("Request", "(application/octet-stream, base64)\naGk="),
        ("Response", '(application/json)\n{\n  "a": 1\n}'),
        ("Response", "(text/plain)\nb"),
    ]


def test_query_and_headers_of_lists() -> None:
    """Since specification 3 and 4 they have lists of values."""
    request = {"method": "GET", "path": "/", "query": {"a": ["1", "2"]}, "headers": {"X": ["b", "c"]}}

    [item] = read_interactions({"interactions": [{"request": request, "response": {}}]})

    assert item.sections[0].text == "GET /?a=1&a=2\nX: b, c"


@pytest.mark.parametrize(
    ("matcher", "meaning"),
    [
        ({"match": "type", "min": 1, "max": 3}, "has the type of the example (items: at least 1, at most 3)"),
        ({"match": "include", "value": "x"}, "contains x"),
        ({"match": "date", "format": "yyyy"}, "is a date like yyyy"),
        ({"match": "timestamp", "timestamp": "yyyy"}, "is a time stamp like yyyy"),
        ({"match": "statusCode", "status": "success"}, "is a status of the kind success"),
        ({"match": "new", "a": 1}, '{"match": "new", "a": 1}'),
        ({"match": {"a": 1}}, '{"match": {"a": 1}}'),
        ({"regex": "a|b"}, "matches a|b"),
    ],
)
def test_matcher_in_words(matcher: dict[str, Any], meaning: str) -> None:
    """An unknown matcher is shown as it is."""
    assert describe_matcher(matcher) == meaning


@pytest.mark.parametrize(
    ("metadata", "version"),
    [
        ({"pactSpecification": {"version": "4.0"}}, "4.0"),
        ({"pact-specification": {"version": "3.0.0"}}, "3.0.0"),
        ({"pactSpecificationVersion": "2.0.0"}, "2.0.0"),
        ({}, "unknown"),
        (None, "unknown"),
    ],
)
def test_specification_has_three_spellings(metadata: Any, version: str) -> None:
    """Pact libraries have written it in three ways."""
    assert specification_of({"metadata": metadata}) == version


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda items: st.lists(items, max_size=3) | st.dictionaries(
        st.sampled_from(
            ["request", "response", "matchingRules", "body", "contents", "content", "providerStates", "params", "match", "matchers",
             "metadata", "query", "headers", "comments", "text", "description", "type", "pending", "min", "contentType", "encoded"]
        ), items, max_size=4),
    max_leaves=12,
)  # fmt: skip


@settings(max_examples=40)
@given(JSON)
def test_any_document_can_be_read(value: Any) -> None:
    """Consumers publish what they like; nothing of it is an error on the page."""
    items = value if isinstance(value, list) else [value]

    for item in read_interactions({"interactions": items, "messages": items, "metadata": value}):
        assert all(isinstance(section.text, str) for section in item.sections)
