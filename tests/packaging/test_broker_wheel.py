"""The broker's own distribution: complete, declares what it imports, and runs without the rest of the project."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.conftest import Listening
from tests.packaging.test_packaging import REPOSITORY, canonical_name, distribution_of, third_party_imports

PROJECT: dict[str, Any] = tomllib.loads((REPOSITORY / "broker/pyproject.toml").read_text())["project"]
IGNORED = shutil.ignore_patterns("__pycache__")


def test_every_import_is_declared_and_every_dependency_is_used() -> None:
    """The wheel installs without the extras of the project."""
    declared = {canonical_name(requirement) for requirement in PROJECT["dependencies"]}

    imported = {distribution_of(module) for module in third_party_imports(REPOSITORY / "broker")}

    # uvicorn imports it for the protocol that the broker uses
    assert declared == imported | {"httptools"}


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the contents of the wheel."""
    folder = tmp_path_factory.mktemp("wheel")
    shutil.copytree(REPOSITORY / "broker", folder / "broker", ignore=IGNORED)
    command = [
        "uv",
        "build",
        "--quiet",
        "--offline",
        "--wheel",
        "--no-build-isolation",
        "--python",
        sys.executable,
    ]
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    subprocess.run(
        [*command, "--out-dir", str(folder / "dist"), str(folder / "broker")],
        check=True, env=environment, capture_output=True,
    )  # fmt: skip
    (wheel,) = (folder / "dist").glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "installed")
    return folder / "installed"


def test_wheel_has_all_files_and_the_script(installed: Path) -> None:
    """Every module and template is in the wheel, and nothing else of the project."""
    sources = {
        file.relative_to(REPOSITORY).as_posix()
        for file in (REPOSITORY / "broker").rglob("*")
        if file.is_file() and "__pycache__" not in file.parts and file.name != "pyproject.toml"
    }
    files = {file.relative_to(installed).as_posix() for file in installed.rglob("*") if file.is_file()}
    (metadata,) = installed.glob("*.dist-info")

    assert {file for file in files if ".dist-info/" not in file} == sources
    assert "embedded-pact-broker = broker.__main__:main" in (metadata / "entry_points.txt").read_text()


def test_broker_of_the_wheel_serves(installed: Path, wait_for_broker_url: Listening, tmp_path: Path) -> None:
    """The entry point runs with the wheel's modules and without those of the checkout."""
    program = "import broker, sys; from broker.__main__ import main; print(broker.__file__, file=sys.stderr); sys.exit(main())"
    command = [sys.executable, "-c", program, "--port", "0", "--database", str(tmp_path / "b.sqlite")]
    environment = {**os.environ, "PYTHONPATH": str(installed)}
    with subprocess.Popen(
        command, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            index = httpx.get(wait_for_broker_url(process)).json()
        finally:
            process.terminate()
        _, errors = process.communicate(timeout=20)

    assert "pb:publish-contracts" in index["_links"]
    assert errors.strip() == str(installed / "broker/__init__.py")
