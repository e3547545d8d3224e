"""The comparison of demanded with read fields, and the exceptions from it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from contract_usage.comparison import Result, compare
from contract_usage.demands import Demands, Interaction
from contract_usage.exceptions import Exceptions, InvalidExceptionsError, read_exceptions
from contract_usage.exchanges import Exchange
from contract_usage.report import describe_usage
from contract_usage.usage_log import Usage

ROOM = Exchange("livekit", "CreateRoom", 200)
MISSING = Exchange("livekit", "CreateRoom", 404)
DEMANDS: Demands = {
    ROOM: [
        Interaction("a room being created", frozenset({"$.sid", "$.meta.a"})),
        Interaction("a named room being created", frozenset({"$.name", "$.sid"})),
    ]
}
NO_EXCEPTIONS: Mapping[str, str] = {}
EXACT: Usage = {ROOM: {"$.sid", "$.meta", "$.meta.a", "$.name"}}


def result(usage: Usage, demands: Demands = DEMANDS, reasons: Mapping[str, str] = NO_EXCEPTIONS) -> Result:
    """Compare, with the subjects of exceptions by kind."""
    return compare(
        demands,
        usage,
        Exceptions({(kind, "livekit", subject): "reason" for kind, subject in reasons.items()}),
    )


def test_equal() -> None:
    """No problem: every demanded field is read, and no other."""
    assert result(EXACT).problems == []


def test_unread_field() -> None:
    """The problem names the interactions that demand the field, and its path."""
    usage = {ROOM: EXACT[ROOM] - {"$.name"}}

    assert result(usage).problems == [
        "livekit CreateRoom 200 ('a named room being created'): $.name is demanded but never read"
    ]


def test_unread_field_of_read_object() -> None:
    """Reading an object does not count as reading its fields."""
    usage = {ROOM: EXACT[ROOM] - {"$.meta.a"}}

    assert [problem.rpartition(": ")[2] for problem in result(usage).problems] == [
        "$.meta.a is demanded but never read"
    ]


def test_undemanded_field() -> None:
    """Of an object that is not demanded, its fields are not named again."""
    usage = {ROOM: EXACT[ROOM] | {"$.more", "$.more.deep", "$.meta.b"}}

    problems = result(usage).problems

    assert [problem.rpartition(": ")[2] for problem in problems] == [
        "$.meta.b is read but not demanded",
        "$.more is read but not demanded",
    ]
    assert "'a room being created', 'a named room being created'" in problems[0]


def test_unexercised_exchange() -> None:
    """Nothing of it is compared: the coverage of the interactions is a check of its own."""
    demands = {**DEMANDS, MISSING: [Interaction("an unknown room", frozenset({"$.code"}))]}

    assert result(EXACT, demands).problems == []


def test_exchange_without_interaction() -> None:
    """It is an injected fault; the suites fail on any other."""
    assert result({**EXACT, MISSING: {"$.code"}}).problems == []


def test_copied_mapping() -> None:
    """A copy reads all keys of a mapping; those that the vendor sent besides the demanded ones are no problem."""
    demands = {ROOM: [Interaction("a room", frozenset({"$.labels.a"}))]}
    usage = {ROOM: {"$.labels", "$.labels.*", "$.labels.a", "$.labels.b"}}

    assert result(usage, demands).problems == []


@pytest.mark.parametrize("subject", ["CreateRoom 200 $.name", "CreateRoom * $.name", "* $.name"])
def test_excused_unread_field(subject: str) -> None:
    """An exception names an exchange, or all of a vendor."""
    assert result({ROOM: EXACT[ROOM] - {"$.name"}}, reasons={"unread": subject}).problems == []


def test_excused_undemanded_field() -> None:
    """An exception excuses a field that is read but not demanded."""
    assert (
        result({ROOM: EXACT[ROOM] | {"$.more"}}, reasons={"undemanded": "CreateRoom 200 $.more"}).problems
        == []
    )


def test_exception_of_other_path() -> None:
    """It excuses nothing, and is stale."""
    usage = {ROOM: EXACT[ROOM] - {"$.name"}}

    assert len(result(usage, reasons={"unread": "CreateRoom 200 $.sid"}).problems) == 2


def test_exception_of_other_kind() -> None:
    """It excuses nothing, and is stale."""
    problems = result(
        {ROOM: EXACT[ROOM] - {"$.name"}}, reasons={"undemanded": "CreateRoom 200 $.name"}
    ).problems

    assert len(problems) == 2


@pytest.mark.parametrize(
    ("kind", "subject"),
    [
        ("unread", "CreateRoom 200 $.name"),
        ("unread", "* $.name"),
        ("unread", "* 200"),
        ("undemanded", "CreateRoom 200 $.more"),
        ("unread", "DeleteRoom 200 $.name"),
    ],
)
def test_stale_exception(kind: str, subject: str) -> None:
    """An exception that excuses nothing is a problem."""
    assert result(EXACT, reasons={kind: subject}).problems == [
        f"livekit: '{subject}' under [{kind}.livekit] no longer applies"
    ]


def test_report() -> None:
    """The table counts a field once for an operation and status; the problems and the advice follow."""
    demands = {**DEMANDS, MISSING: [Interaction("an unknown room", frozenset({"$.code"}))]}
    usage = {ROOM: (EXACT[ROOM] - {"$.name"}) | {"$.more"}}
    reasons = {"unread": "CreateRoom 200 $.name"}

    header, figures, problem, _advice = describe_usage(result(usage, demands, reasons))

    assert header.split() == [
        *("vendor", "operations", "exercised", "demanded", "read", "unread", "unexercised", "undemanded")
    ]
    assert figures.split() == ["livekit", "1", "of", "1", "4", "2", "1", "1", "0"]
    assert "$.more is read but not demanded" in problem


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[unread.livekit]\n'A 200 $.x' = ''", r"'A 200 \$\.x' of livekit has no reason"),
        ("[unknown.livekit]\n'A' = 'why'", r"\[unknown\] is not one of"),
        ("[unread.livekit]\n'A' = 'why'\n'A' = 'why'", "Cannot overwrite a value"),
    ],
)
def test_invalid_exceptions(tmp_path: Path, text: str, message: str) -> None:
    """A missing reason, an unknown kind and a repeated entry are refused."""
    file = tmp_path / "exceptions.toml"
    file.write_text(text)

    with pytest.raises(InvalidExceptionsError, match=message):
        read_exceptions(file)


def test_exceptions_of_the_project() -> None:
    """The file in the package is valid."""
    assert read_exceptions().reasons
