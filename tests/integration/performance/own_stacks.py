"""The suite measures services of its own."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def reset_vendors_and_check_pacts() -> None:
    """Replace the suites' fixture of this name, which would start the stack that the other suites share."""
