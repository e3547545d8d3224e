"""The mutants of a captured request: without or with a misspelled required part, and sent elsewhere or by someone else."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlencode

from contract_strength.exchange import Exchange, Sent
from contract_strength.json_mutations import DROPPED, JsonMutation, Path, apply, path_text
from contract_strength.mutant import Mutant
from contract_strength.vendor_schemas import VendorSchemas
from provider_verification.stubs.engine.masking import is_secret_name
from provider_verification.stubs.engine.openapi import OpenApiContract, Operation
from provider_verification.stubs.sdk import FORM, media_type

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
BODY_CREDENTIAL = re.compile(r"(?i)(token|secret|role_id|secret_id|password)$")
MISSPELLING = "x"
WRONG = "wrong-"


@dataclass(frozen=True, slots=True)
class RequestMutant:
    """A mutant of an exchange's request, with the request that is sent instead."""

    mutant: Mutant
    request: Sent


def request_mutants(
    exchange: Exchange, contract: OpenApiContract, schemas: VendorSchemas
) -> Iterator[RequestMutant]:
    """Yield all mutants of an exchange's request; none if the vendor has no such operation."""
    request = exchange.request
    matched = contract.match_operation(request.method, unquote(_path(request))) if request else None
    if request is None or matched is None:
        return
    operation = matched[0]
    yield from _address_mutants(exchange, request, operation, contract)
    yield from _query_mutants(exchange, request, operation)
    yield from _header_mutants(exchange, request, operation)
    yield from _body_mutants(exchange, request, operation, schemas)


def _address_mutants(
    exchange: Exchange, request: Sent, operation: Operation, contract: OpenApiContract
) -> Iterator[RequestMutant]:
    path = unquote(_path(request))
    method = next(name for name in METHODS if contract.match_operation(name, path) is None)
    yield _mutant(
        exchange, "wrong method", "method", (request.method, method), replace(request, method=method)
    )
    # the literal segments before the first parameter
    literal = operation.path_template.partition("{")[0].rstrip("/")
    wrong = literal + MISSPELLING + request.target[len(literal) :]
    yield _mutant(exchange, "wrong path", "path", (request.target, wrong), replace(request, target=wrong))


def _query_mutants(exchange: Exchange, request: Sent, operation: Operation) -> Iterator[RequestMutant]:
    pairs = parse_qsl(request.target.partition("?")[2], keep_blank_values=True)
    required = {item.name for item in operation.parameters if item.location == "query" and item.required}
    for name, value in pairs:
        others = [pair for pair in pairs if pair[0] != name]
        if name in required:
            dropped = _with_query(request, others)
            yield _mutant(exchange, "parameter dropped", name, (f"{name}={value}", "(nothing)"), dropped)
        wrong = name + MISSPELLING
        misspelled = _with_query(request, [*others, (wrong, value)])
        yield _mutant(
            exchange, "parameter misspelled", name, (f"{name}={value}", f"{wrong}={value}"), misspelled
        )


def _header_mutants(exchange: Exchange, request: Sent, operation: Operation) -> Iterator[RequestMutant]:
    required = {item.name for item in operation.parameters if item.location == "header" and item.required}
    required |= {"content-type"} if request.body and operation.body_required else set()
    for name, value in request.headers:
        others = tuple(pair for pair in request.headers if pair[0] != name)
        is_credential = is_secret_name(name) and not operation.public
        if name not in required and not is_credential:
            continue
        shown = "(a credential)" if is_secret_name(name) else value
        without = replace(request, headers=others)
        kind = "no credentials" if is_credential else "header dropped"
        yield _mutant(exchange, kind, name, (shown, "(nothing)"), without)
        misspelled = replace(request, headers=(*others, (name + MISSPELLING, value)))
        yield _mutant(exchange, "header misspelled", name, (name, name + MISSPELLING), misspelled)
        if is_credential:
            wrong = replace(request, headers=(*others, (name, _wrong_credential(value))))
            yield _mutant(exchange, "wrong credentials", name, (shown, "(another one)"), wrong)


def _body_mutants(
    exchange: Exchange, request: Sent, operation: Operation, schemas: VendorSchemas
) -> Iterator[RequestMutant]:
    if not request.body:
        return
    content_type = media_type(dict(request.headers))
    is_form = content_type == FORM
    body = (
        dict(parse_qsl(request.body.decode(), keep_blank_values=True))
        if is_form
        else json.loads(request.body)
    )
    encode: Callable[[Any], bytes] = _encode_form if is_form else _encode_json
    for path in schemas.required_paths(schemas.request_schema(operation, content_type), body):
        dropped = encode(apply(body, JsonMutation("", path, None, DROPPED)))
        shown = (path_text(path), "(nothing)")
        yield _mutant(exchange, "field left out", path_text(path), shown, replace(request, body=dropped))
        misspelled = encode(_rename(body, path))
        shown = (path_text(path), path_text(path) + MISSPELLING)
        yield _mutant(exchange, "field misspelled", path_text(path), shown, replace(request, body=misspelled))
    has_header = any(is_secret_name(name) for name, _ in request.headers)
    for name in body if operation.public or not has_header else ():
        if BODY_CREDENTIAL.search(name) and isinstance(body[name], str):
            wrong = encode({**body, name: WRONG + body[name]})
            shown = ("(a credential)", "(another one)")
            yield _mutant(exchange, "wrong credentials", f"$.{name}", shown, replace(request, body=wrong))


def _rename(body: Any, path: Path) -> Any:
    """Return a copy of a JSON value in which the member at a path has a misspelled name."""
    holder = body
    for part in path[:-1]:
        holder = holder[part]
    members: Mapping[str, Any] = {
        (f"{name}{MISSPELLING}" if name == path[-1] else name): value for name, value in holder.items()
    }
    return apply(body, JsonMutation("", path[:-1], None, members))


def _wrong_credential(value: str) -> str:
    scheme, separator, secret = value.rpartition(" ")
    return f"{scheme}{separator}{WRONG}{secret}"


def _path(request: Sent) -> str:
    return request.target.partition("?")[0]


def _with_query(request: Sent, pairs: list[tuple[str, str]]) -> Sent:
    query = urlencode(pairs, quote_via=quote)
    return replace(request, target=f"{_path(request)}?{query}" if query else _path(request))


def _encode_form(body: Any) -> bytes:
    return urlencode(body).encode()


def _encode_json(body: Any) -> bytes:
    return json.dumps(body, ensure_ascii=False).encode()


def _mutant(exchange: Exchange, kind: str, path: str, shown: tuple[str, str], request: Sent) -> RequestMutant:
    return RequestMutant(
        Mutant("request", exchange.vendor, exchange.description, kind, path, *shown), request
    )
