"""The comparison of demanded with read fields, and the exceptions from it."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from contract_usage.comparison import Result, compare
from contract_usage.demands import Demands, Interaction
from contract_usage.exceptions import Exceptions
from contract_usage.exchanges import Exchange
from contract_usage.report import describe_usage
from contract_usage.usage_log import Kind, Reads, Usage

ROOM = Exchange("livekit", "CreateRoom", 200)
MISSING = Exchange("livekit", "CreateRoom", 404)
PLAIN, NAMED = "a room being created", "a named room being created"
DEMANDS: Demands = {
    ROOM: [
        Interaction(PLAIN, frozenset({"$.sid", "$.meta.a"})),
        Interaction(NAMED, frozenset({"$.name", "$.sid"})),
    ]
}
UNKNOWN: Demands = {MISSING: [Interaction("an unknown room", frozenset({"$.code"}))]}
NO_EXCEPTIONS: Mapping[str, str] = {}
EXACT = ("$.sid", "$.meta", "$.meta.a", "$.name")


def kind_of(*interactions: str) -> Kind:
    """Return the kind of the responses that fulfil interactions, and could fulfil no other."""
    return Kind(frozenset(interactions), frozenset(interactions))


BOTH, ONLY_PLAIN, ONLY_NAMED = kind_of(PLAIN, NAMED), kind_of(PLAIN), kind_of(NAMED)


def reads(*paths: str) -> Reads:
    """Return paths that were read with a value."""
    return Reads(set(paths), set(paths))


def usage_of(*paths: str) -> Usage:
    """Return what was read of responses that are instances of both interactions."""
    return {ROOM: {BOTH: reads(*paths)}}


def without(*paths: str) -> Usage:
    """Return an exact usage without some paths."""
    return usage_of(*(path for path in EXACT if path not in paths))


def result(usage: Usage, demands: Demands = DEMANDS, reasons: Mapping[str, str] = NO_EXCEPTIONS) -> Result:
    """Compare, with the subjects of exceptions by kind."""
    return compare(
        demands,
        usage,
        Exceptions({(kind, "livekit", subject): "reason" for kind, subject in reasons.items()}),
    )


def differences(usage: Usage, demands: Demands = DEMANDS) -> list[str]:
    """Return the problems without the names of exchange and interactions."""
    return [problem.rpartition(": ")[2] for problem in result(usage, demands).problems]


def test_equal() -> None:
    """No problem: every demanded field is read, and no other."""
    assert result(usage_of(*EXACT)).problems == []


def test_unread_field() -> None:
    """The problem names the interactions that demand the field, and its path."""
    assert result(without("$.name")).problems == [
        "livekit CreateRoom 200 ('a named room being created'): $.name is demanded but never read"
    ]


def test_unread_field_of_read_object() -> None:
    """Reading an object does not count as reading its fields."""
    assert differences(without("$.meta.a")) == ["$.meta.a is demanded but never read"]


def test_undemanded_field() -> None:
    """Of an object that is not demanded, its fields are not named again."""
    assert result(usage_of(*EXACT, "$.more", "$.more.deep", "$.meta.b")).problems == [
        f"livekit CreateRoom 200 ('{PLAIN}', '{NAMED}'): {path} is read but not demanded"
        for path in ("$.meta.b", "$.more")
    ]


def test_unexercised_exchange() -> None:
    """Nothing of it is compared: the coverage of the interactions is a check of its own."""
    assert result(usage_of(*EXACT), DEMANDS | UNKNOWN).problems == []


def test_exchange_without_interaction() -> None:
    """It is an injected fault; the suites fail on any other."""
    assert result(usage_of(*EXACT) | {MISSING: {kind_of(): reads("$.code")}}).problems == []


def test_copied_mapping() -> None:
    """A copy reads all keys of a mapping; those that the vendor sent besides the demanded ones are no problem."""
    demands = {ROOM: [Interaction("a room", frozenset({"$.labels.a"}))]}
    usage = reads("$.labels", "$.labels.*", "$.labels.a", "$.labels.b")

    assert result({ROOM: {kind_of("a room"): usage}}, demands).problems == []


def test_field_read_for_another_interaction() -> None:
    """What is read of one interaction's response does not count for another one, which demands it too."""
    usage = {ROOM: {ONLY_PLAIN: reads("$.sid", "$.meta.a"), ONLY_NAMED: reads("$.name")}}

    assert result(usage).problems == [f"livekit CreateRoom 200 ('{NAMED}'): $.sid is demanded but never read"]


def test_required_field_read_for_another_interaction() -> None:
    """A field without which the response cannot be parsed is needed, if it is read of any response."""
    plain, named = reads("$.sid", "$.meta.a"), reads("$.name")
    named.required |= {"$.sid"}

    assert result({ROOM: {ONLY_PLAIN: plain, ONLY_NAMED: named}}).problems == []


def test_required_field_that_nobody_reads() -> None:
    """The model has it without a use."""
    usage = without("$.name")
    usage[ROOM][BOTH].required |= {"$.name"}

    assert differences(usage) == ["$.name is demanded but never read"]


def test_field_read_in_one_of_several_responses() -> None:
    """An interaction's responses count together, with those that are instances of others too."""
    usage = {
        ROOM: {
            ONLY_NAMED: reads("$.name"),
            BOTH: reads("$.sid"),
            ONLY_PLAIN: reads("$.meta.a"),
        }
    }

    assert result(usage).problems == []


def test_field_demanded_by_another_interaction() -> None:
    """A value that only another interaction demands is a difference: this one's response may lack it one day."""
    usage = {ROOM: {ONLY_PLAIN: reads("$.sid", "$.meta.a", "$.name"), ONLY_NAMED: reads(*EXACT)}}

    assert result(usage).problems == [
        f"livekit CreateRoom 200 ('{NAMED}'): $.meta is read but not demanded",
        f"livekit CreateRoom 200 ('{PLAIN}'): $.name is read but not demanded",
    ]


def test_response_that_lacks_something() -> None:
    """Its fields are those of an interaction that it belongs to as far as its values tell."""
    usage = {
        ROOM: {
            Kind(ONLY_PLAIN.interactions, BOTH.interactions): reads(*EXACT),
            ONLY_NAMED: reads("$.sid", "$.name"),
        }
    }

    assert result(usage).problems == []


def test_field_without_value() -> None:
    """The code may ask for what a response lacks, if another interaction demands it; it asks in vain for anything else."""
    usage = {
        ROOM: {
            ONLY_PLAIN: Reads({"$.sid", "$.meta.a", "$.name", "$.more"}, {"$.sid", "$.meta.a"}),
            ONLY_NAMED: reads("$.sid", "$.name"),
        }
    }

    assert result(usage).problems == [f"livekit CreateRoom 200 ('{PLAIN}'): $.more is read but not demanded"]


def test_response_that_is_no_instance() -> None:
    """A response that lacks something of each example is compared with all interactions; it exercises none."""
    usage = {**usage_of(*EXACT)[ROOM], kind_of(): reads("$.sid", "$.name", "$.more")}

    assert differences({ROOM: usage}) == ["$.more is read but not demanded"]
    assert differences({ROOM: {kind_of(): reads(*EXACT)}}) == []


@pytest.mark.parametrize(
    ("read", "expected"),
    [
        (reads("header retry-after"), []),
        (reads(), ["header retry-after is demanded but never read"]),
        (reads("header retry-after", "header etag"), ["header etag is read but not demanded"]),
        (Reads({"header retry-after", "header etag"}), []),
    ],
    ids=["equal", "unread", "undemanded", "without a value"],
)
def test_headers(read: Reads, expected: list[str]) -> None:
    """A header that has a value and is read is demanded by some interaction of the vendor."""
    failures = {
        MISSING: [Interaction("an unknown room", frozenset())],
        ROOM: [Interaction("a limit", frozenset({"header retry-after"}))],
    }
    usage = {
        MISSING: {kind_of("an unknown room"): reads("header retry-after")},
        ROOM: {kind_of("a limit"): read},
    }

    assert differences(usage, failures) == expected


@pytest.mark.parametrize("subject", ["CreateRoom 200 $.name", "CreateRoom * $.name", "* $.name"])
def test_excused_unread_field(subject: str) -> None:
    """An exception names an exchange, or all of a vendor."""
    assert result(without("$.name"), reasons={"unread": subject}).problems == []


def test_excused_undemanded_field() -> None:
    """An exception excuses a field that is read but not demanded."""
    reasons = {"undemanded": "CreateRoom 200 $.more"}

    assert result(usage_of(*EXACT, "$.more"), reasons=reasons).problems == []


def test_exception_of_other_path() -> None:
    """It excuses nothing, and is stale."""
    assert len(result(without("$.name"), reasons={"unread": "CreateRoom 200 $.sid"}).problems) == 2


def test_exception_of_other_kind() -> None:
    """It excuses nothing, and is stale."""
    reasons = {"undemanded": "CreateRoom 200 $.name"}

    assert len(result(without("$.name"), reasons=reasons).problems) == 2


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
    assert result(usage_of(*EXACT), reasons={kind: subject}).problems == [
        f"livekit: '{subject}' under [{kind}.livekit] no longer applies"
    ]


def test_report() -> None:
    """The table counts a field once for an interaction; the problems and the advice follow."""
    usage = usage_of("$.sid", "$.meta", "$.meta.a", "$.more")
    reasons = {"unread": "CreateRoom 200 $.name"}

    header, figures, problem, _advice = describe_usage(result(usage, DEMANDS | UNKNOWN, reasons))

    assert header.split() == [
        *("vendor", "operations", "exercised", "demanded", "read", "unread", "unexercised", "undemanded")
    ]
    assert figures.split() == ["livekit", "1", "of", "1", "5", "3", "1", "1", "0"]
    assert "$.more is read but not demanded" in problem
