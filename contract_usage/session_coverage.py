"""The coverage of the interactions by the suites whose record is in a folder."""

from __future__ import annotations

import json
import os
from pathlib import Path

from contract_usage.coverage import Coverage, VendorCoverage
from contract_usage.demands import PACTS, read_demands
from contract_usage.interaction_log import read_interactions
from contract_usage.unexercised import read_unexercised
from contract_usage.usage_log import read_usage

COVERAGE_FILE = "coverage.json"
VENDOR_BY_SERVER_VARIABLE = {"VAULT_ADDR": "vault"}
"""Variables that replace a vendor's stub by a real server, whose requests are not observed."""


def read_coverage(folder: Path, pacts: Path = PACTS) -> dict[str, VendorCoverage]:
    """Return the coverage.

    An interaction is exercised if a stub or a test attributed a response or message to it, and so did a process of the
    service: neither what a test sends to a vendor by itself counts, nor an injected fault.

    Raises:
        InvalidExceptionsError: the list of exceptions cannot be used.
    """
    usage, attributed, listed = read_usage(folder), read_interactions(folder), read_unexercised()
    recorded: dict[str, list[str]] = {vendor: [] for vendor in listed}
    exercised: dict[str, set[str]] = {}
    for exchange, interactions in read_demands(pacts).items():
        descriptions = [interaction.description for interaction in interactions]
        recorded.setdefault(exchange.vendor, []).extend(descriptions)
        received = {name for kind in usage.get(exchange, ()) for name in kind.interactions}
        sent = attributed.get(exchange.vendor, set())
        exercised.setdefault(exchange.vendor, set()).update(received & sent & set(descriptions))
    unobserved = {
        vendor for variable, vendor in VENDOR_BY_SERVER_VARIABLE.items() if os.environ.get(variable)
    }
    return {
        vendor: VendorCoverage(
            tuple(names), frozenset(exercised.get(vendor, ())), listed.get(vendor, frozenset())
        )
        for vendor, names in recorded.items()
        if vendor not in unobserved
    }


def write_coverage(folder: Path, coverage: Coverage) -> None:
    """Write the coverage of all suites to a file in the folder, for the gate."""
    document = {
        name: {"recorded": len(vendor.recorded), "missing": vendor.missing}
        for name, vendor in sorted(coverage.items())
    }
    (folder / COVERAGE_FILE).write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
