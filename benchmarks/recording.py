"""Recording: one short-lived mock server for each interaction, compared with one for all of them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import replace
from functools import partial

import httpx
from pact import Pact

from benchmarks.measure import Measure, run_interleaved
from consumer_tests.contract import ConsumerContract
from consumer_tests.discovery import load_contract
from consumer_tests.interaction import HttpInteraction, Request
from consumer_tests.names import CONSUMER_NAME
from consumer_tests.pact_files import record_interactions
from consumer_tests.recorder import build_pact_interaction
from orchestrator.resilience.policy import NO_RETRY
from orchestrator.vendors.errors import VendorError

SIZES = (30, 100, 300)
ROUNDS = 3
SAMPLE = 6
"""Requests sent to the one mock server for all: each takes the same time, and all of them would take minutes."""


def measure() -> Iterator[Measure]:
    """Yield a row for each number of interactions."""
    for size in SIZES:
        contract = _create_contract(size)
        each, shared = run_interleaved(
            ROUNDS, partial(_run, _record_each, contract), partial(_run, _record_shared, contract)
        )
        yield Measure(
            f"recording, {size} interactions",
            each / size * 1000,
            "ms each",
            "one mock server for all",
            shared / SAMPLE * 1000,
            "≤ 10 ms each at 300",
        )


def _run(
    record: Callable[[ConsumerContract], Coroutine[None, None, None]], contract: ConsumerContract
) -> None:
    asyncio.run(record(contract))


def _create_contract(size: int) -> ConsumerContract:
    """Return a contract with this number of different reservations."""
    apaleo = load_contract("apaleo")
    model = next(one for one in apaleo.interactions if one.description == "a reservation by its id")
    contract = ConsumerContract("apaleo", client=apaleo.client, credential=None)
    contract.interactions = [_numbered(model, number) for number in range(size)]
    return contract


def _numbered(model: HttpInteraction, number: int) -> HttpInteraction:
    identifier = f"R-{number}"
    request: Request = replace(model.request, path=f"/booking/v1/reservations/{identifier}")
    return replace(
        model,
        description=f"reservation {number}",
        request=request,
        invoke=lambda apaleo: apaleo.api.get_reservation(identifier),
    )


async def _record_each(contract: ConsumerContract) -> None:
    async with httpx.AsyncClient() as http:
        await record_interactions(contract, http)


async def _record_shared(contract: ConsumerContract) -> None:
    """Record as usual: one mock server has every interaction and compares each request with all of them."""
    pact = Pact(CONSUMER_NAME, contract.vendor).with_specification("V4")
    for expectation in contract.interactions:
        build_pact_interaction(pact.upon_receiving(expectation.description), expectation)
    async with httpx.AsyncClient() as http:
        with pact.serve(raises=False, verbose=False) as server:
            client = contract.client(str(server.url), http, NO_RETRY)
            for expectation in contract.interactions[-SAMPLE:]:
                try:
                    await expectation.invoke(client)
                except VendorError as error:
                    raise AssertionError("the mock server did not know the request") from error
