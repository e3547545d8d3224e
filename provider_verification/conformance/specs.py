"""The vendors' own specs: where they are stored, and whether they are the pinned ones.

The specs are not part of this repository. `VENDOR_SPECS` names a folder that contains them; `make vendor-specs`
downloads those that the vendors serve. `schemas/vendor-specs.lock` pins each file by its SHA-256, one line per file:
`<sha256> <path> <url or ->`.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

from provider_verification.conformance.errors import SpecError

ROOT = Path(__file__).parents[2]
LOCK = ROOT / "schemas" / "vendor-specs.lock"
FETCHED_SPECS_FOLDER = ROOT / "build" / "vendor-specs"
SHA256_HEX_DIGITS = 64


@dataclass(frozen=True, slots=True)
class PinnedSpec:
    """A pinned spec file: its hash, its path in the folder of specs, and its URL if the vendor serves it."""

    sha256: str
    path: str
    url: str | None


def load_lock() -> list[PinnedSpec]:
    """Read the lock file.

    Raises:
        SpecError: a line does not have the form `<sha256> <path> <url or ->`.
    """
    pins = []
    for number, line in enumerate(LOCK.read_text(encoding="utf-8").splitlines(), 1):
        fields = line.split()
        if len(fields) != 3 or len(fields[0]) != SHA256_HEX_DIGITS:
            raise SpecError(f"{LOCK.name}:{number} should be '<sha256> <path> <url or ->', it is '{line}'")
        pins.append(PinnedSpec(fields[0], fields[1], None if fields[2] == "-" else fields[2]))
    return pins


def spec_folder() -> Path:
    """The folder of specs: `VENDOR_SPECS` if set, otherwise the one that `make vendor-specs` fills.

    Raises:
        SpecError: the folder does not exist.
    """
    configured = os.environ.get("VENDOR_SPECS")
    folder = Path(configured) if configured else FETCHED_SPECS_FOLDER
    if not folder.is_dir():
        raise SpecError(
            f"the vendors' specs are not at {folder}: "
            "set VENDOR_SPECS to a folder that contains them, or run 'make vendor-specs'"
        )
    return folder


def verified_spec_path(path: str) -> Path:
    """The path of a spec file whose content is the pinned one.

    Raises:
        SpecError: the file is not pinned, is missing, or has another hash.
    """
    pins = {pin.path: pin for pin in load_lock()}
    if path not in pins:
        raise SpecError(f"{path} is not pinned in {LOCK.name}")
    file = spec_folder() / path
    if not file.is_file():
        raise SpecError(f"{file} is missing: the vendor's spec is needed to check schemas/ against it")
    actual = hashlib.sha256(file.read_bytes()).hexdigest()
    if actual != pins[path].sha256:
        raise SpecError(
            f"{file} is not the pinned spec: its sha256 is {actual}, {LOCK.name} has {pins[path].sha256}"
        )
    return file
