"""Runs the judges in parallel processes: each vendor is prepared, then its mutants are judged in portions."""

from __future__ import annotations

import json
import multiprocessing
import os
import random
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from consumer_tests.pact_files import pact_file_name
from contract_strength.ast_mutations import SourceMutant
from contract_strength.capture import capture_exchanges
from contract_strength.client_recording import Lines, client_mutants, judge_clients, record_lines
from contract_strength.decision_tests import DECISIONS, decision_mutants, judge_decisions
from contract_strength.mutant import SIDES, NoVerdictError, Result, Side
from contract_strength.request_mutants import request_mutants
from contract_strength.response_mutants import ResponseMutant, response_mutants
from contract_strength.strict_stub import judge_requests
from contract_strength.vendor_schemas import VendorSchemas
from contract_strength.verifier import judge_replies, quiet
from provider_verification.stubs.engine.openapi import load_contract

PACTS = Path(__file__).parents[1] / "pacts"
REPLIES_PER_PASS = 100
"""The verifier's time for each interaction grows with their number."""
CLIENTS_PER_TASK = 12
DECISIONS_PER_TASK = 60
T = TypeVar("T")
Pact = Mapping[str, Any]
OnProgress = Callable[[int, int], None]
"""Gets the numbers of judged and of known mutants."""


@dataclass(frozen=True, slots=True)
class Task:
    """Work for one process: `run` judges `size` mutants, or finds further tasks."""

    run: Callable[[], TaskResult]
    size: int = 0


@dataclass(frozen=True, slots=True)
class TaskResult:
    """What a task has judged, and the tasks that it has found."""

    results: Sequence[Result] = ()
    tasks: Sequence[Task] = field(default_factory=tuple)


def load_pact(vendor: str) -> Pact:
    """Return the committed pact of a vendor."""
    pact: Pact = json.loads((PACTS / pact_file_name(vendor)).read_text(encoding="utf-8"))
    return pact


def vendor_tasks(vendor: str, pact: Pact, seed: int, sides: Iterable[Side]) -> Iterator[Task]:
    """Yield the tasks of one vendor."""
    exchanged = [side for side in sides if side in {"response", "request"}]
    if exchanged:
        yield Task(partial(_prepare_exchanges, vendor, pact, seed, exchanged))
    if "client" in sides:
        yield Task(partial(_prepare_clients, vendor, pact))


def decision_tasks() -> Iterator[Task]:
    """Yield the tasks of the functions that decide."""
    for module in DECISIONS:
        yield Task(partial(_prepare_decisions, module))


def run_tasks(tasks: Iterable[Task], processes: int, on_progress: OnProgress) -> list[Result]:
    """Run tasks, and those that they find; return all results in a fixed order.

    Raises:
        NoVerdictError: a task could not judge its mutants, or its process died.
    """
    results: list[Result] = []
    first = list(tasks)
    total = sum(task.size for task in first)
    # spawned: the verifier's threads do not survive a fork
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, mp_context=context) as pool:
        pending: dict[Future[TaskResult], Task] = {pool.submit(_run_quietly, task): task for task in first}
        try:
            while pending:
                finished, _ = wait(pending, return_when=FIRST_COMPLETED)
                for future in finished:
                    task = pending.pop(future)
                    outcome = future.result()
                    results += outcome.results
                    # what a preparation judges is known when it is done
                    total += sum(item.size for item in outcome.tasks) + (
                        0 if task.size else len(outcome.results)
                    )
                    pending |= {pool.submit(_run_quietly, item): item for item in outcome.tasks}
                on_progress(len(results), total)
        except BrokenProcessPool as error:
            raise NoVerdictError(f"a process died: {error}") from None
        finally:
            pool.shutdown(cancel_futures=True)
    return sorted(results, key=_order)


def default_processes() -> int:
    """Return the number of processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _order(result: Result) -> tuple[int, str, str, str, str, str]:
    mutant = result.mutant
    return (
        SIDES.index(mutant.side), mutant.vendor, mutant.interaction, mutant.kind, mutant.path, mutant.after,
    )  # fmt: skip


def _run_quietly(task: Task) -> TaskResult:
    with quiet():
        return task.run()


def _prepare_exchanges(vendor: str, pact: Pact, seed: int, sides: Sequence[Side]) -> TaskResult:
    exchanges = capture_exchanges(vendor, pact)
    schemas = VendorSchemas(vendor)
    results: list[Result] = []
    tasks: list[Task] = []
    if "request" in sides:
        contract = load_contract(vendor)
        pairs = [(exchange, list(request_mutants(exchange, contract, schemas))) for exchange in exchanges]
        results = judge_requests(vendor, pairs)
    if "response" in sides:
        mutants = [
            mutant
            for exchange in exchanges
            for mutant in response_mutants(
                exchange,
                schemas,
                # each interaction has its own, so that another interaction does not change its mutants
                random.Random(f"{seed}/{vendor}/{exchange.description}"),  # noqa: S311 - not for security
            )
        ]
        tasks = [
            Task(partial(judge_responses, vendor, pact, portion), len(portion))
            for portion in _portions(mutants, REPLIES_PER_PASS)
        ]
    return TaskResult(results, tasks)


def judge_responses(vendor: str, pact: Pact, mutants: Sequence[ResponseMutant]) -> TaskResult:
    """Judge mutants of responses, together with the unchanged response of each of their interactions.

    Raises:
        NoVerdictError: an unchanged response does not match.
    """
    unchanged = list({item.exchange.description: item.exchange for item in mutants}.values())
    cases = [(exchange, exchange.reply) for exchange in unchanged]
    cases += [(item.exchange, item.reply) for item in mutants]
    judged = judge_replies(vendor, pact, cases)
    for exchange, difference in zip(unchanged, judged, strict=False):
        if difference is not None:
            raise NoVerdictError(f"{vendor}, '{exchange.description}': unchanged, but {difference}")
    rest = judged[len(unchanged) :]
    return TaskResult(
        [Result(item.mutant, difference) for item, difference in zip(mutants, rest, strict=True)]
    )


def _prepare_clients(vendor: str, pact: Pact) -> TaskResult:
    lines = record_lines(vendor, pact)
    return TaskResult(
        tasks=[
            Task(partial(_judge_clients, vendor, pact, lines, portion), len(portion))
            for portion in _portions(client_mutants(vendor), CLIENTS_PER_TASK)
        ]
    )


def _judge_clients(
    vendor: str, pact: Pact, lines: Mapping[str, Lines], mutants: Sequence[SourceMutant]
) -> TaskResult:
    return TaskResult(judge_clients(vendor, pact, lines, mutants))


def _prepare_decisions(module: str) -> TaskResult:
    return TaskResult(
        tasks=[
            Task(partial(_judge_decisions, portion), len(portion))
            for portion in _portions(decision_mutants(module), DECISIONS_PER_TASK)
        ]
    )


def _judge_decisions(mutants: Sequence[SourceMutant]) -> TaskResult:
    return TaskResult(judge_decisions(mutants))


def _portions(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]
