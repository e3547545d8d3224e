"""Create `.venv` with exactly what requirements.lock lists and the checkout as an editable install. Run by `make setup`.

uv installs; where it is not on PATH, pip installs it first, as pinned and hashed in the lock. `--installer pip` does
without uv. One process at a time: a second one waits and then finds the environment ready.
"""  # noqa: INP001 - a script, run by its path

from __future__ import annotations

import argparse
import fcntl
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

VENV = Path(".venv")
PYTHON = VENV / "bin/python"
READY = VENV / ".ready"
LOCK = Path("requirements.lock")
INPUTS = (LOCK, Path("pyproject.toml"))
MIN_PYTHON = (3, 11)


def main() -> None:
    """Create the environment unless it is newer than its inputs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--installer", choices=("uv", "pip"), default="uv")
    installer = parser.parse_args().installer
    if sys.version_info < MIN_PYTHON:
        sys.exit(f"Python 3.11 or newer is needed, {sys.executable} is {sys.version.split()[0]}")
    with LOCK.open("r+") as lock_file:
        fcntl.flock(lock_file, fcntl.LOCK_EX)  # two makes at once would write into one environment
        if not is_ready():
            create(installer)


def is_ready() -> bool:
    """Return whether the environment was completed after its inputs changed last."""
    return READY.exists() and all(READY.stat().st_mtime >= path.stat().st_mtime for path in INPUTS)


def create(installer: str) -> None:
    """Create the environment and mark it as ready."""
    print(f"setting up .venv with {installer} (once)", flush=True)  # noqa: T201 - progress of a script
    READY.unlink(missing_ok=True)
    clear = ["--clear"] if is_of_another_python() else []
    run(sys.executable, "-m", "venv", *clear, str(VENV))
    if installer == "uv":
        uv = shutil.which("uv") or bootstrap_uv()
        run(uv, "pip", "sync", "--quiet", "--python", str(PYTHON), "--require-hashes", str(LOCK))
        pip = [uv, "pip", "install", "--python", str(PYTHON)]
    else:
        pip = [str(PYTHON), "-m", "pip", "install", "--disable-pip-version-check"]
        run(*pip, "--quiet", "--no-deps", "--require-hashes", "-r", str(LOCK))
    run(*pip, "--quiet", "--no-deps", "--no-build-isolation", "-e", ".")
    make_editable_path_relative()
    READY.touch()


def make_editable_path_relative() -> None:
    """Write the checkout's path relatively: Python in a C locale cannot start if a `.pth` file is not ASCII."""
    for path_file in VENV.glob("lib/*/site-packages/__editable__.*.pth"):
        path_file.write_text(os.path.relpath(Path.cwd(), path_file.parent.resolve()) + "\n", encoding="ascii")


def is_of_another_python() -> bool:
    """Return whether the environment was made for another minor version of Python."""
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    return VENV.exists() and not (VENV / "lib" / version).is_dir()


def bootstrap_uv() -> str:
    """Install uv with pip, as the lock pins it, and return its path."""
    pinned = re.search(r"^uv==.*?(?=^\S|\Z)", LOCK.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    if pinned is None:
        sys.exit(f"{LOCK} does not pin uv: run 'make setup INSTALLER=pip', then 'make lock'")
    requirement = VENV / "uv.txt"
    requirement.write_text(pinned.group(), encoding="utf-8")
    pip = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    run(*pip, "--no-deps", "--require-hashes", "-r", str(requirement))
    return str(VENV / "bin/uv")


def run(*command: str) -> None:
    """Run a command; exit if it fails."""
    # The environment of an active virtual environment would redirect uv; setuptools warns about names it normalizes.
    environment = {name: value for name, value in os.environ.items() if name != "VIRTUAL_ENV"}
    environment["PYTHONWARNINGS"] = "ignore"
    code = subprocess.run(command, env=environment, check=False).returncode  # noqa: S603 - fixed commands, no shell
    if code:
        sys.exit(f"set-up failed at '{' '.join(command)}'; 'make setup INSTALLER=pip' installs without uv")


if __name__ == "__main__":
    main()
