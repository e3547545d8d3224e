"""Pact coverage: every vendor request of a suite is described by an interaction of the pacts.

The stubs attribute their requests to interactions. A request without one fails the test that caused it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote, urlencode

import pytest

from tests.integration.curl import curl_command, used_variables
from tests.integration.vendors import StubClients

ExercisedInteractions = dict[str, set[str]]
EXERCISED_INTERACTIONS: pytest.StashKey[ExercisedInteractions] = pytest.StashKey()
INTERACTION_COUNTS: pytest.StashKey[dict[str, int]] = pytest.StashKey()
SWITCHING_PROTOCOLS = 101
"""The status of a WebSocket, whose messages are attributed in place of its handshake."""


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
    exercised = config.stash.setdefault(EXERCISED_INTERACTIONS, {})
    counts = config.stash.setdefault(INTERACTION_COUNTS, {})
    for name, vendor in vendors.all.items():
        requests = vendor.journal()
        descriptions = (description for request in requests for description in request["interactions"])
        exercised.setdefault(name, set()).update(descriptions)
        if name not in counts:
            counts[name] = len(vendor.interactions())
        unknown = requests_without_interaction(requests)
        problems += [explain(name, vendor.url, request) for request in unknown]
    if problems:
        pytest.fail("\n".join(dict.fromkeys(problems)), pytrace=False)


def coverage_by_vendor(config: pytest.Config) -> dict[str, dict[str, Any]]:
    """Return the exercised interactions and the number of those recorded, by vendor; the suite runner reads it."""
    exercised = config.stash.get(EXERCISED_INTERACTIONS, {})
    return {
        vendor: {"exercised": sorted(exercised.get(vendor, ())), "recorded": count}
        for vendor, count in config.stash.get(INTERACTION_COUNTS, {}).items()
    }


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Pass a worker's coverage to the controller."""
    output = getattr(session.config, "workeroutput", None)
    if output is not None:
        exercised = session.config.stash.get(EXERCISED_INTERACTIONS, {})
        output["exercised"] = {vendor: sorted(descriptions) for vendor, descriptions in exercised.items()}
        output["recorded"] = session.config.stash.get(INTERACTION_COUNTS, {})


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Merge a worker's coverage into the controller's."""
    output = getattr(node, "workeroutput", {})
    exercised = node.config.stash.setdefault(EXERCISED_INTERACTIONS, {})
    for vendor, descriptions in output.get("exercised", {}).items():
        exercised.setdefault(vendor, set()).update(descriptions)
    node.config.stash.setdefault(INTERACTION_COUNTS, {}).update(output.get("recorded", {}))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print how many interactions of each vendor the suites exercised."""
    config = terminalreporter.config
    counts = config.stash.get(INTERACTION_COUNTS, {})
    if not counts:
        return
    exercised = config.stash.get(EXERCISED_INTERACTIONS, {})
    terminalreporter.section("pact coverage: interactions exercised by the suites")
    for vendor, count in sorted(counts.items()):
        terminalreporter.line(f"{vendor}: {len(exercised.get(vendor, ()))} of {count} exercised")
