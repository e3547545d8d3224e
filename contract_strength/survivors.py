"""The reviewed list of mutants that may survive, with the reason of each: `contract_strength/survivors.toml`."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from contract_strength.mutant import Mutant, NoVerdictError, Result, Side

SURVIVORS_FILE = Path(__file__).with_name("survivors.toml")
INDEX = re.compile(r"\[\d+\]")


class SurvivorRule(BaseModel):
    """A rule for mutants that may survive. In patterns, `*` is any text; an index of a JSON path is written `[*]`.

    Attributes:
        side: what is changed, as in a mutant.
        vendor: the vendor, or the package of a decision.
        kinds: the kinds of change.
        interactions: patterns of the descriptions, or of modules and functions.
        paths: patterns of the paths.
        reason: why such a mutant may survive.
    """

    model_config = ConfigDict(extra="forbid")

    side: Side
    vendor: str
    kinds: list[str] = Field(min_length=1)
    interactions: list[str] = Field(min_length=1)
    paths: list[str] = Field(min_length=1)
    reason: str = Field(min_length=10)

    def matches(self, mutant: Mutant) -> bool:
        """Return whether the rule is about a mutant."""
        return (
            (self.side, self.vendor) == (mutant.side, mutant.vendor)
            and mutant.kind in self.kinds
            and any(_matches(pattern, mutant.interaction) for pattern in self.interactions)
            and any(_matches(pattern, mutant.path) for pattern in self.paths)
        )

    def stale_entries(self, survivors: Sequence[Mutant]) -> Iterator[str]:
        """Yield each kind and pattern of the rule that none of its survivors needs."""
        mine = [mutant for mutant in survivors if self.matches(mutant)]
        for kind in self.kinds:
            if all(mutant.kind != kind for mutant in mine):
                yield f"kind '{kind}'"
        for pattern in self.interactions:
            if not any(_matches(pattern, mutant.interaction) for mutant in mine):
                yield f"interaction '{pattern}'"
        for pattern in self.paths:
            if not any(_matches(pattern, mutant.path) for mutant in mine):
                yield f"path '{pattern}'"


@dataclass(frozen=True, slots=True)
class Review:
    """The results, compared with the list.

    Attributes:
        listed: the reason for each survivor that the list has, by its number in the results.
        unlisted: the survivors that the list does not have.
        stale: entries of the list that no survivor needs any more.
    """

    listed: dict[int, str]
    unlisted: list[Result]
    stale: list[str]


def load_rules(file: Path = SURVIVORS_FILE) -> list[SurvivorRule]:
    """Return the rules of the list.

    Raises:
        NoVerdictError: the file is not valid.
    """
    try:
        document = tomllib.loads(file.read_text(encoding="utf-8"))
        return [SurvivorRule.model_validate(rule) for rule in document.get("survivor", ())]
    except (OSError, ValueError) as error:
        raise NoVerdictError(f"{file}: {error}") from None


def review(results: Sequence[Result], rules: Sequence[SurvivorRule]) -> Review:
    """Compare results with the list; rules of vendors and sides without any result are left out."""
    listed: dict[int, str] = {}
    unlisted: list[Result] = []
    for number, result in enumerate(results):
        if result.is_survivor:
            rule = next((rule for rule in rules if rule.matches(result.mutant)), None)
            if rule is None:
                unlisted.append(result)
            else:
                listed[number] = rule.reason
    judged = {(result.mutant.side, result.mutant.vendor) for result in results}
    survivors = [result.mutant for result in results if result.is_survivor]
    stale = [
        f"{rule.side} {rule.vendor}, {entry}: {rule.reason}"
        for rule in rules
        if (rule.side, rule.vendor) in judged
        for entry in rule.stale_entries(survivors)
    ]
    return Review(listed, unlisted, stale)


def _matches(pattern: str, text: str) -> bool:
    parts = map(re.escape, pattern.replace("[*]", "[]").split("*"))
    return re.fullmatch(".*".join(parts), INDEX.sub("[]", text)) is not None
