"""Writes pact files from recorded interactions; the same interactions give the same bytes."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import structlog.testing

from consumer_tests.contract import ConsumerContract
from consumer_tests.discovery import load_contract
from consumer_tests.interaction import HttpInteraction, MessageInteraction
from consumer_tests.matchers import ExampleModelMismatchError
from consumer_tests.names import CONSUMER_NAME
from consumer_tests.recorder import InteractionMismatchError, record_interaction, record_message

PACT_METADATA = {"pactSpecification": {"version": "4.0"}}


class RecordingError(Exception):
    """The client does not match some interactions of a vendor; the message lists them all, numbered."""


@dataclass(frozen=True, slots=True)
class RecordedPact:
    """A recorded pact: its vendor, the number of its interactions, and the path of its file."""

    vendor: str
    interactions: int
    path: Path


def record_pacts(vendors: Iterable[str], folder: Path) -> Iterator[RecordedPact]:
    """Record the pacts of these vendors into a folder, one after the other.

    Raises:
        RecordingError: a client does not match its interactions; the pact file of its vendor is unchanged.
    """
    # one loop for all vendors, because the connection pool belongs to it
    # the clients log the failures that they are expected to report, which is no news here
    with asyncio.Runner() as runner, structlog.testing.capture_logs():
        http = httpx.AsyncClient()
        try:
            for vendor in vendors:
                interactions = runner.run(record_interactions(load_contract(vendor), http))
                path = write_pact(folder, vendor, render_pact(vendor, interactions))
                yield RecordedPact(vendor, len(interactions), path)
        finally:
            runner.run(http.aclose())


def pact_file_name(vendor: str) -> str:
    """Return the name of a vendor's pact file."""
    return f"{CONSUMER_NAME}-{vendor}.json"


async def record_interactions(contract: ConsumerContract, http: httpx.AsyncClient) -> list[dict[str, Any]]:
    """Record every HTTP interaction and message of a vendor.

    Raises:
        RecordingError: listing every interaction that the client does not match.
    """
    recorded: list[dict[str, Any]] = []
    mismatches: list[str] = []
    interactions: list[HttpInteraction | MessageInteraction] = [*contract.interactions, *contract.messages]
    for interaction in interactions:
        try:
            if isinstance(interaction, MessageInteraction):
                recorded.append(record_message(interaction))
            else:
                recorded.append(await record_interaction(contract, interaction, http))
        except InteractionMismatchError as error:
            mismatches.append(str(error))
        except ExampleModelMismatchError as error:
            mismatches.append(f"{interaction.title}: {error}")
    if mismatches:
        raise RecordingError("\n".join(map(_number, range(1, len(mismatches) + 1), mismatches)))
    return recorded


def _number(number: int, text: str) -> str:
    return f"{number}. " + text.replace("\n", "\n     ")


def render_pact(vendor: str, interactions: Iterable[dict[str, Any]]) -> str:
    """Return the text of a pact file: with sorted keys, and without metadata of the library that recorded it."""
    pact = {
        "consumer": {"name": CONSUMER_NAME},
        "provider": {"name": vendor},
        "interactions": list(interactions),
        "metadata": PACT_METADATA,
    }
    return json.dumps(pact, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def write_pact(folder: Path, vendor: str, text: str) -> Path:
    """Write a pact file atomically and return its path."""
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / pact_file_name(vendor)
    # another suffix, so that a draft left by an interrupted run is not taken for a pact
    draft = target.with_suffix(".draft")
    draft.write_text(text, encoding="utf-8")
    draft.replace(target)
    return target
