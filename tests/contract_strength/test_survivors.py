"""The list of survivors: what a rule matches, and when one of its entries is stale."""

from __future__ import annotations

from pathlib import Path

import pytest

from contract_strength.mutant import Mutant, NoVerdictError, Result
from contract_strength.survivors import SurvivorRule, load_rules, review

MUTANT = Mutant("response", "tts", "the voices", "another id", "$.voices[0].id", '"a"', '"b"')
SURVIVED, CAUGHT = Result(MUTANT, None), Result(MUTANT, "$.voices[0].id differs")


def rule(**fields: object) -> SurvivorRule:
    """Return a rule that matches the mutant, unless the fields say otherwise."""
    return SurvivorRule.model_validate(
        {
            "side": "response",
            "vendor": "tts",
            "kinds": ["another id"],
            "interactions": ["the voices"],
            "paths": ["$.voices[*].id"],
            "reason": "the vendor chooses it",
        }
        | fields
    )


@pytest.mark.parametrize(
    ("fields", "matches"),
    [
        ({}, True),
        ({"interactions": ["*"], "paths": ["*"]}, True),
        ({"paths": ["$.*.id"]}, True),
        ({"paths": ["$.voices[0].id"]}, False),
        ({"paths": ["$.voices"]}, False),
        ({"interactions": ["voices"]}, False),
        ({"kinds": ["null"]}, False),
        ({"vendor": "vault"}, False),
        ({"side": "request"}, False),
    ],
)
def test_rule_matches_by_all_its_fields(fields: dict[str, object], matches: bool) -> None:  # noqa: FBT001 - a case of the table
    """An index of a path is written `[*]`, so that a rule is about every element."""
    assert rule(**fields).matches(MUTANT) is matches


def test_survivor_without_a_rule_is_a_finding() -> None:
    """A caught one is none."""
    assert review([SURVIVED], []).unlisted == [SURVIVED]
    assert review([CAUGHT], []).unlisted == []
    assert review([SURVIVED], [rule()]).listed == {0: "the vendor chooses it"}


def test_caught_mutant_of_what_nobody_reads_is_a_finding() -> None:
    """A contract that is too strict is a defect; one that lets it pass is right."""
    unread = Mutant("response", "tts", "the voices", "null", "$.more", "1", "null", is_demanded=False)

    assert review([Result(unread, "$.more differs")], []).unlisted == [Result(unread, "$.more differs")]
    assert review([Result(unread, None)], []).unlisted == []


@pytest.mark.parametrize(
    ("fields", "stale"),
    [
        ({}, []),
        ({"kinds": ["another id", "null"]}, ["kind 'null'"]),
        ({"interactions": ["the voices", "a voice"]}, ["interaction 'a voice'"]),
        ({"paths": ["*", "$.id"]}, ["path '$.id'"]),
        ({"kinds": ["null"]}, ["kind 'null'", "interaction 'the voices'", "path '$.voices[*].id'"]),
    ],
)
def test_entry_that_no_survivor_needs_is_stale(fields: dict[str, object], stale: list[str]) -> None:
    """The list only has what is needed."""
    found = review([SURVIVED], [rule(**fields)]).stale

    assert found == [f"response tts, {entry}: the vendor chooses it" for entry in stale]


def test_rule_is_stale_when_its_mutant_is_caught() -> None:
    """A contract that became stronger shortens the list."""
    assert len(review([CAUGHT], [rule()]).stale) == 3


def test_rules_of_what_did_not_run_are_not_stale() -> None:
    """One vendor can be run alone."""
    assert review([SURVIVED], [rule(), rule(vendor="vault"), rule(side="client")]).stale == []


def test_committed_list_is_valid() -> None:
    """Every rule has a reason."""
    assert all(item.reason for item in load_rules())


@pytest.mark.parametrize("text", ["[[survivor]]\nvendor = 'tts'", "[[survivor]", "[[survivor]]\nother = 1"])
def test_invalid_list_gives_no_verdict(tmp_path: Path, text: str) -> None:
    """The file is named."""
    file = tmp_path / "survivors.toml"
    file.write_text(text)

    with pytest.raises(NoVerdictError, match=r"survivors\.toml"):
        load_rules(file)
