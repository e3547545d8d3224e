"""A vendor's version: the same truth, the same version; any part of it changed, another."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from provider_verification import provider_version as module
from provider_verification.provider_version import provider_version

REPOSITORY = Path(__file__).parents[2]


@pytest.fixture
def copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of what we hold to be true, that may be changed."""
    for part in ("schemas", "provider_verification/stubs"):
        shutil.copytree(REPOSITORY / part, tmp_path / part, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(module, "STUBS", tmp_path / "provider_verification/stubs")
    monkeypatch.setattr(module, "SCHEMAS", tmp_path / "schemas")
    monkeypatch.setattr(module, "SPEC_LOCK", tmp_path / "schemas/vendor-specs.lock")
    return tmp_path


def test_the_same_truth_is_the_same_version_anywhere(copy: Path) -> None:
    """Another folder, the same files: the same twelve digits."""
    there = provider_version("tts")
    (copy / "schemas/tts/notes.txt").write_text("no part of the truth")

    assert provider_version("tts") == there
    assert len(there) == 12


@pytest.mark.parametrize(
    ("file", "changed"),
    [
        ("schemas/tts/voice.json", {"tts"}),
        ("provider_verification/stubs/vendors/tts/voices.py", {"tts"}),
        ("provider_verification/stubs/engine/app.py", {"tts", "apaleo", "livekit"}),
        ("schemas/livekit/room.json", {"livekit"}),
    ],
)
def test_a_changed_file_changes_whom_it_is_about(copy: Path, file: str, changed: set[str]) -> None:
    """A schema or stub is about one vendor, the engine about all."""
    before = {vendor: provider_version(vendor) for vendor in ("tts", "apaleo", "livekit")}
    with (copy / file).open("a") as handle:
        handle.write("\n")

    assert {vendor for vendor, version in before.items() if provider_version(vendor) != version} == changed


@pytest.mark.parametrize(
    ("spec", "changed"), [("elevenlabs/openapi.json", {"tts"}), ("apaleo/booking.json", {"apaleo"})]
)
def test_a_new_vendor_spec_changes_the_vendor(copy: Path, spec: str, changed: set[str]) -> None:
    """The pinned hash of the vendor's own spec is part of the truth."""
    before = {vendor: provider_version(vendor) for vendor in ("tts", "apaleo", "livekit")}
    lock = copy / "schemas/vendor-specs.lock"
    lines = [
        ("0" * 64 + line[64:]) if f" {spec} " in line else line for line in lock.read_text().splitlines()
    ]
    lock.write_text("\n".join(lines) + "\n")

    assert {vendor for vendor, version in before.items() if provider_version(vendor) != version} == changed
