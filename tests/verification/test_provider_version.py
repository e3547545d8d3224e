"""The provider version: equal for equal content, different after any change of schemas, stub or pinned spec."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from provider_verification import provider_version as module
from provider_verification.provider_version import provider_version

REPOSITORY = Path(__file__).parents[2]


@pytest.fixture
def copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of schemas and stubs that a test may change."""
    for part in ("schemas", "provider_verification/stubs"):
        shutil.copytree(REPOSITORY / part, tmp_path / part, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(module, "STUBS", tmp_path / "provider_verification/stubs")
    monkeypatch.setattr(module, "SCHEMAS", tmp_path / "schemas")
    monkeypatch.setattr(module, "SPEC_LOCK", tmp_path / "schemas/vendor-specs.lock")
    return tmp_path


def test_equal_content_has_equal_version_in_any_folder(copy: Path) -> None:
    """A file of another type does not change the version."""
    version = provider_version("tts")
    (copy / "schemas/tts/notes.txt").write_text("not hashed")

    assert provider_version("tts") == version
    assert len(version) == 12


@pytest.mark.parametrize(
    ("file", "changed"),
    [
        ("schemas/tts/voice.json", {"tts"}),
        ("provider_verification/stubs/vendors/tts/voices.py", {"tts"}),
        ("provider_verification/stubs/engine/app.py", {"tts", "apaleo", "livekit"}),
        ("provider_verification/stubs/sdk/messages.py", {"tts", "apaleo", "livekit"}),
        ("schemas/livekit/room.json", {"livekit"}),
    ],
)
def test_changed_file_changes_the_versions_it_belongs_to(copy: Path, file: str, changed: set[str]) -> None:
    """A schema or stub belongs to one vendor, the engine to all."""
    before = {vendor: provider_version(vendor) for vendor in ("tts", "apaleo", "livekit")}
    with (copy / file).open("a") as handle:
        handle.write("\n")

    assert {vendor for vendor, version in before.items() if provider_version(vendor) != version} == changed


@pytest.mark.parametrize(
    ("spec", "changed"), [("elevenlabs/openapi.json", {"tts"}), ("apaleo/booking.json", {"apaleo"})]
)
def test_new_pinned_spec_changes_its_vendor(copy: Path, spec: str, changed: set[str]) -> None:
    """The pinned hash of the vendor's own spec is part of the version."""
    before = {vendor: provider_version(vendor) for vendor in ("tts", "apaleo", "livekit")}
    lock = copy / "schemas/vendor-specs.lock"
    lines = [
        ("0" * 64 + line[64:]) if f" {spec} " in line else line for line in lock.read_text().splitlines()
    ]
    lock.write_text("\n".join(lines) + "\n")

    assert {vendor for vendor, version in before.items() if provider_version(vendor) != version} == changed
