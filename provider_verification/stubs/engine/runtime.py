"""The state of a running stub: contract, journal, fault rules and the vendor's own state."""

from __future__ import annotations

from typing import Any

from provider_verification.stubs.engine.fault_injection import FaultQueue
from provider_verification.stubs.engine.journal import Journal
from provider_verification.stubs.engine.openapi import OpenApiContract, load_contract
from provider_verification.stubs.engine.pact_index import PactIndex
from provider_verification.stubs.engine.pact_messages import PactMessages
from provider_verification.stubs.engine.request_names import names_by_operation
from provider_verification.stubs.engine.vendor_index import VendorIndex
from provider_verification.stubs.sdk import StubDefinition


class StubRuntime:
    """Everything that the exchanges and the control API of one stub share.

    Args:
        vendor: the provider's name in the pacts.
        definition: the vendor's operations, provider states and hooks.
        contract: the vendor's schemas; those of `schemas/<vendor>/` if None.
        validate: validate requests and responses; False only to measure what validation costs.
        furnished: start, and start again after each reset, with what a user needs at once instead of the plain state.

    Raises:
        LookupError: the definition and the schemas do not have the same operations.
        ContractError: the schemas or the pacts are invalid.
    """

    def __init__(
        self,
        vendor: str,
        definition: StubDefinition[Any],
        contract: OpenApiContract | None = None,
        *,
        validate: bool = True,
        furnished: bool = False,
    ) -> None:
        self.vendor = vendor
        self.definition = definition
        self.contract = contract or load_contract(vendor)
        self.validate = validate
        self.index = VendorIndex(self.contract.folder)
        self.names = names_by_operation(self.contract.operations, self.index, definition.harmless)
        self.furnished = furnished
        self.pact_index = PactIndex(vendor, self.contract)
        self.pact_messages = PactMessages(vendor)
        self.journal = Journal()
        self.faults = FaultQueue()
        self.reset_state()
        _check_operations_complete(vendor, self.contract, definition)

    def reset_state(self) -> None:
        """Replace the vendor's state by a new one."""
        self.state = self.definition.state_factory()
        if self.furnished:
            self.definition.furnish(self.state)

    def reset(self) -> None:
        """Replace the vendor's state, and clear the journal and the fault rules."""
        self.reset_state()
        self.journal.clear()
        self.faults.clear()


def _check_operations_complete(
    vendor: str, contract: OpenApiContract, definition: StubDefinition[Any]
) -> None:
    documented = {operation.operation_id for operation in contract.operations}
    if missing := sorted(documented - definition.operations.keys()):
        raise LookupError(f"{vendor}: the stub does not implement {', '.join(missing)}")
    if unknown := sorted(definition.operations.keys() - documented):
        raise LookupError(f"{vendor}: schemas/{vendor}/openapi.json does not have {', '.join(unknown)}")
