"""What the documents show works: their commands exist, their files run as they stand."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest

from orchestrator.security.vault_secrets import VaultSettings
from orchestrator.settings.section import SettingsSection
from tests.gate.checkout import Checkout

REPOSITORY = Path(__file__).parents[2]
DOCUMENTS = [REPOSITORY / "README.md", *sorted((REPOSITORY / "docs").glob("*.md"))]
FILE = re.compile(r"^```(?:python|json)\n# (\S+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def files(document: Path) -> dict[str, str]:
    """The files a document shows, by the path in their first line."""
    return dict(FILE.findall(document.read_text()))


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_make_target_exists(document: Path) -> None:
    """`make X` anywhere in a document is a target of the Makefile."""
    makefile = (REPOSITORY / "Makefile").read_text()
    targets = set(re.findall(r"^([a-z][a-z-]*):", makefile, re.MULTILINE))

    named = set(re.findall(r"`make ([a-z-]+)", document.read_text()))
    named |= set(re.findall(r"^make ([a-z-]+)", document.read_text(), re.MULTILINE))

    assert named - targets == set()


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_link_leads_somewhere(document: Path) -> None:
    """A link to a file of the project."""
    links = re.findall(r"\]\(([^)#:]+)\)", document.read_text())

    assert [link for link in links if not (document.parent / link).exists()] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_folder_and_file_exists(document: Path) -> None:
    """A path in a document is one of the project's, unless the document shows how to make it."""
    shown = document.read_text()
    made = files(document)
    named = set(re.findall(r"`((?:\w+/)+(?:\w+\.\w+)?)`", shown)) - {
        "build/verification/",
        "build/broker.sqlite",
    }

    missing = {name for name in named if not (REPOSITORY / name).exists()}

    assert {name for name in missing if not any(path.startswith(name) for path in made)} == set()


def test_the_readme_s_expectation_is_recorded_and_verified(checkout: Checkout) -> None:
    """The file of the README makes one interaction more, and the gate still says yes."""
    write(checkout, REPOSITORY / "README.md")

    done = checkout.gate("run")

    assert done.code == 0, done.text
    assert "a single voice on a page" in descriptions(checkout, "tts")


def test_the_vendor_of_the_recipe_is_part_of_the_gate(checkout: Checkout) -> None:
    """The files of the recipe make a vendor, with no edit to any other file."""
    write(checkout, REPOSITORY / "docs/add-a-vendor.md")

    done = checkout.gate("run")

    assert done.code == 0, done.text
    assert checkout.outcomes()["weather"] == "verified"
    assert len(descriptions(checkout, "weather")) == 2


def test_the_readme_s_gate_is_the_first_command() -> None:
    """`make` alone shows the commands and what each does."""
    shown = subprocess.run(
        ["make", "help"], cwd=REPOSITORY, capture_output=True, text=True, check=True
    ).stdout

    assert "gate" in shown
    assert "may be deployed" in shown


def test_the_variables_of_the_readme_are_settings() -> None:
    """Each one is read by the service."""
    section = (
        (REPOSITORY / "README.md").read_text().partition("## Run the orchestrator")[2].partition("\n## ")[0]
    )
    named = {
        name
        for line in section.splitlines()
        if line.startswith("| `")
        for name in re.findall(r"`([A-Z_]+)`", line.split("|")[1])
    }

    known = {
        str(field.validation_alias)
        for section in SettingsSection.__subclasses__()
        for field in section.model_fields.values()
    }
    known |= {name.upper() for name in VaultSettings.model_fields}

    assert named - known == set()
    assert len(named) > 20


def write(checkout: Checkout, document: Path) -> None:
    """Write the files a document shows."""
    for path, content in files(document).items():
        target = checkout.folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(content)


def descriptions(checkout: Checkout, vendor: str) -> list[str]:
    """The descriptions in a vendor's pact."""
    pact = json.loads((checkout.folder / f"pacts/voicehive-orchestrator-{vendor}.json").read_text())
    return [one["description"] for one in pact["interactions"]]
