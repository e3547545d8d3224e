"""The vendors' own specs: where they are, and that they are those we pinned.

They are not ours to keep here. `VENDOR_SPECS` names a folder that holds them; `make vendor-specs` fetches those the
vendors serve. `schemas/vendor-specs.lock` pins each by its SHA-256: a line `<sha256> <path> <address or ->`.
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


@dataclass(frozen=True, slots=True)
class PinnedSpec:
    """A spec file we know: its hash, its path in the folder, and the address it is served at, if any."""

    sha256: str
    path: str
    address: str | None


def load_lock() -> list[PinnedSpec]:
    """All lines of the lock file.

    Raises:
        SpecError: a line is not of the form.
    """
    found = []
    for number, line in enumerate(LOCK.read_text(encoding="utf-8").splitlines(), 1):
        parts = line.split()
        if len(parts) != 3 or len(parts[0]) != 64:
            raise SpecError(
                f"{LOCK.name}:{number} should be '<sha256> <path> <address or ->', it is '{line}'"
            )
        found.append(PinnedSpec(parts[0], parts[1], None if parts[2] == "-" else parts[2]))
    return found


def spec_folder() -> Path:
    """The folder with the specs: `VENDOR_SPECS`, else what `make vendor-specs` fetched.

    Raises:
        SpecError: there is none.
    """
    named = os.environ.get("VENDOR_SPECS")
    found = Path(named) if named else FETCHED_SPECS_FOLDER
    if not found.is_dir():
        raise SpecError(
            f"the vendors' specs are not at {found}: set VENDOR_SPECS to a folder that holds them, or run 'make vendor-specs'"
        )
    return found


def verified_spec_path(path: str) -> Path:
    """A spec file, if it is the one we pinned.

    Raises:
        SpecError: it is not pinned, missing, or another than the pinned one.
    """
    pins = {pin.path: pin for pin in load_lock()}
    if path not in pins:
        raise SpecError(f"{path} is not pinned in {LOCK.name}")
    file = spec_folder() / path
    if not file.is_file():
        raise SpecError(f"{file} is missing: the vendor's spec is needed to check our schemas against it")
    actual = hashlib.sha256(file.read_bytes()).hexdigest()
    if actual != pins[path].sha256:
        raise SpecError(
            f"{file} is not the spec we pinned: its sha256 is {actual}, {LOCK.name} has {pins[path].sha256}"
        )
    return file
