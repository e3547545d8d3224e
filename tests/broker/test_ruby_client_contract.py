"""The Ruby client's own contract with a Pact Broker, verified by the official verifier. Needs the folder VENDOR_SPECS."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pact import Verifier

from tests.broker.ruby_client_states import STATES, Setup

pytestmark = pytest.mark.vendor_specs

INTERACTIONS = 67
CONTRACT = "pact-broker/client-v2-pact.json"


@pytest.fixture(scope="module")
def contract() -> dict[str, Any]:
    """The contract."""
    document: dict[str, Any] = json.loads((Path(os.environ["VENDOR_SPECS"]) / CONTRACT).read_text())
    return document


@pytest.fixture(scope="module")
def broker_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """The URL and the database of a broker process, which all tests of this module use."""
    database = tmp_path_factory.mktemp("contract") / "broker.sqlite"
    command = [sys.executable, "-m", "broker", "--port", "0", "--database", str(database)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield process.stdout.readline().split()[-1], database
        process.kill()


@pytest.fixture
def setup(broker_url: tuple[str, Path]) -> Iterator[Setup]:
    """Sets up states on the broker, which is empty at first."""
    states = Setup(*broker_url)
    states.reset()
    yield states
    states.close()


def test_contract_is_complete(contract: dict[str, Any]) -> None:
    """The contract has all interactions, and each of its states can be set up."""
    states = {interaction.get("providerState") for interaction in contract["interactions"]}

    assert len(contract["interactions"]) == INTERACTIONS
    assert states - {None} == set(STATES)


@pytest.mark.parametrize("index", range(INTERACTIONS))
def test_broker_fulfils_interaction(
    index: int, contract: dict[str, Any], setup: Setup, broker_url: tuple[str, Path], tmp_path: Path
) -> None:
    """The official verifier accepts the response."""
    interaction = contract["interactions"][index]
    (tmp_path / "pact.json").write_text(json.dumps({**contract, "interactions": [interaction]}))
    prepared = []

    def prepare(state: str) -> None:
        # the verifier also calls it without a state, for an interaction that has none
        if state:
            STATES[state](setup)
            prepared.append(state)

    verifier = (
        Verifier("Pact Broker")
        .add_transport(url=broker_url[0])
        .add_source(tmp_path / "pact.json")
        # the contract has absolute links to this host
        .add_custom_header("Host", "example.org")
        .state_handler(prepare, teardown=False)
    )
    verifier.verify()

    # a verification that verifies nothing passes too
    assert [result["result"] for result in verifier.results["interactionResults"]] == ["OK"]
    assert prepared == [state for state in [interaction.get("providerState")] if state]
