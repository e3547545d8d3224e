"""Contract strength: mutants of responses judged per second, beside unchanged responses verified alone."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Sequence
from functools import partial
from itertools import cycle, islice
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.measure import Measure, run_interleaved, suppress_output
from contract_strength.capture import capture_exchanges
from contract_strength.response_mutants import ResponseMutant, response_mutants
from contract_strength.run import REPLIES_PER_PASS, Pact, judge_responses, load_pact
from contract_strength.vendor_schemas import VendorSchemas
from provider_verification.stubs.engine.server import run_stubs
from provider_verification.verify import verify_files

ROUNDS = 3
VENDOR = "mews"


def measure() -> Iterator[Measure]:
    """Yield one row: one process, on one pass of as many mutants as `make strength` puts into it."""
    pact, rng = load_pact(VENDOR), random.Random(1)  # noqa: S311 - not for security
    with suppress_output():
        exchanges, schemas = capture_exchanges(VENDOR, pact), VendorSchemas(VENDOR)
        mutants = [item for exchange in exchanges for item in response_mutants(exchange, schemas, rng)]
        sample = rng.sample(mutants, REPLIES_PER_PASS)
        with TemporaryDirectory() as folder, run_stubs([VENDOR]) as urls:
            file = _write_repeated(Path(folder), pact, len(sample))
            own, plain = run_interleaved(
                ROUNDS,
                partial(_judge, pact, sample),
                lambda: verify_files(VENDOR, urls[VENDOR], [file]),
            )
    yield Measure(
        f"contract strength, {len(sample)} mutants",
        len(sample) / own,
        "mutants/s in one process",
        "interactions verified with the stub",
        len(sample) / plain,
        "≥ 25 (3,000 in 60 s on 2 cores)",
    )


def _judge(pact: Pact, mutants: Sequence[ResponseMutant]) -> None:
    judge_responses(VENDOR, pact, mutants)


def _write_repeated(folder: Path, pact: Pact, count: int) -> Path:
    """Write a pact with as many interactions, so that the verifier's growth with their number is in both figures."""
    repeated = islice(cycle(pact["interactions"]), count)
    interactions = [{**item, "description": f"{index}"} for index, item in enumerate(repeated)]
    path = folder / "pact.json"
    path.write_text(json.dumps({**pact, "interactions": interactions}), encoding="utf-8")
    return path
