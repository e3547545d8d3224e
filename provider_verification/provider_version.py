"""The version of a vendor: a hash of its schemas, its stub, the stub engine and the pinned vendor spec.

Equal content gives the same version everywhere; any change gives an unverified version.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

import provider_verification.stubs

STUBS = Path(provider_verification.stubs.__path__[0])
SCHEMAS = STUBS.parents[1] / "schemas"
SPEC_LOCK = SCHEMAS / "vendor-specs.lock"
HASHED_SUFFIXES = {".py", ".json"}


def provider_version(vendor: str) -> str:
    """The vendor's version: twelve hexadecimal digits."""
    digest = hashlib.sha256()
    for name, content in _version_inputs(vendor):
        digest.update(f"{name}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()[:12]


def _version_inputs(vendor: str) -> Iterator[tuple[str, bytes]]:
    """Name and content of everything the version depends on, in a fixed order."""
    folders = ("control", "engine", "sdk")
    shared = [*STUBS.glob("*.py"), *(path for name in folders for path in (STUBS / name).rglob("*"))]
    vendor_files = [*(SCHEMAS / vendor).rglob("*"), *(STUBS / "vendors" / vendor).rglob("*")]
    for path in filter(_is_hashed, [*sorted(shared), *sorted(vendor_files)]):
        yield path.relative_to(SCHEMAS.parent).as_posix(), path.read_bytes()
    yield SPEC_LOCK.name, "\n".join(_pinned_spec_lines(vendor)).encode()


def _pinned_spec_lines(vendor: str) -> list[str]:
    """The lines of the lock file for the spec files that the vendor's `source.json` names."""
    source = json.loads((SCHEMAS / vendor / "source.json").read_text(encoding="utf-8"))
    message_files = {reference.partition("#")[0] for reference in source.get("asyncapi", {}).values()}
    files = {*source.get("openapi", ()), *source.get("index", ()), *message_files}
    return sorted(
        line for line in SPEC_LOCK.read_text(encoding="utf-8").splitlines() if line.split()[1] in files
    )


def _is_hashed(path: Path) -> bool:
    return path.is_file() and path.suffix in HASHED_SUFFIXES
