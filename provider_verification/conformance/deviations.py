"""The reviewed list of what differs from the vendors on purpose: `schemas/deviations.json`, with a reason for each."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from provider_verification.conformance.errors import SpecError
from provider_verification.provider_version import SCHEMAS

DEVIATIONS_FILE = SCHEMAS / "deviations.json"


@dataclass(frozen=True, slots=True)
class Deviations:
    """What may differ.

    Attributes:
        recordings: exchanges of a recording, by file, that the stub answers otherwise.
        specs: places in a vendor's spec, as the conformance check names them, that our schemas contradict.
    """

    recordings: dict[str, set[str]]
    specs: set[str]


def load_deviations(path: Path = DEVIATIONS_FILE) -> Deviations:
    """Read the list.

    Raises:
        SpecError: it is no JSON, an entry lacks a member, or its reason is no sentence.
    """
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        recordings: dict[str, set[str]] = {}
        for entry in document["recordings"]:
            recordings.setdefault(entry["file"], set()).add(entry["exchange"])
        specs = {entry["at"] for entry in document["specs"]}
        reasons = [entry["reason"] for entry in (*document["recordings"], *document["specs"])]
    except (ValueError, KeyError, TypeError) as error:
        raise SpecError(f"{path} is no list of deviations: {error!r}") from None
    if short := [reason for reason in reasons if len(reason.split()) < 3]:
        raise SpecError(f"{path}: '{short[0]}' is no reason: say in a sentence why it differs")
    return Deviations(recordings, specs)
