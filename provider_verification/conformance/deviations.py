"""The reviewed list of intended differences from the vendors: `schemas/deviations.json`, each with a reason."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from provider_verification.conformance.errors import SpecError
from provider_verification.provider_version import SCHEMAS

DEVIATIONS_FILE = SCHEMAS / "deviations.json"
MIN_REASON_WORDS = 3


@dataclass(frozen=True, slots=True)
class Deviations:
    """Intended differences.

    Attributes:
        recordings: patterns of recorded exchanges to which the stub responds differently, by recording file.
        specs: patterns of conformance findings in the form `vendor location pointer rule`.
    """

    recordings: dict[str, set[str]]
    specs: set[str]


def load_deviations(path: Path = DEVIATIONS_FILE) -> Deviations:
    """Read the list of deviations.

    Raises:
        SpecError: the file is not JSON, an entry lacks a member, or its reason is not a sentence.
    """
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        recordings: dict[str, set[str]] = {}
        for entry in document["recordings"]:
            recordings.setdefault(entry["file"], set()).add(entry["exchange"])
        specs = {entry["at"] for entry in document["specs"]}
        reasons = [entry["reason"] for entry in (*document["recordings"], *document["specs"])]
    except (ValueError, KeyError, TypeError) as error:
        raise SpecError(f"{path} is not a list of deviations: {error!r}") from None
    for reason in reasons:
        if len(reason.split()) < MIN_REASON_WORDS:
            raise SpecError(f"{path}: '{reason}' is not a reason: explain the difference in a sentence")
    return Deviations(recordings, specs)
