"""Verification per interaction, beside the official CLI's on the same pacts and the same stub."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

from benchmarks.measure import Measure, run_interleaved, suppress_output
from gate.official_cli import pact_binary
from provider_verification.stubs.engine.server import run_stubs
from provider_verification.verify import verify_files

ROUNDS = 5
VENDOR = "apaleo"


def measures() -> Iterator[Measure]:
    """One line; messages are left out, as the CLI would need another transport for them."""
    with TemporaryDirectory() as folder, run_stubs([VENDOR]) as urls:
        pact, count = _requests_only(Path(folder))
        ours, theirs = run_interleaved(
            ROUNDS, lambda: _verify(urls[VENDOR], pact), lambda: _official(urls[VENDOR], pact)
        )
    yield Measure(
        f"verification, {count} interactions",
        ours / count * 1000,
        "ms each",
        "pact verifier",
        theirs / count * 1000,
        "ratio ≤ 1.2",
    )


def _requests_only(folder: Path) -> tuple[Path, int]:
    document = json.loads(Path(f"pacts/voicehive-orchestrator-{VENDOR}.json").read_text(encoding="utf-8"))
    document["interactions"] = [one for one in document["interactions"] if one["type"] == "Synchronous/HTTP"]
    path = folder / "pact.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    return path, len(document["interactions"])


def _verify(url: str, pact: Path) -> None:
    with suppress_output():
        found = verify_files(VENDOR, url, [pact])
    if not found.success:
        raise AssertionError(found.summary())


def _official(url: str, pact: Path) -> None:
    parts = urlsplit(url)
    subprocess.run(
        [
            pact_binary(), "verifier", "--file", str(pact), "--hostname", str(parts.hostname), "--port", str(parts.port),
            "--provider-name", VENDOR, "--state-change-url", f"{url}/_stub/states", "--state-change-teardown", "--loglevel", "error",
        ],
        check=True,
        capture_output=True,
    )  # fmt: skip
