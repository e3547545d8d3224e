"""The package's metadata agrees with the code: dependencies by extra, the lock, the console scripts."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib.metadata import distribution, packages_distributions
from pathlib import Path
from typing import Any

import pytest

REPOSITORY = Path(__file__).parents[2]
PROJECT: dict[str, Any] = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]
EXTRAS: dict[str, list[str]] = PROJECT["optional-dependencies"]
LOCK = (REPOSITORY / "requirements.lock").read_text()

CONTRACTS_FOLDERS = [
    "broker",
    "consumer_tests",
    "fault_injection",
    "gate",
    "heat_map",
    "local_stack",
    "monitoring",
    "provider_verification",
]
OWN_MODULES = {path.stem for path in REPOSITORY.iterdir()}


@pytest.mark.parametrize(
    ("folders", "extras"),
    [
        (["orchestrator"], []),
        (CONTRACTS_FOLDERS, ["contracts"]),
        (
            [
                "contract_strength",
                "contract_usage",
                "soak",
                "suite_runner",
                "performance",
                "tests",
                "benchmarks",
            ],
            ["contracts", "dev"],
        ),
    ],
    ids=["service", "contracts", "development"],
)
def test_every_import_is_declared(folders: list[str], extras: list[str]) -> None:
    """A package that is imported but comes only as a dependency of another one could disappear with an upgrade."""
    requirements = [*PROJECT["dependencies"], *(name for extra in extras for name in EXTRAS[extra])]
    declared = {canonical_name(requirement) for requirement in requirements}

    imported = {module for folder in folders for module in third_party_imports(REPOSITORY / folder)}

    assert {
        module: distribution_of(module) for module in imported if distribution_of(module) not in declared
    } == {}


def test_the_lock_pins_every_requirement() -> None:
    """`make setup` installs the lock without resolving, so a requirement that is not in it is missing."""
    requirements = [*PROJECT["dependencies"], *(name for extra in EXTRAS.values() for name in extra)]

    pinned = {canonical_name(line) for line in LOCK.splitlines() if line[:1].isalnum()}

    assert {canonical_name(requirement) for requirement in requirements} - pinned == set()


def test_the_lock_has_hashes_and_no_urls() -> None:
    """The lock installs from any package index, and only the files it was made for."""
    pins = re.split(r"^(?=\S)", LOCK, flags=re.MULTILINE)[1:]

    assert [pin for pin in pins if "--hash=sha256:" not in pin] == []
    assert "://" not in LOCK


@pytest.mark.parametrize("script", ["gate", "pact_broker"])
def test_a_script_without_a_checkout_exits_with_2(script: str, tmp_path: Path) -> None:
    """The wheel has the scripts but not the tools: 2 means no verdict, a traceback's 1 would mean no."""
    (tmp_path / "voicehive_checkout.py").write_bytes((REPOSITORY / "voicehive_checkout.py").read_bytes())
    program = f"import sys; sys.path.append({str(tmp_path)!r}); import voicehive_checkout as v; v.{script}()"

    # -S leaves out site-packages, and with it the editable install of this checkout.
    run = subprocess.run(
        [sys.executable, "-I", "-S", "-c", program], cwd=tmp_path, capture_output=True, text=True, check=False
    )

    assert run.returncode == 2
    assert "clone the repository and run 'make setup'" in run.stderr


def third_party_imports(folder: Path) -> Iterator[str]:
    """Yield the dotted names that a folder's modules import from outside the standard library and the project."""
    for path in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            for module in imported_names(node):
                if module.partition(".")[0] not in sys.stdlib_module_names | OWN_MODULES:
                    yield module


def imported_names(node: ast.AST) -> list[str]:
    """Return the dotted names of an import statement; `from a import b` may mean the module `a.b`."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom) and node.module and not node.level:
        return [f"{node.module}.{alias.name}" for alias in node.names]
    return []


@cache
def distribution_of(module: str) -> str | None:
    """Return the distribution that holds a module; namespace packages, such as `opentelemetry`, are in several."""
    candidates = set(installed_distributions().get(module.partition(".")[0], ()))
    if len(candidates) > 1:
        prefixes = {module, module.rpartition(".")[0]}
        files = {f"{prefix.replace('.', '/')}{end}" for prefix in prefixes for end in (".py", "/__init__.py")}
        candidates = {name for name in candidates if files & installed_files(name)}
    return canonical_name(min(candidates)) if candidates else None


@cache
def installed_distributions() -> dict[str, list[str]]:
    """Return the installed distributions by top-level module."""
    return dict(packages_distributions())


@cache
def installed_files(name: str) -> set[str]:
    """Return the paths of a distribution's files, relative to site-packages."""
    return {path.as_posix() for path in distribution(name).files or ()}


def canonical_name(requirement: str) -> str:
    """Return the normalized name in a requirement such as `sqlalchemy[asyncio]` or `pact-python>=4.2,<5`."""
    return re.sub(r"[-_.]+", "-", re.split(r"[^\w.-]", requirement)[0]).lower()
