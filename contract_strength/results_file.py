"""`build/strength/strength.json`: the result of a run for programs, and the figures of its table."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from contract_strength.mutant import Result
from contract_strength.survivors import Review

FOLDER = Path("build/strength")
Fate = Literal["caught", "tolerated", "listed", "survived"]
FATES: dict[Fate, str] = {
    "caught": "caught",
    "tolerated": "not caught, and not read",
    "listed": "surviving for a reason that is listed",
    "survived": "a finding: not caught though it is read, or caught though it is not read",
}


@dataclass(frozen=True, slots=True)
class Strength:
    """A run: its seed, the seconds it took, all results, and their review."""

    seed: int
    seconds: float
    results: Sequence[Result]
    review: Review

    @property
    def exit_code(self) -> int:
        """0 if every mutant is killed or listed, 1 if not or if an entry of the list is stale."""
        return 1 if self.review.unlisted or self.review.stale else 0

    def fate(self, number: int) -> Fate:
        """Return what became of a mutant."""
        result = self.results[number]
        if number in self.review.listed:
            return "listed"
        if result.is_survivor:
            return "survived"
        return "tolerated" if result.caught_by is None else "caught"

    def summary(self) -> str:
        """Return the figures in one line."""
        fates = [self.fate(number) for number in range(len(self.results))]
        counts = {fate: fates.count(fate) for fate in FATES}
        rate = len(self.results) / self.seconds if self.seconds else 0.0
        return (
            f"{len(self.results)} mutants in {self.seconds:.0f} s ({rate:.0f}/s), seed {self.seed}: "
            f"{counts['caught']} caught, {counts['tolerated']} rightly not caught (not read), "
            f"{counts['listed']} listed, {counts['survived']} survivors, {len(self.review.stale)} stale entries"
        )


def write_json(strength: Strength, folder: Path = FOLDER) -> Path:
    """Write the result, and return the path."""
    document = {
        "seed": strength.seed,
        "seconds": round(strength.seconds, 1),
        "exit_code": strength.exit_code,
        "stale": strength.review.stale,
        "mutants": [_entry(strength, number) for number in range(len(strength.results))],
    }
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "strength.json"
    path.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
    return path


def _entry(strength: Strength, number: int) -> dict[str, Any]:
    result = strength.results[number]
    return {
        **asdict(result.mutant),
        "fate": strength.fate(number),
        "caught_by": result.caught_by,
        "reason": strength.review.listed.get(number),
    }
