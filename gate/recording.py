"""Recording the pacts of this tree from its expectations."""

from __future__ import annotations

from pathlib import Path

from consumer_tests.names import vendor_names
from consumer_tests.pact_files import RecordingError, record_pacts
from gate.errors import ContractNotMetError


def record_all_pacts(folder: Path) -> dict[str, int]:
    """Record every vendor's pact into the folder; return the number of interactions of each.

    Raises:
        ContractNotMetError: if the orchestrator's client does not meet an expectation.
    """
    try:
        return {pact.vendor: pact.interactions for pact in record_pacts(vendor_names(), folder)}
    except RecordingError as error:
        raise ContractNotMetError(
            f"the orchestrator does not do what its expectations say:\n{error}",
            "fix the client, or the expectation if the client is right",
        ) from None
