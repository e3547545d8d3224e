"""The documents are true: their commands, paths, modules and variables exist, and the files they contain work."""

from __future__ import annotations

import json
import re
import subprocess
from importlib.util import find_spec
from pathlib import Path

import pytest

from gate.cli import app
from gate.verdict import CliResult, decide
from orchestrator.settings.section import SettingsSection
from orchestrator.settings.vault import VaultSettings
from provider_verification.verification_result import InteractionFailure, Mismatch
from tests.conftest import CreateCheckout
from tests.gate.checkout import Checkout

pytestmark = pytest.mark.timeout(300)  # whole runs of the gate, on a machine that may be busy

REPOSITORY = Path(__file__).parents[2]
README = REPOSITORY / "README.md"
DOCUMENTS = [
    README,
    REPOSITORY / "CONTRIBUTING.md",
    *sorted((REPOSITORY / "docs").rglob("*.md")),
]
FILE = re.compile(r"^```(?:python|json)\n# (\S+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"`([^`\n]+)`")
PATH = re.compile(r"\.?(?:[\w.-]+/)+(?:[\w-]+\.\w+)?|[\w-]+\.(?:py|toml|lock|md|json|yml)")
PACKAGES = tuple(path.parent.name for path in REPOSITORY.glob("*/__init__.py"))
MODULE = re.compile(rf"(?:{'|'.join(PACKAGES)}|tests)(?:\.\w+)+")
GENERATED = ("build/", ".venv/", "prof/", "test_reports/", "pacts/broken.json")
VENDOR_FILES = frozenset({"documented.json", "index.json", "openapi.json", "source.json"})
"""Names of files that vendors have in `schemas/`."""


def files(document: Path) -> dict[str, str]:
    """Return the files that a document contains, by the path in their first line."""
    return dict(FILE.findall(document.read_text()))


def document_id(document: Path) -> str:
    """Return the path of a document, for the names of tests."""
    return document.relative_to(REPOSITORY).as_posix()


@pytest.mark.parametrize("document", DOCUMENTS, ids=document_id)
def test_every_make_target_exists(document: Path) -> None:
    """`make X` anywhere in a document is a target of the Makefile."""
    makefile = (REPOSITORY / "Makefile").read_text()
    targets = set(re.findall(r"^([a-z][a-z-]*):", makefile, re.MULTILINE))

    named = set(re.findall(r"`make ([a-z-]+)", document.read_text()))
    named |= set(re.findall(r"^make ([a-z-]+)", document.read_text(), re.MULTILINE))

    assert named - targets == set()


@pytest.mark.parametrize("document", DOCUMENTS, ids=document_id)
def test_every_link_leads_to_a_file(document: Path) -> None:
    """A link to a file of the project."""
    links = re.findall(r"\]\(([^)#:]+)\)", document.read_text())

    assert [link for link in links if not (document.parent / link).exists()] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=document_id)
def test_every_path_exists(document: Path) -> None:
    """A path in code style is one of the project's, unless the document shows how to create it."""
    created = files(document)
    named = {path for code in CODE.findall(document.read_text()) if (path := PATH.fullmatch(code))}

    missing = {
        path[0]
        for path in named
        if not (REPOSITORY / path[0]).exists()
        and path[0] not in VENDOR_FILES
        and not path[0].startswith(GENERATED)
        and not any(name.startswith(path[0]) for name in created)
    }

    assert missing == set()


@pytest.mark.parametrize("document", DOCUMENTS, ids=document_id)
def test_every_module_exists(document: Path) -> None:
    """A dotted name in code style that starts with one of the packages can be imported."""
    named = {code for code in CODE.findall(document.read_text()) if MODULE.fullmatch(code)}

    assert {name for name in named if find_spec(name) is None} == set()


def test_examples_are_part_of_the_verdict(create_checkout: CreateCheckout) -> None:
    """The README's file adds an interaction, and the recipe's files a vendor, without a change of any other file: yes."""
    checkout = create_checkout("tts")
    write(checkout, README)
    write(checkout, REPOSITORY / "docs/add-a-vendor.md")

    run = checkout.gate("run")

    assert run.code == 0, run.text
    assert checkout.outcomes() == {"tts": "verified", "weather": "verified"}
    assert "a single voice on a page" in descriptions(checkout, "tts")
    assert len(descriptions(checkout, "weather")) == 2


def test_make_help_names_the_gate() -> None:
    """`make help` lists the commands with what each does."""
    output = subprocess.run(
        ["make", "help"], cwd=REPOSITORY, capture_output=True, text=True, check=True
    ).stdout

    assert re.search(r"^ +gate +run all steps: may this commit be deployed\?", output, re.MULTILINE)


def test_commands_of_the_gate_are_make_targets() -> None:
    """Each step of the gate has its target."""
    makefile = (REPOSITORY / "Makefile").read_text()

    commands = {command.name for command in app.registered_commands}

    assert {name for name in commands if f"$(RUN) gate {name}" not in makefile} == set()


def test_no_of_the_readme_is_printed_so() -> None:
    """The README shows the sentence for a missing field as the gate prints it."""
    failure = InteractionFailure(
        consumer="voicehive-orchestrator",
        description="the reservations of a hotel",
        operation="GET /booking/v1/reservations, listReservations",
        mismatches=(
            Mismatch("schema", "/", "the stub broke its own schema: 'count' is a required property"),
        ),
    )
    row = {
        "consumer": {"name": "voicehive-orchestrator"},
        "provider": {"name": "apaleo", "version": {"number": "a"}},
        "verificationResult": {"success": False},
    }

    verdict = decide(
        consumer="voicehive-orchestrator",
        version=f"3f1c09a2be{'0' * 30}",
        environment="production",
        cli=CliResult(allowed=False, reason=""),
        matrix=[row],
        current_versions={"apaleo": "a"},
        deployed_versions={},
        problems={"apaleo": (str(failure),)},
    )

    assert verdict.summary() in README.read_text()


def test_variables_of_the_readme_are_settings() -> None:
    """The service reads each of them."""
    section = README.read_text().partition("## Run the orchestrator")[2].partition("\n## ")[0]
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
    """Write the files that a document contains."""
    for path, content in files(document).items():
        target = checkout.folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(content)


def descriptions(checkout: Checkout, vendor: str) -> list[str]:
    """Return the descriptions in a vendor's pact."""
    pact = json.loads((checkout.folder / f"pacts/voicehive-orchestrator-{vendor}.json").read_text())
    return [interaction["description"] for interaction in pact["interactions"]]
