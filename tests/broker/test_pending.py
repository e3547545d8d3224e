"""Pending and WIP decisions: from plain results, and at the broker."""

from __future__ import annotations

import httpx
import pytest

from broker.database import now_microseconds
from broker.domain.pending import ProviderContext, SuccessfulVerification, is_pending, is_wip
from broker.services import pacts_for_verification
from tests.broker.payloads import pact, publication

DAY_US = 24 * 3600 * 1_000_000
NOW = 1_000 * DAY_US
ON_MAIN = ProviderContext(branch="main", branch_since=0, branch_version_since=0, tags=())


def success(verified_at: int = NOW, *branches: str, wip: bool = False) -> SuccessfulVerification:
    """Return a successful result of a provider version on branches."""
    return SuccessfulVerification(verified_at, frozenset(branches), frozenset(), frozenset(), wip)


@pytest.mark.parametrize(
    ("age_us", "wip"),
    [(0, False), (1_000, False), (DAY_US, False), (30 * DAY_US - 1, False), (30 * DAY_US, True)],
    ids=["now", "one millisecond", "one day", "just under 30 days", "30 days"],
)
def test_success_keeps_pact_from_being_wip_for_30_days(age_us: int, wip: bool) -> None:  # noqa: FBT001 - a case of the table
    """A success counts for 30 days, whatever its age below that."""
    assert is_wip([success(NOW - age_us, "main")], ON_MAIN, NOW) is wip


def test_age_of_success_does_not_change_pending_status() -> None:
    """A pact that passed on the branch is never pending again."""
    assert is_pending([success(NOW - 400 * DAY_US, "main")], ON_MAIN) is False


@pytest.mark.parametrize(("verified_at", "pending"), [(99, False), (100, True), (101, True)])
def test_success_on_other_branch_counts_only_before_this_branch(verified_at: int, pending: bool) -> None:  # noqa: FBT001 - a case of the table
    """A success elsewhere counts if it is older than this branch."""
    provider = ProviderContext(branch="feat/x", branch_since=100, branch_version_since=100, tags=())

    assert is_pending([success(verified_at, "main")], provider) is pending


def test_success_of_a_wip_verification_does_not_end_wip() -> None:
    """Only results of explicitly selected pacts end the WIP status."""
    assert is_wip([success(NOW, "main", wip=True)], ON_MAIN, NOW) is True


def test_pact_without_success_is_pending_and_wip() -> None:
    """A pact that never passed is pending and work in progress."""
    assert (is_pending([], ON_MAIN), is_wip([], ON_MAIN, NOW)) == (True, True)


@pytest.mark.parametrize(("days", "pacts"), [(0, 0), (29, 0), (31, 1)])
async def test_wip_pact_returns_30_days_after_its_success(
    broker: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch, days: int, pacts: int
) -> None:
    """At the broker a success ends the WIP status for 30 days of its clock."""
    await broker.post("/contracts/publish", json=publication("1", pact("A", "B", "x"), branch="feat/x"))
    await broker.put("/pacticipants/B/branches/main/versions/1", json={})
    document = (await broker.get("/pacts/provider/B/consumer/A/latest")).json()
    results_url = document["_links"]["pb:publish-verification-results"]["href"]
    await broker.post(results_url, json={"success": True, "providerApplicationVersion": "1"})
    later = now_microseconds() + days * DAY_US
    monkeypatch.setattr(pacts_for_verification, "now_microseconds", lambda: later)

    body = {
        "providerVersionBranch": "main",
        "includeWipPactsSince": "2020-01-01",
        "consumerVersionSelectors": [{"branch": "main"}],
    }
    response = await broker.post("/pacts/provider/B/for-verification", json=body)

    assert len(response.json()["_embedded"]["pacts"]) == pacts


async def test_other_branch_counts_before_the_branch_for_pending_and_before_its_first_version_for_wip(
    broker: httpx.AsyncClient,
) -> None:
    """A success between the creation of a version and that of its branch ends the pending status, not the WIP status."""
    await broker.post("/contracts/publish", json=publication("1", pact("A", "B", "x"), branch="feat/x"))
    document = (await broker.get("/pacts/provider/B/consumer/A/latest")).json()
    results_url = document["_links"]["pb:publish-verification-results"]["href"]
    await broker.put("/pacticipants/B/versions/1", json={})
    await broker.put("/pacticipants/B/branches/main/versions/2", json={})
    await broker.post(results_url, json={"success": True, "providerApplicationVersion": "2"})
    await broker.put("/pacticipants/B/branches/new/versions/1", json={})

    body = {"providerVersionBranch": "new", "includeWipPactsSince": "2020-01-01"}
    selectors = ({"branch": "feat/x"}, {"branch": "none"})
    responses = [
        await broker.post(
            "/pacts/provider/B/for-verification", json={**body, "consumerVersionSelectors": [selector]}
        )
        for selector in selectors
    ]

    properties = [
        item["verificationProperties"]
        for response in responses
        for item in response.json()["_embedded"]["pacts"]
    ]
    assert [(item["pending"], item.get("wip")) for item in properties] == [(False, None), (True, True)]
