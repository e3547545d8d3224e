"""Finds the stub of every vendor: a folder in `stubs/vendors/` is a vendor."""

from __future__ import annotations

import provider_verification.stubs.vendors as stub_vendors
from provider_verification.stubs.engine.app import StubApp
from vendor_discovery import import_submodules, package_names


def vendor_names() -> list[str]:
    """Return the names of all vendors that have a stub, sorted."""
    return package_names(stub_vendors)


def create_stub_app(vendor: str, *, check: bool = True, furnished: bool = False) -> StubApp:
    """Return the stub of a vendor, ready to be served.

    Args:
        vendor: the vendor's name.
        check: validate every response against the schema.
        furnished: start with what a user needs at once instead of the plain state of the suites.

    Raises:
        LookupError: there is no such vendor; the message lists those that exist.
    """
    return StubApp(vendor, import_submodules(stub_vendors, vendor).stub, validate=check, furnished=furnished)
