"""Judges mutants of a vendor's client: the interactions that run the changed line are recorded again with it."""

from __future__ import annotations

import asyncio
import json
import sys
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

import httpx
import structlog.testing

import orchestrator.vendors
from consumer_tests.contract import ConsumerContract
from consumer_tests.discovery import load_contract
from consumer_tests.interaction import HttpInteraction, MessageInteraction
from consumer_tests.recorder import record_interaction, record_message
from contract_strength.ast_mutations import SourceMutant, SourceTree
from contract_strength.client_operators import client_changes
from contract_strength.mutant import Mutant, NoVerdictError, Result
from contract_strength.mutant_import import forget, mutated

VENDORS = Path(orchestrator.vendors.__path__[0])
TIMEOUT_SECONDS = 60.0
MAX_MESSAGE_LENGTH = 500
Lines = frozenset[tuple[str, int]]
"""Module and line number of each line that ran."""


def client_mutants(vendor: str) -> list[SourceMutant]:
    """Return all mutants of a vendor's client."""
    mutants: list[SourceMutant] = []
    for path in sorted((VENDORS / vendor).glob("*.py")):
        module = f"{orchestrator.vendors.__name__}.{vendor}.{path.stem}"
        source = SourceTree(module, path)
        mutants += [source.apply(change) for change in client_changes(source)]
    return mutants


def record_lines(vendor: str, pact: Mapping[str, Any]) -> dict[str, Lines]:
    """Return the lines of the client that the recording of each interaction runs, by description.

    Raises:
        NoVerdictError: the unchanged client does not match an interaction, or the pact is stale.
    """
    contract = _load_afresh(vendor)
    lines: dict[str, Lines] = {}
    interactions: list[HttpInteraction | MessageInteraction] = [*contract.interactions, *contract.messages]
    for interaction in interactions:
        with _trace(vendor) as traced:
            difference = asyncio.run(_first_difference(contract, [interaction], pact))
        if difference is not None:
            raise NoVerdictError(difference)
        lines[interaction.description] = frozenset(traced)
    return lines


def judge_clients(
    vendor: str, pact: Mapping[str, Any], lines: Mapping[str, Lines], mutants: Sequence[SourceMutant]
) -> list[Result]:
    """Return what the recording says about each mutant."""
    try:
        return [_judge(vendor, pact, lines, mutant) for mutant in mutants]
    finally:
        _forget(vendor)


def _judge(vendor: str, pact: Mapping[str, Any], lines: Mapping[str, Lines], mutant: SourceMutant) -> Result:
    name = mutant.module.rpartition(".")[2]
    described = Mutant(
        "client", vendor, f"{name}: {mutant.scope or 'module'}", mutant.kind, f"{name}.py:{mutant.line}",
        mutant.before, mutant.after,
    )  # fmt: skip
    with mutated(mutant):
        try:
            contract = _load_afresh(vendor)
        # whatever the mutated code raises when it is imported
        except Exception as error:  # noqa: BLE001
            return Result(described, f"import: {error!r}"[:MAX_MESSAGE_LENGTH])
        difference = asyncio.run(_first_difference(contract, _affected(contract, pact, lines, mutant), pact))
    return Result(described, difference and difference[:MAX_MESSAGE_LENGTH])


def _affected(
    contract: ConsumerContract, pact: Mapping[str, Any], lines: Mapping[str, Lines], mutant: SourceMutant
) -> list[HttpInteraction | MessageInteraction]:
    """Return the interactions that run the changed line; for code that runs at import, all, the likeliest first."""
    interactions: list[HttpInteraction | MessageInteraction] = [*contract.interactions, *contract.messages]
    if mutant.is_import_time:
        name = mutant.before.partition(":")[0].replace("_", "").lower()
        texts = {
            item["description"]: json.dumps(item).replace("_", "").lower() for item in pact["interactions"]
        }
        return sorted(interactions, key=lambda item: f'"{name}"' not in texts[item.description])
    changed = {(mutant.module, line) for line in range(mutant.lines[0], mutant.lines[1] + 1)}
    return [item for item in interactions if lines[item.description] & changed]


async def _first_difference(
    contract: ConsumerContract,
    interactions: Iterable[HttpInteraction | MessageInteraction],
    pact: Mapping[str, Any],
) -> str | None:
    """Record interactions until one fails or differs from the pact; return why, None if all are as before."""
    async with httpx.AsyncClient() as http:
        for interaction in interactions:
            if difference := await _difference(contract, interaction, pact, http):
                return f"'{interaction.description}': {difference}"
    return None


async def _difference(
    contract: ConsumerContract,
    interaction: HttpInteraction | MessageInteraction,
    pact: Mapping[str, Any],
    http: httpx.AsyncClient,
) -> str | None:
    committed = [item for item in pact["interactions"] if item["description"] == interaction.description]
    try:
        with structlog.testing.capture_logs():
            if isinstance(interaction, MessageInteraction):
                recorded = record_message(interaction)
            else:
                async with asyncio.timeout(TIMEOUT_SECONDS):
                    recorded = await record_interaction(contract, interaction, http)
    # whatever the mutated client raises
    except (Exception, asyncio.CancelledError) as error:  # noqa: BLE001
        return str(error) or repr(error)
    return None if [recorded] == committed else "the recorded interaction differs from the committed pact"


def _load_afresh(vendor: str) -> ConsumerContract:
    _forget(vendor)
    return load_contract(vendor)


def _forget(vendor: str) -> None:
    forget(f"orchestrator.vendors.{vendor}", f"consumer_tests.{vendor}")


@contextmanager
def _trace(vendor: str) -> Iterator[set[tuple[str, int]]]:
    """Collect the lines of a vendor's client that run in the block, in any thread."""
    folder = str(VENDORS / vendor)
    lines: set[tuple[str, int]] = set()

    def trace(frame: FrameType, event: str, _argument: object) -> Any:
        if not frame.f_code.co_filename.startswith(folder):
            return None
        if event == "line":
            lines.add((frame.f_globals["__name__"], frame.f_lineno))
        return trace

    previous = sys.gettrace()
    threading.settrace(trace)
    sys.settrace(trace)
    try:
        yield lines
    finally:
        sys.settrace(previous)
        threading.settrace(None)
