"""Every interaction of the pacts under the faults that apply to it: what the client does."""

from __future__ import annotations

import pytest

from consumer_tests.contract import ConsumerContract
from consumer_tests.discovery import load_contract
from consumer_tests.interaction import HttpInteraction
from consumer_tests.names import vendor_names
from fault_injection.results import save_cells
from tests.fault_matrix.client_matrix import InteractionMatrix
from tests.fault_matrix.stub_vendor import StubVendor

MIN_CASES = 20
"""The faults that apply to every interaction, whatever its response is."""
CONTRACTS = [load_contract(vendor) for vendor in vendor_names()]


def _test_id(value: object) -> str:
    return value.vendor if isinstance(value, ConsumerContract) else getattr(value, "description", str(value))


@pytest.mark.parametrize(
    ("contract", "interaction"), [(c, i) for c in CONTRACTS for i in c.interactions], ids=_test_id
)
def test_client_handles_every_fault(
    contract: ConsumerContract, interaction: HttpInteraction, stub_vendors: dict[str, StubVendor]
) -> None:
    """The client raises the right error in time, repeats only what is safe, and works after the fault."""
    cells = InteractionMatrix(contract, interaction, stub_vendors[contract.vendor]).run()

    save_cells("client", f"{contract.vendor} {interaction.description}", cells)
    assert len(cells) >= MIN_CASES
    problems = [f"{cell['fault']}: {problem}" for cell in cells for problem in cell["problems"]]
    assert problems == []
