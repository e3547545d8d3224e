"""Judges requests by a vendor's strict stub, in the provider states of the interaction."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import httpx

from contract_strength.capture import STATES_PATH
from contract_strength.exchange import Exchange, Sent
from contract_strength.mutant import NoVerdictError, Result
from contract_strength.request_mutants import RequestMutant
from provider_verification.stubs.engine.app import StubApp
from provider_verification.stubs.engine.journal import Violation
from provider_verification.stubs.engine.registry import create_stub_app

BASE_URL = "http://127.0.0.1"
CATCHING_KINDS = frozenset({"rejected", "unknown_parameter", "unknown_field", "not_modelled"})
"""A stub also records requests that are right and in no pact."""
MIN_VALUE_LENGTH = 3


class Judgement(NamedTuple):
    """The status of the stub's response, and the violations that it has recorded."""

    status: int
    violations: tuple[str, ...]


def judge_requests(vendor: str, pairs: Iterable[tuple[Exchange, Sequence[RequestMutant]]]) -> list[Result]:
    """Return what the stub did with the mutants of each exchange.

    An interaction whose unchanged request is rejected, such as one with a credential that is not valid, proves nothing
    about wrong requests: its mutants are left out.

    Raises:
        NoVerdictError: the stub does not respond to an unchanged request as it did before.
    """
    return asyncio.run(_judge_all(create_stub_app(vendor), pairs))


async def _judge_all(app: StubApp, pairs: Iterable[tuple[Exchange, Sequence[RequestMutant]]]) -> list[Result]:
    results: list[Result] = []
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url=BASE_URL) as client:
        for exchange, mutants in pairs:
            if exchange.request is None or not mutants:
                continue
            unchanged = await _judge(app, client, exchange, exchange.request)
            if unchanged.status != exchange.reply.status:
                raise NoVerdictError(
                    f"{exchange.vendor}, '{exchange.description}': the stub responds with {unchanged.status}"
                    f" in place of {exchange.reply.status}"
                )
            if not unchanged.violations:
                judged = [await _judge(app, client, exchange, item.request) for item in mutants]
                results += [
                    Result(item.mutant, _caught_by(unchanged, judgement))
                    for item, judgement in zip(mutants, judged, strict=True)
                ]
    return results


async def _judge(app: StubApp, client: httpx.AsyncClient, exchange: Exchange, request: Sent) -> Judgement:
    app.runtime.reset()
    for state in exchange.states:
        body = {"state": state.name, "action": "setup", "params": dict(state.params)}
        response = await client.post(STATES_PATH, json=body)
        response.raise_for_status()
        request = _with_values(request, state.values, response.json())
    response = await client.request(
        request.method, request.target, headers=list(request.headers), content=request.body
    )
    violations = [item for item in app.runtime.journal.violations.values() if item.kind in CATCHING_KINDS]
    return Judgement(response.status_code, tuple(map(_describe, violations)))


def _with_values(request: Sent, old: Any, new: Any) -> Sent:
    """Return a request with the values that a provider state has returned now, in place of those of the capture."""
    for name, value in old.items():
        if not isinstance(value, str) or len(value) < MIN_VALUE_LENGTH or value == new[name]:
            continue
        request = replace(
            request,
            target=request.target.replace(value, new[name]),
            headers=tuple((header, text.replace(value, new[name])) for header, text in request.headers),
            body=request.body.replace(value.encode(), new[name].encode()),
        )
    return request


def _caught_by(unchanged: Judgement, judgement: Judgement) -> str | None:
    if judgement.violations:
        return f"{judgement.status}: {'; '.join(judgement.violations)}"
    if judgement.status >= 400 > unchanged.status:
        return f"the stub responds with {judgement.status} in place of {unchanged.status}"
    return None


def _describe(violation: Violation) -> str:
    return f"{violation.location} {violation.requirement}".strip()
