"""Known mistakes are found, and right requests are not accused: found, missed and false accusations in exact numbers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import httpx
import pytest

from provider_verification.stubs.engine.registry import create_stub_app, vendor_names
from provider_verification.stubs.engine.server import run_apps
from tests.stubs.known_mistakes import MISTAKES
from tests.stubs.known_requests import Case, credentials, describe
from tests.stubs.known_right_requests import REFUSED_IN_THIS_STATE, RIGHT
from tests.stubs.stub_calls import set_state

SCHEMA_WORDS = (
    "is not of type",
    "does not match",
    "dditional properties",
    "dependency",
    "is not one of",
    "schema",
    "jsonschema",
)
"""What the schema validators of Python and Rust say."""


@pytest.fixture(scope="module")
def clients() -> Iterator[dict[str, httpx.Client]]:
    """A client of each stub, as `make stubs` runs it, with the vendor's credentials."""
    with run_apps(create_stub_app(vendor, furnished=True) for vendor in vendor_names()) as servers:
        with httpx.Client(base_url=servers.urls["apaleo"]) as apaleo:
            token = set_state(apaleo, "an access token")["token"]
        clients = {
            vendor: httpx.Client(base_url=url, headers=credentials(vendor, token))
            for vendor, url in servers.urls.items()
        }
        yield clients
        for client in clients.values():
            client.close()


def wrongly_judged(clients: dict[str, httpx.Client], cases: Iterable[Case], *, is_right: bool) -> list[str]:
    """Send the cases one after another; return a line for each of which something else is recorded than expected."""
    lines = []
    for case in cases:
        client = clients[case.vendor]
        client.delete("/_stub/violations")
        status = case.send(client).status_code
        violations = [
            entry for entry in client.get("/_stub/violations").json() if entry["kind"] != "not_in_pacts"
        ]
        recorded = [f"{entry['kind']} {entry['where']}" for entry in violations]
        texts = " ".join(entry["requires"] for entry in violations)
        is_plain = not any(word in texts for word in SCHEMA_WORDS)
        if sorted(recorded) != sorted(case.expected) or not is_plain or (status >= 400) > (not is_right):
            lines.append(f"{describe(case, recorded, status)} {texts}")
    return lines


def test_known_mistakes_are_found(clients: dict[str, httpx.Client]) -> None:
    """Wrong paths, methods, names, types, values and credentials: each is recorded with its place, in plain words."""
    assert wrongly_judged(clients, MISTAKES, is_right=False) == []
    assert len(MISTAKES) == 145


def test_right_requests_are_not_accused(clients: dict[str, httpx.Client]) -> None:
    """Optional parts, other spellings, headers of proxies and repeated requests are no mistakes."""
    assert wrongly_judged(clients, RIGHT, is_right=True) == []
    assert len(RIGHT) == 81


def test_requests_that_the_state_makes_fail_are_not_accused(clients: dict[str, httpx.Client]) -> None:
    """The vendor refuses them here and now; the client made no mistake."""
    statuses = {case.send(clients[case.vendor]).status_code for case in REFUSED_IN_THIS_STATE}

    assert wrongly_judged(clients, REFUSED_IN_THIS_STATE, is_right=False) == []
    assert statuses == {400, 402, 404, 422}
