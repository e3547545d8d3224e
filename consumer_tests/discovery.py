"""Finds the consumer contract of every vendor: a folder beside this file is a vendor, its modules add the interactions."""

from __future__ import annotations

import consumer_tests
from consumer_tests.contract import ConsumerContract
from vendor_discovery import import_submodules


def load_contract(vendor: str) -> ConsumerContract:
    """Return the contract of a vendor with all its interactions loaded.

    Raises:
        LookupError: there is no such vendor; the message lists those that exist.
    """
    contract: ConsumerContract = import_submodules(consumer_tests, vendor).contract
    return contract
