"""Pact coverage: every vendor request of a suite is described by an interaction, and every interaction is exercised.

The stubs attribute their requests to interactions, and the messages that they send over a WebSocket. A request without an
interaction fails the test that caused it. Webhooks that a suite delivers are compared with the messages in the pacts.
`contract_usage.pytest_plugin` judges what all suites exercised.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any
from urllib.parse import quote, urlencode

import pytest

from contract_usage.interaction_log import InteractionLog
from contract_usage.pytest_plugin import OMITTED_MARKS, recording_folder
from provider_verification.stubs.engine.pact_messages import PactMessages
from tests.integration.curl import curl_command, used_variables
from tests.integration.vendors import StubClients

SWITCHING_PROTOCOLS = 101
"""The status of a WebSocket, whose messages are attributed in place of its handshake."""
DELIVERED_WEBHOOKS: list[tuple[str, bytes]] = []
"""Vendor and body of the webhooks that the service accepted from the running test."""
_IS_COUNTED: pytest.StashKey[bool] = pytest.StashKey()
_LOG: pytest.StashKey[InteractionLog] = pytest.StashKey()


def requests_without_interaction(requests: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Return the requests that no interaction describes; responses of injected faults do not count."""
    return [
        request
        for request in requests
        if not request["interactions"]
        and request["fault"] is None
        and request["status"] != SWITCHING_PROTOCOLS
    ]


def explain(vendor: str, url: str, request: Mapping[str, Any]) -> str:
    """Return the request, a command that repeats it, and the nearest interaction."""
    query = f"?{urlencode(request['query'], doseq=True)}" if request["query"] else ""
    address = f"{url}{quote(request['path'])}{query}"
    headers = {name: value for name, value in request["headers"].items() if name != "x-correlation-id"}
    command = curl_command(request["method"], address, headers, request["body"])
    variables = used_variables(headers, request["body"])
    nearest = request["nearest"]
    hint = f"the nearest interaction is '{nearest}'" if nearest else "no interaction is similar"
    return (
        f"{vendor} {request['operation']}, status {request['status']}: no pact describes this request; {hint}\n"
        f"    {command}{_explain_variables(vendor, variables)}"
    )


def _explain_variables(vendor: str, variables: list[str]) -> str:
    if not variables:
        return ""
    names = ", ".join(f"${name}" for name in variables)
    return f"\n    {names}: see env_vars in provider_verification/stubs/vendors/{vendor}/__init__.py" + (
        "; Apaleo's $TOKEN is the access_token of POST /connect/token" if vendor == "apaleo" else ""
    )


def fail_on_unknown_requests(config: pytest.Config, vendors: StubClients) -> None:
    """Record the exercised interactions, and fail on vendor requests that no pact describes."""
    problems = []
    for name, vendor in vendors.all.items():
        requests = vendor.journal()
        record(config, name, vendor.exercised_before_reset)
        vendor.exercised_before_reset.clear()
        for request in requests:
            record(config, name, request["exercised"])
        unknown = requests_without_interaction(requests)
        problems += [explain(name, vendor.url, request) for request in unknown]
    if problems:
        pytest.fail("\n".join(dict.fromkeys(problems)), pytrace=False)


def record(config: pytest.Config, vendor: str, interactions: Iterable[str]) -> None:
    """Record that the running test exercised interactions, unless other runs leave it out."""
    if not config.stash.get(_IS_COUNTED, False) or (folder := recording_folder()) is None:
        return
    if _LOG not in config.stash:
        config.stash[_LOG] = InteractionLog(folder)
    for description in interactions:
        config.stash[_LOG].record(vendor, description)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Note whether the test is one of every run: the list of exceptions has to be right for all runs."""
    item.config.stash[_IS_COUNTED] = not any(map(item.get_closest_marker, OMITTED_MARKS))


def pytest_runtest_teardown(item: pytest.Item) -> None:
    """Record the messages that the test delivered."""
    for vendor, body in DELIVERED_WEBHOOKS:
        record(item.config, vendor, _messages(vendor).matching(json.loads(body)))
    DELIVERED_WEBHOOKS.clear()


@cache
def _messages(vendor: str) -> PactMessages:
    return PactMessages(vendor)
