"""The pacts that a provider verifies over a stored history: which are selected, why, and their pending and WIP status."""

from __future__ import annotations

from functools import cache

import pytest

from broker.domain.selectors import ConsumerVersionSelector as Selector
from broker.domain.verification_request import PactsForVerificationRequest
from broker.services.pacts_for_verification import list_pacts_to_verify
from tests.broker.stored_history import StoredHistory


@cache
def history() -> StoredHistory:
    """Three consumers of Pay: App with a main branch, Bot with the tag of one, Web with neither."""
    stored = StoredHistory()
    stored.publish("Web", "1", "w1", branch="feat/a")
    stored.publish("Web", "2", "w2", branch="feat/b")
    stored.publish("App", "1", "a1", branch="main")
    stored.publish("App", "2", "a2", branch="main")
    stored.publish("App", "3", "a3", branch="feat/b")
    stored.publish("Bot", "1", "b1")
    stored.publish("Bot", "2", "b2")
    stored.publish("Bot", "3", "b3")
    for number in ("1", "2"):
        stored.version("Bot", number, None, "main", f"v{number}")
    stored.publish("App", "1", "m1", provider="Mail")
    stored.deploy("App", "1", "test")
    stored.release("App", "2", "test")
    stored.deploy("Web", "1")
    return stored


def select(*selectors: Selector, stored: StoredHistory | None = None) -> list[tuple[str, str, list[str]]]:
    """Return consumer, version and reasons of each selected pact."""
    source = stored or history()
    request = PactsForVerificationRequest(
        list(selectors), branch="main", tags=[], include_pending=False, wip_since=None
    )
    pacts = list_pacts_to_verify(source.db, source.pacticipant("Pay"), request)
    assert all(item.pending is None and item.wip is False for item in pacts)
    return [(item.pact["consumer"], item.pact["version_number"], item.reasons) for item in pacts]


IN_TEST = [("App", "1", ["deployed to test"]), ("App", "2", ["released in test"])]
HEADS = [("App", "3", ["latest from branch feat/b"]), ("Web", "2", ["latest from branch feat/b"])]
CASES: dict[str, tuple[Selector, list[tuple[str, str, list[str]]]]] = {
    "newest": (
        Selector(latest=True),
        [("App", "3", ["latest"]), ("Bot", "3", ["latest"]), ("Web", "2", ["latest"])],
    ),
    "newest of one consumer": (Selector(latest=True, consumer="Web"), [("Web", "2", ["latest"])]),
    "not the newest": (Selector(latest=False, consumer="Web"), []),
    "main branch": (Selector(main_branch=True), [("App", "2", ["latest from main branch"])]),
    "one branch": (Selector(branch="feat/b"), HEADS),
    "all branches": (
        Selector(branch=True),
        [("App", "2", ["latest from branch main"]), HEADS[0], ("Web", "1", ["latest from branch feat/a"]), HEADS[1]],
    ),
    "branch that nobody has": (Selector(branch="feat/c"), []),
    "branch with a fallback": (
        Selector(branch="feat/c", fallback_branch="feat/a"), [("Web", "1", ["latest from branch feat/a"])],
    ),
    "fallback that is not needed": (Selector(branch="feat/b", fallback_branch="feat/a"), HEADS),
    "newest with a tag": (Selector(tag="main", latest=True), [("Bot", "2", ["latest with tag main"])]),
    "all with a tag": (
        Selector(tag="main"), [("Bot", "1", ["one of main"]), ("Bot", "2", ["one of main"])],
    ),
    "tag with a fallback": (
        Selector(tag="v9", latest=True, fallback_tag="v1"), [("Bot", "1", ["latest with tag v1"])],
    ),
    "deployed": (Selector(deployed=True), [IN_TEST[0], ("Web", "1", ["deployed to production"])]),
    "released": (Selector(released=True), IN_TEST[1:]),
    "deployed or released in one environment": (
        Selector(deployed=True, released=True, environment="test"), IN_TEST,
    ),
    "deployed of one consumer": (
        Selector(deployed=True, consumer="Web"), [("Web", "1", ["deployed to production"])],
    ),
    "deployed of one consumer elsewhere": (Selector(deployed=True, consumer="Web", environment="test"), []),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_selector(case: str) -> None:
    """A selector selects the current pacts of versions with this provider, each with a reason."""
    selector, expected = CASES[case]

    assert select(selector) == expected


def test_default_selection() -> None:
    """The head of the main branch, or the newest with its tag, or the newest; and what is deployed or released."""
    stored = history()
    stored.pacticipant("Bot", main_branch="main")

    assert select() == [
        ("App", "1", ["deployed to test"]),
        ("App", "2", ["latest from main branch", "released in test"]),
        ("Bot", "2", ["latest with tag main"]),
        ("Web", "1", ["deployed to production"]),
        ("Web", "2", ["latest"]),
    ]


def test_head_without_pact_selects_nothing() -> None:
    """Nor is an older version of the main branch selected in its place."""
    stored = StoredHistory()
    stored.publish("App", "1", "a1", branch="main")
    stored.version("App", "2", "main")
    stored.publish("App", "3", "a3")

    assert select(stored=stored) == []


def test_newest_version_with_a_tag_has_no_pact() -> None:
    """The default selection is the newest pact then; a selector selects nothing."""
    stored = StoredHistory()
    stored.pacticipant("App", main_branch="main")
    stored.publish("App", "1", "a1")
    stored.version("App", "2", None, "main")

    assert select(stored=stored) == [("App", "1", ["latest"])]
    assert select(Selector(tag="main", latest=True), stored=stored) == []


def test_content_is_verified_once() -> None:
    """For the newest version that has it, with all reasons; in the order of the consumers' names without case."""
    stored = StoredHistory()
    for number in ("1", "2"):
        stored.publish("web", number, "same", branch=f"feat/{number}")
    stored.publish("App", "1", "a1", branch="feat/1")

    assert select(Selector(branch="feat/2"), Selector(branch=True), stored=stored) == [
        ("App", "1", ["latest from branch feat/1"]),
        (
            "web",
            "2",
            ["latest from branch feat/2", "latest from branch feat/1", "latest from branch feat/2"],
        ),
    ]


def statuses(
    stored: StoredHistory,
    *,
    branch: str | None = "main",
    include_pending: bool = True,
    wip_since: int | None = 0,
) -> list[tuple[str, bool | None, bool, list[str]]]:
    """Return version, pending and WIP status, and reasons of each pact, if the main branch's are selected."""
    request = PactsForVerificationRequest(
        [Selector(main_branch=True)], branch, [], include_pending=include_pending, wip_since=wip_since
    )
    pacts = list_pacts_to_verify(stored.db, stored.pacticipant("Pay"), request)
    return [(item.pact["version_number"], item.pending, item.wip, item.reasons) for item in pacts]


@cache
def work_in_progress() -> StoredHistory:
    """A verified pact on main, an equal one on two other branches, and one that was verified on its branch."""
    stored = StoredHistory()
    stored.publish("App", "1", "a1", branch="main")
    stored.publish("App", "2", "a2", branch="feat/a")
    stored.publish("App", "3", "a2", branch="feat/b")
    stored.publish("App", "4", "a4", branch="feat/c")
    stored.version("Pay", "10", "main")
    stored.verify("App", "1", "10")
    stored.verify("App", "4", "10")
    return stored


MAIN = ("1", False, False, ["latest from main branch"])


def test_work_in_progress() -> None:
    """The heads of branches that have not passed are added as WIP, with one reason, and are pending."""
    assert statuses(work_in_progress()) == [MAIN, ("3", True, True, ["work in progress"])]


def test_selected_pact_is_no_work_in_progress() -> None:
    """Although nobody has verified it."""
    stored = StoredHistory()
    stored.publish("App", "1", "a1", branch="main")

    assert statuses(stored) == [("1", True, False, ["latest from main branch"])]


@pytest.mark.parametrize(("branch", "wip_since"), [("main", None), (None, 0), (None, None)])
def test_work_in_progress_is_not_asked_for(branch: str | None, wip_since: int | None) -> None:
    """It needs a date, and a branch or a tag of the provider."""
    assert statuses(work_in_progress(), branch=branch, wip_since=wip_since) == [MAIN]


def test_pending_status_is_not_asked_for() -> None:
    """It is unknown then; that of a WIP pact is not."""
    [(_, main_pending, *_), (_, wip_pending, *_)] = statuses(work_in_progress(), include_pending=False)

    assert (main_pending, wip_pending) == (None, True)
