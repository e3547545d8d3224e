"""Finds vendors by the folders of a package: one subpackage is one vendor, so adding a vendor edits no list."""

from __future__ import annotations

import importlib
import pkgutil
from types import ModuleType


def package_names(package: ModuleType) -> list[str]:
    """Return the names of the subpackages of `package`, sorted."""
    return sorted(module.name for module in pkgutil.iter_modules(package.__path__) if module.ispkg)


def import_submodules(package: ModuleType, name: str) -> ModuleType:
    """Import the subpackage `name` of `package` with all its modules, in alphabetical order, and return it.

    Raises:
        LookupError: `package` has no subpackage of that name; the message lists those that exist.
    """
    names = package_names(package)
    if name not in names:
        raise LookupError(f"no vendor '{name}' in {package.__name__}: available are {', '.join(names)}")
    subpackage = importlib.import_module(f"{package.__name__}.{name}")
    for module in sorted(module.name for module in pkgutil.iter_modules(subpackage.__path__)):
        importlib.import_module(f"{subpackage.__name__}.{module}")
    return subpackage
