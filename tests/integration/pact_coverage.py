"""Closure: every call the orchestrator makes to a vendor in a suite is one that a pact describes.

The stubs attribute what they see to interactions. A call that is none of them fails the test that caused it.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlencode

import pytest

from tests.integration.vendors import StubClients

Exercised = dict[str, set[str]]
EXERCISED_INTERACTIONS: pytest.StashKey[Exercised] = pytest.StashKey()
INTERACTION_COUNTS: pytest.StashKey[dict[str, int]] = pytest.StashKey()


def requests_without_interaction(seen: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The requests that no pact describes; an answer that a test made up by a fault is no vendor's."""
    return [one for one in seen if not one["interactions"] and one["fault"] is None]


def explain(vendor: str, url: str, seen: Mapping[str, Any]) -> str:
    """What was called, how to call it again, and what is nearest to it in the pacts."""
    query = f"?{urlencode(seen['query'], doseq=True)}" if seen["query"] else ""
    body = f" --data {shlex.quote(seen['body'])}" if seen["body"] else ""
    kind = seen["headers"].get("content-type")
    header = f" --header {shlex.quote(f'Content-Type: {kind}')}" if kind else ""
    nearest = f"the nearest interaction is '{seen['nearest']}'" if seen["nearest"] else "nothing is near it"
    return (
        f"{vendor} {seen['operation']}, answered {seen['status']}: no pact describes this call; {nearest}\n"
        f"    curl --request {seen['method']} {shlex.quote(url + seen['path'] + query)}{header}{body}"
    )


def fail_on_unknown_requests(config: pytest.Config, vendors: StubClients) -> None:
    """Fail if a vendor was called in a way that no pact describes; note what was exercised."""
    problems = []
    exercised = config.stash.setdefault(EXERCISED_INTERACTIONS, {})
    recorded = config.stash.setdefault(INTERACTION_COUNTS, {})
    for name, vendor in vendors.all.items():
        seen = vendor.journal()
        found = exercised.setdefault(name, set())
        found.update(description for one in seen for description in one["interactions"])
        if name not in recorded:
            recorded[name] = len(vendor.interactions())
        problems += [explain(name, vendor.url, one) for one in requests_without_interaction(seen)]
    if problems:
        pytest.fail("\n".join(dict.fromkeys(problems)), pytrace=False)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """A worker hands over what it saw."""
    output = getattr(session.config, "workeroutput", None)
    if output is not None:
        exercised = session.config.stash.get(EXERCISED_INTERACTIONS, {})
        output["exercised"] = {vendor: sorted(found) for vendor, found in exercised.items()}
        output["recorded"] = session.config.stash.get(INTERACTION_COUNTS, {})


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Put together what the workers saw."""
    output = getattr(node, "workeroutput", {})
    exercised = node.config.stash.setdefault(EXERCISED_INTERACTIONS, {})
    for vendor, found in output.get("exercised", {}).items():
        exercised.setdefault(vendor, set()).update(found)
    node.config.stash.setdefault(INTERACTION_COUNTS, {}).update(output.get("recorded", {}))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """How much of the pacts the suites exercised."""
    config = terminalreporter.config
    recorded = config.stash.get(INTERACTION_COUNTS, {})
    if not recorded:
        return
    exercised = config.stash.get(EXERCISED_INTERACTIONS, {})
    terminalreporter.section("pact coverage: interactions exercised by the suites, of those recorded")
    for vendor, count in sorted(recorded.items()):
        terminalreporter.line(f"{vendor}: {len(exercised.get(vendor, ()))} of {count}")
