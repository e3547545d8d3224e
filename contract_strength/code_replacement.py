"""Gives the functions of an imported module the code of a mutant, so that nothing has to be imported again."""

from __future__ import annotations

import inspect
import sys
from collections import Counter
from collections.abc import Iterator
from types import CodeType, FunctionType
from typing import Any

from contract_strength.ast_mutations import SourceMutant


def replace_code(mutant: SourceMutant) -> None:
    """Replace the code of the functions and methods of the mutant's module, wherever they are referred to.

    What runs when the module is imported stays as it is: constants, default values and decorators.
    """
    module = sys.modules[mutant.module]
    codes = list(_nested_codes(compile(mutant.source, f"<mutant of {mutant.module}>", "exec")))
    counts = Counter(code.co_qualname for code in codes)
    # the setter of a property has the name of its getter
    by_name = {code.co_qualname: code for code in codes if counts[code.co_qualname] == 1}
    for function in _functions(module, mutant.module):
        code = by_name.get(function.__code__.co_qualname)
        if code is not None and code.co_freevars == function.__code__.co_freevars:
            function.__code__ = code


def _nested_codes(code: CodeType) -> Iterator[CodeType]:
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield constant
            yield from _nested_codes(constant)


def _functions(holder: object, module: str) -> Iterator[FunctionType]:
    """Yield the functions of a module or class that the module defines, without their decorators."""
    for value in list(vars(holder).values()):
        if getattr(value, "__module__", None) == module and isinstance(value, type):
            yield from _functions(value, module)
            continue
        function = inspect.unwrap(_undecorated(value))
        if isinstance(function, FunctionType) and function.__module__ == module:
            yield function


def _undecorated(value: Any) -> Any:
    """Return the function of a property, a class method, a static method or a cached property."""
    for name in ("fget", "__func__", "func"):
        if (function := getattr(value, name, None)) is not None:
            return function
    return value
