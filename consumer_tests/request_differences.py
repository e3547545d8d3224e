"""The differences between the request that an interaction expects and the one that the client sent, in words."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import parse_qsl

import httpx
from pact.error import HeaderMismatch

from consumer_tests.interaction import HttpInteraction, Json, Request

MISSING = object()


def describe_requests(interaction: HttpInteraction, sent: list[httpx.Request], mismatches: list[Any]) -> str:
    """Return the expected request, each sent one, and how they differ, one per line.

    Args:
        interaction: the interaction.
        sent: the requests that the client sent.
        mismatches: what the Pact mock server reported.
    """
    lines = [f"expected: {_expected_line(interaction.request)}"]
    lines += [f"sent:     {_sent_line(request)}" for request in sent] or ["sent:     no request"]
    differences = [line for request in sent for line in _differences(interaction.request, request)]
    reported = [item for mismatch in mismatches for item in getattr(mismatch, "mismatches", ())]
    # headers are matched by the mock server alone, and whatever else the comparison above does not see
    differences += [str(item) for item in reported if isinstance(item, HeaderMismatch) or not differences]
    return "\n".join([*lines, *(f"  {line}" for line in dict.fromkeys(differences))])


def _expected_line(request: Request) -> str:
    query = f"?{httpx.QueryParams(dict(request.query))}" if request.query else ""
    return f"{request.method} {request.path}{query}"


def _sent_line(request: httpx.Request) -> str:
    return f"{request.method} {request.url.raw_path.decode()}"


def _differences(expected: Request, sent: httpx.Request) -> Iterator[str]:
    if sent.method != expected.method:
        yield f"method: {sent.method} instead of {expected.method}"
    path = sent.url.raw_path.decode().partition("?")[0]
    if path != httpx.URL(expected.path).raw_path.decode():
        yield f"path: {path} instead of {expected.path}"
    query = dict(sent.url.params.multi_items())
    yield from _compare("query", dict(expected.query), query, {})
    if expected.body is not None or expected.form is not None:  # Pact allows any body otherwise
        yield from _compare("body", *_bodies(expected, sent), expected.matching_rules)


def _bodies(expected: Request, sent: httpx.Request) -> tuple[Json, Json]:
    if expected.form is not None:
        return dict(expected.form), dict(parse_qsl(sent.content.decode(), keep_blank_values=True))
    if not sent.content:
        return expected.body, MISSING
    try:
        return expected.body, json.loads(sent.content)
    except ValueError:
        return expected.body, sent.content.decode(errors="replace")


def _compare(path: str, expected: Json, sent: Json, rules: Mapping[str, str]) -> Iterator[str]:
    """Yield each difference of two JSON values by its path; a rule replaces equality at its path."""
    if isinstance(expected, dict) and isinstance(sent, dict):
        for key in sorted(expected.keys() | sent.keys()):
            yield from _compare(f"{path}.{key}", expected.get(key, MISSING), sent.get(key, MISSING), rules)
    elif isinstance(expected, list) and isinstance(sent, list) and len(expected) == len(sent):
        for index, pair in enumerate(zip(expected, sent, strict=True)):
            yield from _compare(f"{path}[{index}]", *pair, rules)
    elif not _matches(expected, sent, rules.get(path.replace("body", "$", 1))):
        yield f"{path}: {_show(sent)} instead of {_show(expected)}"


def _matches(expected: Json, sent: Json, rule: str | None) -> bool:
    if rule is not None and isinstance(sent, str):
        return re.search(rule, sent) is not None
    return bool(expected == sent) and isinstance(expected, bool) == isinstance(sent, bool)


def _show(value: Json) -> str:
    return "nothing" if value is MISSING else json.dumps(value, ensure_ascii=False)
