"""Imports a mutant in place of its module."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType

from contract_strength.ast_mutations import SourceMutant


class _MutantLoader(MetaPathFinder, Loader):
    """Loads one module from the source of a mutant."""

    def __init__(self, mutant: SourceMutant) -> None:
        self._mutant = mutant

    def find_spec(
        self,
        fullname: str,
        path: object,  # noqa: ARG002 - the import system passes it
        target: ModuleType | None = None,  # noqa: ARG002 - the import system passes it
    ) -> ModuleSpec | None:
        return importlib.util.spec_from_loader(fullname, self) if fullname == self._mutant.module else None

    def exec_module(self, module: ModuleType) -> None:
        code = compile(self._mutant.source, f"<mutant of {self._mutant.module}>", "exec")
        exec(code, module.__dict__)  # noqa: S102 - the project's own code


@contextmanager
def mutated(mutant: SourceMutant) -> Iterator[None]:
    """Make every import of the mutant's module load the mutant, as long as the block."""
    loader = _MutantLoader(mutant)
    sys.meta_path.insert(0, loader)
    try:
        yield
    finally:
        sys.meta_path.remove(loader)


def forget(*packages: str) -> None:
    """Make the next import of these modules, and of all inside them, load them again."""
    for package in packages:
        for name in [name for name in sys.modules if name == package or name.startswith(f"{package}.")]:
            del sys.modules[name]
