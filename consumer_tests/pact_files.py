"""Pact files: whole documents from recorded interactions, the same bytes each time."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from consumer_tests.contract import ConsumerContract
from consumer_tests.discovery import load_contract
from consumer_tests.interaction import HttpInteraction, MessageInteraction
from consumer_tests.matchers import ExampleModelMismatchError
from consumer_tests.recorder import (
    CONSUMER_NAME,
    InteractionMismatchError,
    record_interaction,
    record_message,
)

PACT_METADATA = {"pactSpecification": {"version": "4.0"}}


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
                interactions = runner.run(record_interactions(load_contract(vendor), http))
                path = write_pact(folder, vendor, render_pact(vendor, interactions))
                yield RecordedPact(vendor, len(interactions), path)
        finally:
            runner.run(http.aclose())


def pact_file_name(vendor: str) -> str:
    """The pact file of a vendor."""
    return f"{CONSUMER_NAME}-{vendor}.json"


async def record_interactions(contract: ConsumerContract, http: httpx.AsyncClient) -> list[dict[str, Any]]:
    """Record every expectation and message of a vendor.

    Raises:
        RecordingError: naming every expectation that was not met.
    """
    recorded: list[dict[str, Any]] = []
    unmet: list[str] = []
    everything: list[HttpInteraction | MessageInteraction] = [*contract.expectations, *contract.messages]
    for expectation in everything:
        try:
            if isinstance(expectation, MessageInteraction):
                recorded.append(record_message(expectation))
            else:
                recorded.append(await record_interaction(contract, expectation, http))
        except InteractionMismatchError as error:
            unmet.append(str(error))
        except ExampleModelMismatchError as error:
            unmet.append(f"{expectation.description}: {error}")
    if unmet:
        raise RecordingError("\n".join(f"{number}. {text}" for number, text in enumerate(unmet, 1)))
    return recorded


def render_pact(vendor: str, interactions: Iterable[dict[str, Any]]) -> str:
    """The text of a pact file: sorted keys and nothing that depends on the library that recorded it."""
    pact = {
        "consumer": {"name": CONSUMER_NAME},
        "provider": {"name": vendor},
        "interactions": list(interactions),
        "metadata": PACT_METADATA,
    }
    return json.dumps(pact, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def write_pact(folder: Path, vendor: str, text: str) -> Path:
    """Write a pact file whole or not at all."""
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / pact_file_name(vendor)
    draft = target.with_suffix(".draft")
    draft.write_text(text, encoding="utf-8")
    draft.replace(target)
    return target
