"""The Ruby client's own contract with a Pact Broker, verified by the official verifier. Needs the folder VENDOR_SPECS."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx
import pytest
from pact import Verifier

from tests.broker.broker_process import run_broker
from tests.broker.ruby_client_states import STATES, Setup

pytestmark = pytest.mark.vendor_specs

INTERACTIONS = 67
CONTRACT = "pact-broker/client-v2-pact.json"
CONTRACT_HOST = "example.org"
"""The host of the absolute links in the contract."""


@pytest.fixture(scope="module")
def contract() -> dict[str, Any]:
    """The contract."""
    document: dict[str, Any] = json.loads((Path(os.environ["VENDOR_SPECS"]) / CONTRACT).read_text())
    return document


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """The URL and the database of a broker process, which all tests of this module use."""
    database = tmp_path_factory.mktemp("contract") / "broker.sqlite"
    with run_broker(database, "--allowed-hosts", CONTRACT_HOST) as url:
        yield url, database


@pytest.fixture(scope="module")
def matrix_url(broker: tuple[str, Path]) -> Iterator[str]:
    """The URL of a proxy that sends the keys of each selector together, as the client does.

    The contract's format has the values by key, so the verifier sends all pacticipants and then all versions, which no
    broker can tell apart.
    """

    class Proxy(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            url = urlsplit(self.path)
            response = httpx.get(f"{broker[0]}{url.path}?{regroup(url.query)}")
            self.send_response(response.status_code)
            for name in ("content-type", "content-length"):
                self.send_header(name, response.headers[name])
            self.end_headers()
            self.wfile.write(response.content)

        def log_message(self, *_: Any) -> None:
            """Write no log."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Proxy) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture
def setup(broker: tuple[str, Path]) -> Iterator[Setup]:
    """Sets up states on the broker, which is empty at first."""
    states = Setup(*broker)
    states.reset()
    yield states
    states.close()


def regroup(query: str) -> str:
    """Return a query whose versions belong to one pacticipant after the other, and all other criteria to the last one."""
    pairs = parse_qsl(query)
    selected = [{"q[][pacticipant]": value} for key, value in pairs if key == "q[][pacticipant]"]
    versions = [value for key, value in pairs if key == "q[][version]"]
    for selector, version in zip(selected, versions, strict=False):
        selector["q[][version]"] = version
    others = {key: value for key, value in pairs if key in {"q[][tag]", "q[][latest]"}}
    selected[-1] |= others
    rest = [pair for pair in pairs if not pair[0].startswith("q[]")]
    return urlencode([pair for selector in selected for pair in selector.items()] + rest)


def test_contract_is_complete(contract: dict[str, Any]) -> None:
    """The contract has all interactions, and each of its states can be set up."""
    states = {interaction.get("providerState") for interaction in contract["interactions"]}

    assert len(contract["interactions"]) == INTERACTIONS
    assert states - {None} == set(STATES)


@pytest.mark.parametrize("index", range(INTERACTIONS))
def test_broker_fulfils_interaction(
    index: int,
    contract: dict[str, Any],
    setup: Setup,
    broker: tuple[str, Path],
    matrix_url: str,
    tmp_path: Path,
) -> None:
    """The official verifier accepts the response."""
    interaction = contract["interactions"][index]
    (tmp_path / "pact.json").write_text(json.dumps({**contract, "interactions": [interaction]}))
    if state := interaction.get("providerState"):
        STATES[state](setup)

    verifier = (
        Verifier("Pact Broker", host="127.0.0.1")
        .add_transport(url=matrix_url if interaction["request"]["path"] == "/matrix" else broker[0])
        .add_source(tmp_path / "pact.json")
        .add_custom_header("Host", CONTRACT_HOST)
        .set_coloured_output(enabled=False)
    )
    verifier.verify()

    # a verification that verifies nothing passes too
    assert [result["result"] for result in verifier.results["interactionResults"]] == ["OK"]
