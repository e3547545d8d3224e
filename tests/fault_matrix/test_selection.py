"""Which faults a normal run injects."""

from __future__ import annotations

import pytest

from fault_injection.catalogue import FAULTS, Fault, Target
from tests.fault_matrix import selection
from tests.fault_matrix.selection import select_faults


@pytest.fixture(autouse=True)
def _normal_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """A thorough run selects every fault."""
    monkeypatch.setattr(selection, "THOROUGH", False)


def kinds_of(faults: list[Fault]) -> set[tuple[str | None, bool]]:
    """Return the errors that clients must raise, each with whether they repeat the request."""
    return {(fault.raises, fault.retried) for fault in faults}


@pytest.mark.parametrize("count", [1, 5, 23, 49])
def test_interactions_of_a_method_meet_every_fault_together(count: int) -> None:
    """However many there are, and also if the faults of a body apply to half of them only."""
    without_body = [fault for fault in FAULTS if fault.target not in {Target.BODY, Target.JSON}]

    selected = [
        select_faults(FAULTS if index % 2 == 0 else without_body, index, count) for index in range(count)
    ]

    assert {fault.name for faults in selected for fault in faults} == {fault.name for fault in FAULTS}


@pytest.mark.parametrize("index", range(10))
def test_each_interaction_meets_a_fault_of_each_kind(index: int) -> None:
    """Also where only a few faults of a kind apply; none is selected that does not apply."""
    applicable = [fault for fault in FAULTS if fault.target is Target.REQUEST]

    selected = select_faults(applicable, index, 45)

    assert kinds_of(selected) == kinds_of(applicable)
    assert [fault for fault in selected if fault not in applicable] == []
    assert len(selected) < len(applicable)


def test_thorough_run_selects_every_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    """In the order of the catalogue."""
    monkeypatch.setattr(selection, "THOROUGH", True)

    assert select_faults(FAULTS, 7, 45) == [*FAULTS]
