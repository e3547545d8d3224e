"""Judges replies by the official verifier: one pass carries many, each as an interaction of its own."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlsplit

from pact import Verifier

from contract_strength.exchange import Exchange, Reply
from contract_strength.mutant import NoVerdictError
from contract_strength.response_server import CASE_PARAMETER, CASE_PATH, run_reply_server
from provider_verification.certificates import certificates_for
from provider_verification.mismatches import error_text

Case = tuple[Exchange, Reply]
"""An interaction, and what the vendor sends for it."""


def judge_replies(vendor: str, pact: Mapping[str, Any], cases: Sequence[Case]) -> list[str | None]:
    """Return what the verifier says about each reply: None if it matches, otherwise the differences.

    Raises:
        NoVerdictError: the verifier did not judge all of them.
    """
    interactions = [_interaction(str(number), exchange) for number, (exchange, _) in enumerate(cases)]
    replies = [(reply, exchange.states) for exchange, reply in cases]
    with (
        TemporaryDirectory() as folder,
        run_reply_server(replies) as server,
        certificates_for(server.url),
    ):
        file = Path(folder) / "pact.json"
        file.write_text(json.dumps({**pact, "interactions": interactions}), encoding="utf-8")
        verifier = _create_verifier(vendor, server.url, file)
        try:
            verifier.verify()
        except RuntimeError as error:
            raised = str(error)
        else:
            raised = ""
        results = verifier.results["interactionResults"]
    judged = {int(result["description"]): _differences(result) for result in results}
    if judged.keys() != set(range(len(cases))):
        raise NoVerdictError(f"{vendor}: {len(judged)} of {len(cases)} replies were judged: {raised}")
    return [judged[number] for number in range(len(cases))]


def _create_verifier(vendor: str, url: str, file: Path) -> Verifier:
    port = urlsplit(url).port
    return (
        Verifier(vendor, host="127.0.0.1")
        .add_transport(url=url)
        .add_transport(protocol="message", scheme="http", port=port, path="/_stub/messages")
        .state_handler(f"{url}/_stub/states", teardown=False, body=True)
        .set_coloured_output(enabled=False)
        .add_source(file)
    )


def _interaction(marker: str, exchange: Exchange) -> dict[str, Any]:
    """Return an interaction under another name, and what it demands of the reply unchanged."""
    interaction = {**exchange.interaction, "description": marker}
    states = exchange.interaction.get("providerStates", ())
    interaction["providerStates"] = (
        [_with_case(state, marker) for state in states] if _needs_states(exchange) else []
    )
    if exchange.request is not None:
        interaction["request"] = {"method": "GET", "path": f"{CASE_PATH}{marker}"}
    return interaction


def _needs_states(exchange: Exchange) -> bool:
    """Return whether what the reply must match depends on the values of a provider state."""
    return "ProviderState" in json.dumps(exchange.demanded.get("generators", {}))


def _with_case(state: Mapping[str, Any], marker: str) -> dict[str, Any]:
    return {**state, "params": {**state.get("params", {}), CASE_PARAMETER: marker}}


def _differences(result: Mapping[str, Any]) -> str | None:
    if result["result"] == "OK":
        return None
    mismatches = result.get("mismatch", {}).get("mismatches", ())
    texts = [f"{item.get('path') or item.get('key') or ''} {item['mismatch']}".strip() for item in mismatches]
    return "; ".join(dict.fromkeys(texts)) or error_text(result)


@contextmanager
def quiet() -> Iterator[None]:
    """Suppress standard output, also that of the verifier, which writes to the file descriptor itself."""
    sys.stdout.flush()
    stdout = os.dup(1)
    with Path(os.devnull).open("w", encoding="utf-8") as null:
        os.dup2(null.fileno(), 1)
        try:
            yield
        finally:
            sys.stdout.flush()
            os.dup2(stdout, 1)
            os.close(stdout)
