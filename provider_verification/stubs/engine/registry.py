"""Finds every vendor's stub: a folder beside this file is a vendor."""

from __future__ import annotations

import importlib
import pkgutil

import provider_verification.stubs.vendors
from provider_verification.stubs.engine.app import StubApp


def vendor_names() -> list[str]:
    """The names of all vendors with a stub, sorted."""
    return sorted(
        module.name
        for module in pkgutil.iter_modules(provider_verification.stubs.vendors.__path__)
        if module.ispkg
    )


def create_stub_app(vendor: str, *, check: bool = True) -> StubApp:
    """A vendor's stub, ready to be served.

    Raises:
        LookupError: there is no such vendor; the message names those there are.
    """
    if vendor not in vendor_names():
        raise LookupError(f"no stub for '{vendor}': there are {', '.join(vendor_names())}")
    package = importlib.import_module(f"provider_verification.stubs.vendors.{vendor}")
    for module in sorted(module.name for module in pkgutil.iter_modules(package.__path__)):
        importlib.import_module(f"{package.__name__}.{module}")
    return StubApp(vendor, package.stub, validate=check)
