"""Finds every vendor's contract: a folder beside this file is a vendor, its modules are its expectations."""

from __future__ import annotations

import importlib
import pkgutil

import consumer_tests
from consumer_tests.contract import ConsumerContract


def vendor_names() -> list[str]:
    """The names of all vendors with expectations, sorted."""
    return sorted(module.name for module in pkgutil.iter_modules(consumer_tests.__path__) if module.ispkg)


def load_contract(vendor: str) -> ConsumerContract:
    """A vendor's contract with all its expectations loaded.

    Raises:
        LookupError: there is no such vendor; the message names those there are.
    """
    if vendor not in vendor_names():
        raise LookupError(f"no vendor '{vendor}' in consumer_tests/: there are {', '.join(vendor_names())}")
    package = importlib.import_module(f"consumer_tests.{vendor}")
    for module in sorted(module.name for module in pkgutil.iter_modules(package.__path__)):
        importlib.import_module(f"{package.__name__}.{module}")
    contract: ConsumerContract = package.contract
    return contract
