"""The fault catalogue."""

from __future__ import annotations

from collections import Counter

from fault_injection.catalogue import FAULTS, StubFault
from orchestrator.vendors import errors
from provider_verification.stubs.engine.fault_injection import FaultRule


def test_names_are_unique() -> None:
    """A name identifies one fault."""
    counts = Counter(fault.name for fault in FAULTS)

    assert [name for name, count in counts.items() if count > 1] == []


def test_stubs_accept_their_faults() -> None:
    """Each fault of the control API is a valid rule."""
    for fault in FAULTS:
        if isinstance(fault.injection, StubFault):
            FaultRule.model_validate({"kind": fault.injection.kind, **fault.injection.options})


def test_errors_are_those_of_the_clients() -> None:
    """Each fault names a class of the error taxonomy, or none."""
    for fault in FAULTS:
        assert fault.raises is None or issubclass(getattr(errors, fault.raises), errors.VendorError)
