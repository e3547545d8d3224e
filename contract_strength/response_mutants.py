"""The mutants of a captured response: of each path of its body, of its status, headers and bytes."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import groupby
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from contract_strength.exchange import Exchange, Reply, Sent
from contract_strength.json_mutations import (
    DROPPED,
    Context,
    JsonMutation,
    Path,
    apply,
    mutations,
    path_text,
    walk,
)
from contract_strength.mutant import Mutant
from contract_strength.vendor_schemas import VendorSchemas
from provider_verification.stubs.engine.openapi import load_contract

MAX_SHOWN = 120
ALTERNATIVES = re.compile(r"\^\((?:\?:)?([^()]+)\)\$")
STATUSES = (200, 201, 204, 400, 404, 409, 500, 503)
INDEX = re.compile(r"\[\d+\]")


@dataclass(frozen=True, slots=True)
class ResponseMutant:
    """A mutant of an exchange's reply, with the reply that is sent instead."""

    mutant: Mutant
    exchange: Exchange
    reply: Reply


def response_mutants(
    exchange: Exchange, schemas: VendorSchemas, rng: random.Random
) -> Iterator[ResponseMutant]:
    """Yield all mutants of an exchange's reply."""
    yield from _body_mutants(exchange, schemas, rng)
    yield from _byte_mutants(exchange)
    if exchange.request is not None:
        yield from _header_mutants(exchange)
        yield from _status_mutants(exchange, rng)


def demands(expected: Any, path: Path) -> bool:
    """Return whether an expected JSON value has something at a path; an expected list counts for any longer one."""
    for part in path:
        if isinstance(expected, list) and isinstance(part, int) and expected:
            expected = expected[min(part, len(expected) - 1)]
        elif isinstance(expected, dict) and part in expected:
            expected = expected[part]
        else:
            return False
    return True


def _body_demands(expected: Mapping[str, Any] | None, path: Path) -> bool:
    return expected is not None and demands(expected["content"], path)


def _body_mutants(exchange: Exchange, schemas: VendorSchemas, rng: random.Random) -> Iterator[ResponseMutant]:
    try:
        body = exchange.reply.json
    except ValueError:
        return
    expected = exchange.demanded_body
    is_read = partial(_body_demands, expected)
    for mutation in _sample_unread(mutations(body, _context(exchange, schemas), rng), is_read, rng):
        mutated = apply(body, mutation)
        content = json.dumps(mutated, ensure_ascii=False).encode(errors="replace")
        yield _mutant(
            exchange,
            mutation.kind,
            path_text(mutation.path),
            (_show(mutation.before), _show(mutation.after)),
            replace(exchange.reply, body=content),
            is_demanded=is_read(mutation.path),
        )


def _sample_unread(
    found: Iterator[JsonMutation], is_read: Callable[[Path], bool], rng: random.Random
) -> Iterator[JsonMutation]:
    """Yield the mutations of what is read, and one of each member that is not, whatever is in it."""
    for path, group in groupby(found, key=lambda mutation: mutation.path):
        if is_read(path):
            yield from group
        elif not path or is_read(path[:-1]):
            yield rng.choice(list(group))


def _byte_mutants(exchange: Exchange) -> Iterator[ResponseMutant]:
    """Yield the mutants of a body as a whole: cut off, empty, or announced longer than it is."""
    reply, body = exchange.reply, exchange.reply.body
    if not body:
        return
    is_audio = reply.header("content-type").startswith("audio/")
    is_demanded = exchange.demanded_body is not None
    half = body[: len(body) // 2]
    shown = f"{len(body)} bytes"
    kind = "audio truncated" if is_audio else "body truncated"
    cut = replace(reply, body=half)
    yield _mutant(exchange, kind, "body", (shown, f"{len(half)} bytes"), cut, is_demanded=is_demanded)
    empty = replace(reply, body=b"")
    yield _mutant(exchange, "body emptied", "body", (shown, "0 bytes"), empty, is_demanded=is_demanded)
    broken = replace(reply, body=half, missing_bytes=len(body) - len(half))
    yield _mutant(exchange, "connection cut", "body", (shown, f"{len(half)} bytes, then closed"), broken)


def _header_mutants(exchange: Exchange) -> Iterator[ResponseMutant]:
    demanded = {name.lower() for name in exchange.demanded.get("headers", {})}
    for name, value in exchange.reply.headers:
        others = [pair for pair in exchange.reply.headers if pair[0] != name]
        is_demanded = name in demanded
        dropped = replace(exchange.reply, headers=tuple(others))
        yield _mutant(exchange, "header dropped", name, (value, "(none)"), dropped, is_demanded=is_demanded)
        kind, other = (
            ("other content type", "text/html")
            if name == "content-type"
            else ("header changed", "not/a value")
        )
        changed = replace(exchange.reply, headers=((name, other), *others))
        yield _mutant(exchange, kind, name, (value, other), changed, is_demanded=is_demanded)


def _status_mutants(exchange: Exchange, rng: random.Random) -> Iterator[ResponseMutant]:
    old = exchange.reply.status
    for is_same_class in (True, False):
        others = [
            status for status in STATUSES if status != old and (status // 100 == old // 100) is is_same_class
        ]
        other = rng.choice(others)
        # a 204 has no body
        body = b"" if other == 204 else exchange.reply.body
        reply = replace(exchange.reply, status=other, body=body)
        yield _mutant(exchange, "other status", "status", (str(old), str(other)), reply)


def _mutant(
    exchange: Exchange,
    kind: str,
    path: str,
    shown: tuple[str, str],
    reply: Reply,
    *,
    is_demanded: bool = True,
) -> ResponseMutant:
    mutant = Mutant(
        "response", exchange.vendor, exchange.description, kind, path, *shown, is_demanded=is_demanded
    )
    return ResponseMutant(mutant, exchange, reply)


def _show(value: Any) -> str:
    text = "(nothing)" if value is DROPPED else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= MAX_SHOWN else f"{text[:MAX_SHOWN]}…"


def _context(exchange: Exchange, schemas: VendorSchemas) -> Context:
    request = exchange.request
    if request is None:
        return Context(False, lambda path: _pact_choices(exchange, path), frozenset())  # noqa: FBT003 - a tuple
    matched = load_contract(exchange.vendor).match_operation(
        request.method, unquote(urlsplit(request.target).path)
    )
    media_type = exchange.reply.header("content-type").partition(";")[0]
    schema = schemas.response_schema(matched[0], exchange.reply.status, media_type) if matched else None

    def choices(path: Path) -> Sequence[str]:
        return schemas.choices(schema, path) or _pact_choices(exchange, path)

    return Context(
        is_error=exchange.reply.status >= 400, choices=choices, echoes=frozenset(_request_texts(request))
    )


def _pact_choices(exchange: Exchange, path: Path) -> list[str]:
    """Return the alternatives of the regular expression that the pact has for a path."""
    rules: Mapping[str, Any] = exchange.demanded.get("matchingRules", {}).get("body", {})
    rule = rules.get(INDEX.sub("[*]", path_text(path)), {})
    for matcher in rule.get("matchers", ()):
        if found := ALTERNATIVES.fullmatch(matcher.get("regex", "")):
            return [re.sub(r"\\(.)", r"\1", choice) for choice in found[1].split("|")]
    return []


def _request_texts(request: Sent) -> Iterator[str]:
    url = urlsplit(request.target)
    yield from map(unquote, url.path.split("/"))
    for _, value in parse_qsl(url.query):
        yield from value.split(",")
    try:
        body = json.loads(request.body)
    except ValueError:
        yield from (value for _, value in parse_qsl(request.body.decode("latin-1")))
    else:
        yield from (value for _, value in walk(body) if isinstance(value, str))
