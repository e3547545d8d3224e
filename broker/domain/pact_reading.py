"""Pact documents of specifications 2 to 4 as people read them; any JSON is accepted, because consumers publish what they like."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from broker.domain.json_document import encode_json

KINDS = {
    "Synchronous/HTTP": "HTTP request",
    "Asynchronous/Messages": "message",
    "Synchronous/Messages": "message with response",
}
DESCRIBED_MATCHERS = {
    "type": "has the type of the example",
    "equality": "equals the example",
    "integer": "is an integer",
    "decimal": "is a decimal number",
    "number": "is a number",
    "boolean": "is true or false",
    "null": "is null",
    "notEmpty": "is not empty",
    "semver": "is a semantic version",
    "arrayContains": "is a list that contains the examples",
    "values": "has values like the example, under any keys",
    "eachKey": "has keys that match",
    "eachValue": "has values that match",
}
"""Matchers without a parameter."""
MATCHERS_WITH_VALUE = {
    "regex": ("matches", "regex"),
    "include": ("contains", "value"),
    "contentType": ("is of type", "value"),
    "statusCode": ("is a status of the kind", "status"),
}
"""The words for a matcher, and the key of its parameter."""
DATE_MATCHERS = {
    "date": "is a date",
    "time": "is a time",
    "timestamp": "is a time stamp",
    "datetime": "is a time stamp",
}


@dataclass(frozen=True, slots=True)
class Rule:
    """A matching rule: which part it is for, and what that part has to be."""

    part: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Section:
    """A request, a response or a message: its text and the rules for its parts."""

    title: str
    text: str
    rules: tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class ReadableInteraction:
    """An interaction or a message.

    Attributes:
        id: what verification results refer to it by.
        kind: what it is, in words.
        description: its description.
        states: the provider states with their parameters.
        sections: request and response, or the message.
        comments: what its author notes.
        is_pending: whether its failure does not fail a verification (specification 4).
    """

    id: str
    kind: str
    description: str
    states: tuple[str, ...]
    sections: tuple[Section, ...]
    comments: tuple[str, ...]
    is_pending: bool


def read_interactions(pact: dict[str, Any]) -> list[ReadableInteraction]:
    """Return the interactions and messages of a pact in their order."""
    return [
        _read_interaction(item, is_message=field == "messages")
        for field in ("interactions", "messages")
        for item in _list(pact.get(field))
        if isinstance(item, dict)
    ]


def specification_of(pact: dict[str, Any]) -> str:
    """Return the version of the Pact specification, or `unknown`."""
    metadata = _dict(pact.get("metadata"))
    for key in ("pactSpecification", "pact-specification"):
        if version := _dict(metadata.get(key)).get("version"):
            return str(version)
    return str(metadata.get("pactSpecificationVersion") or "unknown")


def _read_interaction(item: dict[str, Any], *, is_message: bool) -> ReadableInteraction:
    default = "Asynchronous/Messages" if is_message or "contents" in item else "Synchronous/HTTP"
    kind = str(item.get("type") or default)
    return ReadableInteraction(
        id=str(item.get("_id") or ""),
        kind=KINDS.get(kind, kind),
        description=str(item.get("description") or "without description"),
        states=tuple(_read_states(item)),
        sections=tuple(_read_sections(item, kind)),
        comments=tuple(str(text) for text in _list(_dict(item.get("comments")).get("text"))),
        is_pending=item.get("pending") is True,
    )


def _read_states(item: dict[str, Any]) -> Iterator[str]:
    single = item.get("providerState") or item.get("provider_state")
    if single:
        yield _text(single)
    states = item.get("providerStates")
    for state in _list(states) or ([states] if states else []):
        if not isinstance(state, dict):
            yield _text(state)
            continue
        parameters = ", ".join(
            f"{name} = {_compact(value)}" for name, value in _dict(state.get("params")).items()
        )
        yield f"{_text(state.get('name'))}{f' ({parameters})' if parameters else ''}"


def _read_sections(item: dict[str, Any], kind: str) -> Iterator[Section]:
    if kind == "Asynchronous/Messages":
        yield _message_section("Message", item)
        return
    build = _http_section if kind == "Synchronous/HTTP" else _message_section
    yield build("Request", _dict(item.get("request")))
    responses = item.get("response")
    for response in responses if isinstance(responses, list) else [responses]:
        yield build("Response", _dict(response))


def _http_section(title: str, part: dict[str, Any]) -> Section:
    if title == "Request":
        first = f"{part.get('method') or 'GET'} {part.get('path') or '/'}{_query(part.get('query'))}"
    else:
        first = f"Status {part.get('status') or 200}"
    lines = [first, *_headers(part.get("headers"))]
    if "body" in part:
        lines += ["", _body(part["body"])]
    return Section(title, "\n".join(lines), tuple(_read_rules(part.get("matchingRules"))))


def _message_section(title: str, part: dict[str, Any]) -> Section:
    metadata = part.get("metadata") or part.get("metaData")
    lines = [f"{name}: {_text(value)}" for name, value in _dict(metadata).items()]
    if "contents" in part:
        lines += ([""] if lines else []) + [_body(part["contents"])]
    return Section(title, "\n".join(lines), tuple(_read_rules(part.get("matchingRules"))))


def _query(query: Any) -> str:
    if isinstance(query, dict):
        pairs = [
            f"{name}={_text(value)}" for name, values in query.items() for value in _list(values) or [values]
        ]
        return f"?{'&'.join(pairs)}" if pairs else ""
    return f"?{query}" if query else ""


def _headers(headers: Any) -> list[str]:
    return [
        f"{name}: {', '.join(_text(item) for item in (value if isinstance(value, list) else [value]))}"
        for name, value in _dict(headers).items()
    ]


def _body(body: Any) -> str:
    if (
        isinstance(body, dict)
        and "content" in body
        and body.keys() <= {"content", "contentType", "encoded", "contentTypeHint"}
    ):
        # specification 4 wraps bodies; base64 stands for bytes
        content_type = body.get("contentType") or "unknown type"
        encoding = f", {body['encoded']}" if isinstance(body.get("encoded"), str) else ""
        return f"({content_type}{encoding})\n{_pretty(body['content'])}"
    return _pretty(body)


def _read_rules(rules: Any) -> Iterator[Rule]:
    for part, rule in _dict(rules).items():
        matchers = _dict(rule)
        if "matchers" in matchers or "match" in matchers:
            yield Rule(part, _describe_rule(matchers))
            continue
        # since specification 3 the rules are grouped by body, header, query and path
        for path, nested in matchers.items():
            if isinstance(nested, dict):
                yield Rule(f"{part} {path}", _describe_rule(nested))


def _describe_rule(rule: dict[str, Any]) -> str:
    matchers = [item for item in _list(rule.get("matchers")) if isinstance(item, dict)]
    if not matchers:
        return describe_matcher(rule)
    joint = " or " if rule.get("combine") == "OR" else " and "
    return joint.join(describe_matcher(matcher) for matcher in matchers)


def describe_matcher(matcher: dict[str, Any]) -> str:
    """Return what a matcher demands, in words."""
    kind = matcher.get("match") or ("regex" if "regex" in matcher else "type")
    if not isinstance(kind, str):
        return _compact(matcher)
    if kind in DESCRIBED_MATCHERS:
        limits = [
            f"{word} {matcher[key]}"
            for key, word in (("min", "at least"), ("max", "at most"))
            if key in matcher
        ]
        return DESCRIBED_MATCHERS[kind] + (f" (items: {', '.join(limits)})" if limits else "")
    if kind in DATE_MATCHERS:
        pattern = matcher.get("format") or matcher.get(kind)
        return DATE_MATCHERS[kind] + (f" like {_text(pattern)}" if pattern else "")
    if kind in MATCHERS_WITH_VALUE:
        words, key = MATCHERS_WITH_VALUE[kind]
        return f"{words} {_text(matcher.get(key))}"
    return _compact(matcher)


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _text(value: Any) -> str:
    return value if isinstance(value, str) else _compact(value)


def _pretty(value: Any) -> str:
    return value if isinstance(value, str) else encode_json(value, indent=2, ensure_ascii=False)


def _compact(value: Any) -> str:
    return encode_json(value, ensure_ascii=False)
