"""Pact files: whole documents from recorded interactions, the same bytes each time."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from consumer_tests.contract import Contract
from consumer_tests.demand import UnreadFieldError
from consumer_tests.discovery import contract_of
from consumer_tests.expectation import Expectation, MessageExpectation
from consumer_tests.recorder import CONSUMER, ExpectationNotMetError, record, record_message

SPECIFICATION = {"pactSpecification": {"version": "4.0"}}


class RecordingError(Exception):
    """Some expectations of a vendor were not met: all of them, numbered, in one message."""


@dataclass(frozen=True, slots=True)
class RecordedPact:
    """A pact just recorded: its vendor, how many interactions it holds, and where it was written."""

    vendor: str
    interactions: int
    path: Path


def record_pacts(names: Iterable[str], folder: Path) -> Iterator[RecordedPact]:
    """Record these vendors' pacts into a folder, one after the other.

    Raises:
        RecordingError: expectations of a vendor were not met; its pact file stays as it was.
    """
    with asyncio.Runner() as runner:
        http = httpx.AsyncClient()
        try:
            for vendor in names:
                interactions = runner.run(record_all(contract_of(vendor), http))
                path = write(folder, vendor, document(vendor, interactions))
                yield RecordedPact(vendor, len(interactions), path)
        finally:
            runner.run(http.aclose())


def file_name(vendor: str) -> str:
    """The pact file of a vendor."""
    return f"{CONSUMER}-{vendor}.json"


async def record_all(contract: Contract, http: httpx.AsyncClient) -> list[dict[str, Any]]:
    """Record every expectation and message of a vendor.

    Raises:
        RecordingError: naming every expectation that was not met.
    """
    recorded: list[dict[str, Any]] = []
    unmet: list[str] = []
    everything: list[Expectation | MessageExpectation] = [*contract.expectations, *contract.messages]
    for expectation in everything:
        try:
            if isinstance(expectation, MessageExpectation):
                recorded.append(record_message(expectation))
            else:
                recorded.append(await record(contract, expectation, http))
        except ExpectationNotMetError as error:
            unmet.append(str(error))
        except UnreadFieldError as error:
            unmet.append(f"{expectation.description}: {error}")
    if unmet:
        raise RecordingError("\n".join(f"{number}. {text}" for number, text in enumerate(unmet, 1)))
    return recorded


def document(vendor: str, interactions: Iterable[dict[str, Any]]) -> str:
    """The text of a pact file: sorted keys and nothing that depends on the library that recorded it."""
    pact = {
        "consumer": {"name": CONSUMER},
        "provider": {"name": vendor},
        "interactions": list(interactions),
        "metadata": SPECIFICATION,
    }
    return json.dumps(pact, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def write(folder: Path, vendor: str, text: str) -> Path:
    """Write a pact file whole or not at all."""
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / file_name(vendor)
    draft = target.with_suffix(".draft")
    draft.write_text(text, encoding="utf-8")
    draft.replace(target)
    return target
