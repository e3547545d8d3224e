"""The coverage of the interactions: what is a problem, what a report names, and what counts."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from contract_usage import session_coverage
from contract_usage.coverage import MAX_NAMES, VendorCoverage, describe, find_problems
from contract_usage.exceptions import InvalidExceptionsError
from contract_usage.exchanges import Exchange, Instance
from contract_usage.interaction_log import InteractionLog
from contract_usage.session_coverage import read_coverage, write_coverage
from contract_usage.unexercised import read_unexercised
from contract_usage.usage_log import UsageLog

MANY = [f"interaction {number}" for number in range(100)]
LIST = "contract_usage/unexercised_interactions.toml"
ROOM = Exchange("livekit", "CreateRoom", 200)
STARTED = Exchange("livekit", "message room_started", 0)


def test_all_interactions_are_exercised() -> None:
    """No problem."""
    assert find_problems({"apaleo": VendorCoverage(MANY, MANY)}) == []


def test_missing_interaction_is_named_unless_listed() -> None:
    """With its vendor."""
    exercised = MANY[2:]

    assert find_problems({"apaleo": VendorCoverage(MANY, exercised, ["interaction 1"])}) == [
        "apaleo: no suite exercises 'interaction 0'"
    ]
    assert find_problems({"apaleo": VendorCoverage(MANY, exercised, MANY[:2])}) == []


def test_stale_entries_are_named() -> None:
    """An entry for what is exercised, and one for what no pact has: the list may only shrink."""
    assert find_problems({"apaleo": VendorCoverage(MANY, MANY, ["unknown", "interaction 7"])}) == [
        f"apaleo: 'interaction 7' is listed in {LIST}, but a suite exercises it: delete the entry",
        f"apaleo: 'unknown' is listed in {LIST}, but no pact has it: delete the entry",
    ]


@pytest.mark.parametrize(
    ("missing", "problems"),
    [(5, []), (6, ["94.0% of all interactions are exercised, which is less than 95%"])],
)
def test_share_of_all_interactions_has_a_minimum(missing: int, problems: list[str]) -> None:
    """However many are listed."""
    assert find_problems({"apaleo": VendorCoverage(MANY, MANY[missing:], MANY[:missing])}) == problems


def test_report_names_a_few() -> None:
    """And how many more there are, and where; a run of some suites has figures only."""
    coverage = {"tts": VendorCoverage(MANY, MANY), "apaleo": VendorCoverage(MANY, MANY[7:])}
    names = ", ".join(f"'{name}'" for name in MANY[:MAX_NAMES])

    assert describe(coverage, is_complete=True) == [
        f"apaleo: 93 of 100 interactions exercised; not: {names} and 2 more, see {LIST}",
        "tts: 100 of 100 interactions exercised",
        "all vendors: 96.5% of 200 interactions exercised",
    ]
    assert describe({**coverage, "vault": VendorCoverage(MANY, [])}, is_complete=False) == [
        "apaleo: 93 of 100 interactions exercised",
        "tts: 100 of 100 interactions exercised",
    ]


@pytest.fixture
def pacts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a pact of two interactions and a message; an entry is listed that no pact has."""
    room = {
        "type": "Synchronous/HTTP",
        "request": {"method": "POST", "path": "/twirp/livekit.RoomService/CreateRoom"},
        "response": {"status": 200},
    }
    started = {"event": "room_started"}
    interactions = [
        {**room, "description": "a room"},
        {**room, "description": "a room with limits"},
        {"type": "Asynchronous/Messages", "contents": {"content": started}, "description": "a start"},
    ]
    monkeypatch.setattr(session_coverage, "read_unexercised", lambda: {"vault": frozenset({"a secret"})})
    folder = tmp_path / "pacts"
    folder.mkdir()
    pact = {"provider": {"name": "livekit"}, "interactions": interactions}
    (folder / "pact.json").write_text(json.dumps(pact))
    return folder


def exercised(folder: Path, pacts: Path) -> set[str]:
    """Return what LiveKit's record in a folder exercises."""
    return set(read_coverage(folder, pacts)["livekit"].exercised)


def test_interaction_counts_that_was_attributed_and_exchanged(tmp_path: Path, pacts: Path) -> None:
    """In whatever processes: each has a file of its own."""
    for name in ("a room", "a start", "of an older pact"):
        InteractionLog(tmp_path).record("livekit", name)
    UsageLog(tmp_path).record(Instance(ROOM, ("a room", "a room with limits")))
    UsageLog(tmp_path).record(Instance(STARTED, ("a start",)))

    assert exercised(tmp_path, pacts) == {"a room", "a start"}


def test_request_of_a_test_does_not_count(tmp_path: Path, pacts: Path) -> None:
    """No process of the service recorded such a response: a client of the test's own got it."""
    for name in ("a room", "a room with limits", "a start"):
        InteractionLog(tmp_path).record("livekit", name)
    UsageLog(tmp_path).record(Instance(ROOM))
    UsageLog(tmp_path).record(Instance(STARTED, ("a start",)))

    assert exercised(tmp_path, pacts) == {"a start"}


def test_exchange_without_attribution_does_not_count(tmp_path: Path, pacts: Path) -> None:
    """The service may have got an injected fault."""
    UsageLog(tmp_path).record(Instance(ROOM, ("a room",)))

    assert exercised(tmp_path, pacts) == set()


def test_vendor_without_pact_keeps_its_list(
    tmp_path: Path, pacts: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its entries are stale; of a server that the environment names nothing is judged."""
    monkeypatch.delenv("VAULT_ADDR", raising=False)
    assert read_coverage(tmp_path, pacts)["vault"] == VendorCoverage((), frozenset(), frozenset({"a secret"}))

    monkeypatch.setenv("VAULT_ADDR", "http://127.0.0.1:8200")
    assert set(read_coverage(tmp_path, pacts)) == {"livekit"}


def test_figures_are_written_for_the_gate(tmp_path: Path) -> None:
    """The names of all that is missing."""
    write_coverage(tmp_path, {"tts": VendorCoverage(("a", "b"), ["b"]), "apaleo": VendorCoverage((), [])})

    assert json.loads((tmp_path / "coverage.json").read_text()) == {
        "apaleo": {"recorded": 0, "missing": []},
        "tts": {"recorded": 2, "missing": ["a"]},
    }


def test_list_has_entries_with_reasons() -> None:
    """The file can be read, and its vendors are those of the pacts."""
    assert set(read_unexercised()) <= {"apaleo", "livekit", "mews", "tts", "vault"}


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('[apaleo]\n"a" = " "', "list.toml: 'a' of apaleo has no reason"),
        ('[apaleo]\n"a" = 1', "list.toml: 'a' of apaleo has no reason"),
        ('"a" = "b"', "list.toml: 'a' is not the table of a vendor"),
        ("[apaleo", "list.toml: "),
        ('[apaleo]\n"a" = "b"\n"a" = "b"', "list.toml: "),
    ],
)
def test_invalid_list(tmp_path: Path, text: str, problem: str) -> None:
    """The error names the file and the entry."""
    file = tmp_path / "list.toml"
    file.write_text(text)

    with pytest.raises(InvalidExceptionsError) as error:
        read_unexercised(file)

    assert str(error.value).startswith(problem)
