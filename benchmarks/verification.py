"""Verification for each interaction, compared with the official CLI on the same pact and stub."""

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


def measure() -> Iterator[Measure]:
    """Yield one row; messages are left out, because the CLI needs another transport for them."""
    with TemporaryDirectory() as folder, run_stubs([VENDOR]) as urls:
        pact, count = _write_pact_without_messages(Path(folder))
        own, official = run_interleaved(
            ROUNDS, lambda: _verify(urls[VENDOR], pact), lambda: _verify_with_cli(urls[VENDOR], pact)
        )
    yield Measure(
        f"verification, {count} interactions",
        own / count * 1000,
        "ms each",
        "pact verifier",
        official / count * 1000,
        "ratio ≤ 1.2",
    )


def _write_pact_without_messages(folder: Path) -> tuple[Path, int]:
    document = json.loads(Path(f"pacts/voicehive-orchestrator-{VENDOR}.json").read_text(encoding="utf-8"))
    document["interactions"] = [
        item for item in document["interactions"] if item["type"] == "Synchronous/HTTP"
    ]
    path = folder / "pact.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    return path, len(document["interactions"])


def _verify(url: str, pact: Path) -> None:
    with suppress_output():
        result = verify_files(VENDOR, url, [pact])
    if not result.success:
        raise AssertionError(result.summary())


def _verify_with_cli(url: str, pact: Path) -> None:
    address = urlsplit(url)
    subprocess.run(
        [
            pact_binary(), "verifier", "--file", str(pact), "--hostname", str(address.hostname), "--port", str(address.port),
            "--provider-name", VENDOR, "--state-change-url", f"{url}/_stub/states", "--state-change-teardown", "--loglevel", "error",
        ],
        check=True,
        capture_output=True,
    )  # fmt: skip
