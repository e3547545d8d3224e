"""The consoles print text as it is."""

from __future__ import annotations

import importlib

import pytest
from rich.console import Console

from gate.console import create_console


@pytest.mark.parametrize(
    "module", ["gate", "consumer_tests.__main__", "provider_verification.conformance.__main__"]
)
def test_line_number_of_a_path_is_not_replaced_by_an_emoji(module: str) -> None:
    """Rich would print `:100:` as a sign."""
    console: Console = create_console() if module == "gate" else importlib.import_module(module).console

    with console.capture() as capture:
        console.print("consumer_tests/apaleo/reservations.py:100: the request does not match")

    assert capture.get() == "consumer_tests/apaleo/reservations.py:100: the request does not match\n"


@pytest.mark.parametrize(
    "module", ["gate", "consumer_tests.__main__", "provider_verification.conformance.__main__"]
)
def test_long_line_is_not_wrapped(module: str) -> None:
    """A path that is broken in the middle cannot be copied."""
    console: Console = create_console() if module == "gate" else importlib.import_module(module).console
    path = "folder/" * 60

    with console.capture() as capture:
        console.print(path)

    assert capture.get() == f"{path}\n"
